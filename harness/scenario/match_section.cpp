#include "scenario/match_section.hpp"

#include <algorithm>

#include "base/regex.hpp"
#include "base/text.hpp"

namespace upspec {

namespace {

bool list_matches(const Pattern& pattern, std::string_view value, const Scope& scope) {
  std::vector<std::string> left;
  for (const auto member : split(value, ','))
    if (!trim(member).empty()) left.push_back(lower(trim(member)));
  for (const auto& member : pattern.members) {
    const auto at = std::ranges::find(left, lower(filled(member, scope)));
    if (at == left.end()) return false;
    left.erase(at);
  }
  for (const auto& member : pattern.forbidden)
    if (std::ranges::find(left, lower(filled(member, scope))) != left.end()) return false;
  return left.empty() || pattern.others;
}

bool matches(const Pattern& pattern, const std::string& value, const Scope& scope) {
  switch (pattern.kind) {
    case Pattern::Kind::exact:
      return value == filled(pattern.text, scope);
    case Pattern::Kind::any:
      return true;
    case Pattern::Kind::regex:
      return matches_regex(value, filled(pattern.text, scope));
    case Pattern::Kind::list:
      return list_matches(pattern, value, scope);
  }
  return false;
}

std::optional<std::string> wrong_field(const FieldExpectation& field, const h2::FieldSection& section, Scope& scope) {
  const auto* value = h2::find(section, field.name);
  if (field.absent) return value ? std::optional(cat(field.name, " is there: ", quoted(*value))) : std::nullopt;
  if (!value) return cat(field.name, " is missing");
  for (const auto& one : section) {
    if (one.name != field.name || !matches(field.pattern, one.value, scope)) continue;
    if (!field.pattern.capture.empty()) scope[field.pattern.capture] = one.value;
    return std::nullopt;
  }
  return cat(field.name, " is ", quoted(*value));
}

// ---- HTTP/1.1 ------------------------------------------------------------------------------------------------------

// RFC 9110 7.6.1, 7.8 and RFC 9112 6.1 compare these without regard to case.
bool is_folded(std::string_view name) {
  return name == "connection" || name == "upgrade" || name == "transfer-encoding";
}

bool matches_h1(const FieldExpectation& field, const std::string& value, const Scope& scope) {
  if (field.pattern.kind == Pattern::Kind::exact && is_folded(field.name))
    return equal_folded(value, filled(field.pattern.text, scope));
  return matches(field.pattern, value, scope);
}

// A list may stand on several lines; any other value is one line's.
std::optional<std::string> wrong_h1_field(const FieldExpectation& field, const h2::FieldSection& section,
                                          Scope& scope) {
  std::string all;
  std::size_t lines = 0;
  for (const auto& one : section) {
    if (one.name != field.name) continue;
    all += cat(lines++ == 0 ? "" : ", ", one.value);
    const bool holds =
        !field.absent && field.pattern.kind != Pattern::Kind::list && matches_h1(field, one.value, scope);
    if (!holds) continue;
    if (!field.pattern.capture.empty()) scope[field.pattern.capture] = one.value;
    return std::nullopt;
  }
  if (field.absent) return lines == 0 ? std::nullopt : std::optional(cat(field.name, " is there: ", quoted(all)));
  if (lines == 0) return cat(field.name, " is missing");
  if (field.pattern.kind == Pattern::Kind::list && list_matches(field.pattern, all, scope)) return std::nullopt;
  return cat(field.name, " is ", quoted(all));
}

// "GET /any?q=1 HTTP/1.1", word by word; what stands behind the pattern's last word (a reason phrase) is not looked at.
std::optional<std::string> wrong_start_line(const std::vector<Pattern>& wanted, std::string_view line, Scope& scope) {
  const auto words = split(line, ' ');
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const auto word = std::string(i < words.size() ? words[i] : "");
    if (i >= words.size() || !matches(wanted[i], word, scope)) return "its start line is another";
    if (!wanted[i].capture.empty()) scope[wanted[i].capture] = word;
  }
  return std::nullopt;
}

}  // namespace

std::string filled(const Template& text, const Scope& scope) { return text.fill(scope).value_or("(not known)"); }

bool means_interim(const ExpectHeaders& part) {
  return std::ranges::any_of(part.fields, [](const FieldExpectation& field) {
    return field.name == ":status" && field.pattern.kind == Pattern::Kind::exact &&
           field.pattern.text.fill({}).value_or("").starts_with('1');
  });
}

std::optional<std::string> wrong_section(const ExpectHeaders& part, const StreamItem& item, Scope& scope) {
  for (const auto& field : part.fields)
    if (auto wrong = wrong_field(field, item.fields, scope)) return wrong;
  if (part.end && *part.end != item.end_stream)
    return item.end_stream ? "it has END_STREAM" : "it is without END_STREAM";
  return std::nullopt;
}

std::optional<std::string> wrong_head(const ExpectHead& part, const StreamItem& item, Scope& scope) {
  if (auto wrong = wrong_start_line(part.start, item.line, scope)) return wrong;
  for (const auto& field : part.fields)
    if (auto wrong = wrong_h1_field(field, item.fields, scope)) return wrong;
  return std::nullopt;
}

bool means_interim(const ExpectHead& part) {
  return part.start.size() > 1 && part.start[1].kind == Pattern::Kind::exact &&
         part.start[1].text.fill({}).value_or("").starts_with('1');
}

}  // namespace upspec
