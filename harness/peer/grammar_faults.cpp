// The faults of REQ-08: what a reader that forgives makes of a value outside the grammar (protocol.md section 3).
#include <array>
#include <string>

#include "base/text.hpp"
#include "peer/section_edit.hpp"
#include "peer/server_faults.hpp"
#include "upgrade/offer.hpp"

namespace upspec {

namespace {

using Case = RequestCase;

std::string without_octets(std::string_view value, bool (*is_bad)(std::uint8_t)) {
  std::string out;
  for (const char c : value)
    if (!is_bad(static_cast<std::uint8_t>(c))) out += c;
  return out;
}

template <bool (*is_bad)(std::uint8_t)>
std::string skip(std::string_view value) {
  return without_octets(value, is_bad);
}
bool is_nul(std::uint8_t c) { return c == 0; }
bool is_cr(std::uint8_t c) { return c == '\r'; }
bool is_lf(std::uint8_t c) { return c == '\n'; }
bool is_del(std::uint8_t c) { return c == 0x7f; }
bool is_high(std::uint8_t c) { return c >= 0x80; }
bool is_quote(std::uint8_t c) { return c == '"'; }
bool is_other_space(std::uint8_t c) { return c == '\v' || c == '\f'; }
bool is_control(std::uint8_t c) {
  return c > 0 && c < 0x20 && std::string_view("\t\r\n\v\f").find(static_cast<char>(c)) == std::string_view::npos;
}

// Each member of the list, or each piece between ';' of each member, changed or left out (nothing).
using Change = std::optional<std::string> (*)(std::string_view piece, bool first, bool last);

std::string change_pieces(std::string_view text, char at, Change change) {
  std::vector<std::string> kept;
  const auto pieces = split(text, at);
  for (std::size_t i = 0; i < pieces.size(); ++i)
    if (auto piece = change(trim(pieces[i]), i == 0, i + 1 == pieces.size())) kept.push_back(std::move(*piece));
  return join(kept, at == ',' ? ", " : "; ");
}

template <Change change>
std::string change_members(std::string_view value) {
  return change_pieces(value, ',', change);
}

template <Change change>
std::string change_parts(std::string_view value) {
  return change_pieces(value, ',', [](std::string_view member, bool, bool) -> std::optional<std::string> {
    return change_pieces(member, ';', change);
  });
}

std::optional<std::string> no_empty_member(std::string_view member, bool, bool last) {
  if (member.empty() && !last) return std::nullopt;
  return std::string(member);
}
std::optional<std::string> no_dangling_comma(std::string_view member, bool first, bool last) {
  if (member.empty() && last && !first) return std::nullopt;
  return std::string(member);
}
std::optional<std::string> protocol_first(std::string_view member, bool, bool) {
  if (member.starts_with(';') || member.starts_with('/')) return std::nullopt;
  return std::string(member);
}
std::optional<std::string> no_dangling_semicolon(std::string_view part, bool first, bool last) {
  if (part.empty() && last && !first) return std::nullopt;
  return std::string(part);
}
std::optional<std::string> no_empty_attribute(std::string_view part, bool first, bool last) {
  if (part.empty() && !first && !last) return std::nullopt;
  return std::string(part);
}
std::optional<std::string> before_equals(std::string_view part, bool, bool) {
  return std::string(trim(part.substr(0, part.find('='))));
}
std::optional<std::string> before_delimiter(std::string_view part, bool, bool) {
  return std::string(trim(part.substr(0, part.find_first_of("()<>@:\\[]?{}"))));
}
std::optional<std::string> before_slash(std::string_view part, bool first, bool) {
  return std::string(first ? part : part.substr(0, part.find('/')));
}
std::optional<std::string> one_word(std::string_view part, bool, bool) {
  std::string out;
  for (const auto word : words(part)) out += word;
  return out;
}
std::optional<std::string> whole_version(std::string_view part, bool first, bool) {
  const auto slash = part.find('/');
  const bool odd = slash != part.npos && (slash + 1 == part.size() || part.find('/', slash + 1) != part.npos);
  return std::string(first && odd ? part.substr(0, slash) : part);
}
std::string first_line(std::string_view value) { return std::string(value.substr(0, value.find_first_of("\r\n"))); }
std::string trimmed(std::string_view value) { return std::string(trim(value)); }

template <std::string (*repair)(std::string_view)>
void forgive(Case& c) {
  auto* value = c.upgrade();
  if (!value || parse_offers(*value)) return;
  if (repair != trimmed && parse_offers(trim(*value))) return;  // another variant's business
  *value = repair(*value);
  if (value->empty()) drop(c.fields(), ":upgrade");
}
void ignore_empty(Case& c) {
  const auto* value = c.upgrade();
  if (value && trim(*value).empty()) drop(c.fields(), ":upgrade");
}

constexpr std::array rows = {
    RequestFault{"REQ-08/empty", ignore_empty},
    RequestFault{"REQ-08/empty-member", forgive<change_members<no_empty_member>>},
    RequestFault{"REQ-08/missing-protocol", forgive<change_members<protocol_first>>},
    RequestFault{"REQ-08/dangling-comma", forgive<change_members<no_dangling_comma>>},
    RequestFault{"REQ-08/dangling-semicolon", forgive<change_parts<no_dangling_semicolon>>},
    RequestFault{"REQ-08/empty-attribute", forgive<change_parts<no_empty_attribute>>},
    RequestFault{"REQ-08/equals", forgive<change_parts<before_equals>>},
    RequestFault{"REQ-08/quotes", forgive<skip<is_quote>>},
    RequestFault{"REQ-08/delimiters", forgive<change_parts<before_delimiter>>},
    RequestFault{"REQ-08/attribute-slash", forgive<change_parts<before_slash>>},
    RequestFault{"REQ-08/slash", forgive<change_parts<whole_version>>},
    RequestFault{"REQ-08/outer-space", forgive<trimmed>},
    RequestFault{"REQ-08/inner-space", forgive<change_parts<one_word>>},
    RequestFault{"REQ-08/other-space", forgive<skip<is_other_space>>},
    RequestFault{"REQ-08/control", forgive<skip<is_control>>},
    RequestFault{"REQ-08/nul", forgive<skip<is_nul>>},
    RequestFault{"REQ-08/cr", forgive<skip<is_cr>>},
    RequestFault{"REQ-08/lf", forgive<skip<is_lf>>},
    RequestFault{"REQ-08/crlf", forgive<first_line>},
    RequestFault{"REQ-08/del", forgive<skip<is_del>>},
    RequestFault{"REQ-08/high", forgive<skip<is_high>>},
};

}  // namespace

std::span<const RequestFault> grammar_faults() { return rows; }

}  // namespace upspec
