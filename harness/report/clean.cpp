#include "report/clean.hpp"

#include <array>

#include "base/text.hpp"

namespace upspec::report {

namespace {

// One row a length: how the first octet looks, and the least code point that needs this length (RFC 3629).
struct Utf8Form {
  std::uint8_t mask, lead;
  std::size_t length;
  std::uint32_t least;
};
constexpr std::array<Utf8Form, 4> utf8_forms = {{
    {0x80, 0x00, 1, 0x0},
    {0xe0, 0xc0, 2, 0x80},
    {0xf0, 0xe0, 3, 0x800},
    {0xf8, 0xf0, 4, 0x10000},
}};

struct CodePoint {
  std::uint32_t value = 0;
  std::size_t length = 0;  // 0: the octets are not UTF-8
};

CodePoint code_point_at(OctetView octets) {
  for (const auto& form : utf8_forms) {
    if ((octets[0] & form.mask) != form.lead) continue;
    if (octets.size() < form.length) return {};
    std::uint32_t value = octets[0] & static_cast<std::uint8_t>(~form.mask);
    for (const auto more : octets.subspan(1, form.length - 1)) {
      if ((more & 0xc0) != 0x80) return {};
      value = value << 6 | (more & 0x3f);
    }
    return value < form.least ? CodePoint{} : CodePoint{value, form.length};
  }
  return {};
}

// XML 1.0 section 2.2, less DEL and the C1 controls, which XML discourages and a terminal obeys.
// CR is left out too: a parser would turn it into LF.
bool can_stand(std::uint32_t c) {
  if (c < 0x20) return c == '\n' || c == '\t';
  if (c < 0xd800) return c < 0x7f || c > 0x9f;
  return (c > 0xdfff && c < 0xfffe) || (c > 0xffff && c <= 0x10ffff);
}

bool no_line_or_tab(std::uint32_t c) { return c >= 0x20 && can_stand(c); }
bool ascii_or_line(std::uint32_t c) { return c == '\n' || (c >= 0x20 && c < 0x7f); }
bool ascii_only(std::uint32_t c) { return c >= 0x20 && c < 0x7f; }

std::string keep(std::string_view text, std::size_t at_most, bool (*stands)(std::uint32_t)) {
  std::string out;
  const auto octets = as_octets(text.substr(0, at_most));
  for (std::size_t at = 0; at < octets.size();) {
    const auto [value, length] = code_point_at(octets.subspan(at));
    if (length > 0 && stands(value)) {
      out += as_text(octets.subspan(at, length));
      at += length;
    } else {
      out += cat("\\x", hex(octets.subspan(at, 1)));
      ++at;
    }
  }
  if (text.size() > at_most) out += cat("... (", text.size(), " octets)");
  return out;
}

std::string_view entity_of(char c) {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    case '\'':
      return "&#39;";
    default:
      return {};
  }
}

}  // namespace

std::string clean(std::string_view text, std::size_t at_most) { return keep(text, at_most, can_stand); }
std::string clean_line(std::string_view text, std::size_t at_most) { return keep(text, at_most, no_line_or_tab); }
std::string ascii(std::string_view text, std::size_t at_most) { return keep(text, at_most, ascii_or_line); }
std::string ascii_line(std::string_view text, std::size_t at_most) { return keep(text, at_most, ascii_only); }

std::string markup(std::string_view text, std::size_t at_most) {
  std::string out;
  for (const char c : clean(text, at_most)) {
    if (const auto entity = entity_of(c); !entity.empty()) {
      out += entity;
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace upspec::report
