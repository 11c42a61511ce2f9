// Text, fields and heads: the part of mutate.hpp that knows no step.
#include <algorithm>
#include <array>
#include <utility>

#include "base/text.hpp"
#include "script/mutate.hpp"
#include "script/mutate_parts.hpp"
#include "script/words.hpp"

namespace upspec::script {
namespace {

constexpr std::size_t longest_text = 2048;

std::size_t place(const std::string& text, Random& random) { return random.below(text.size() + 1); }

void insert_octet(std::string& text, Random& random) {
  text.insert(place(text, random), 1, any_of(odd_octets, random));
}
void drop_range(std::string& text, Random& random) {
  const auto from = place(text, random);
  text.erase(from, 1 + random.below(one_in(4, random) ? 16 : 2));
}
void repeat_range(std::string& text, Random& random) {
  const auto from = place(text, random);
  const auto piece = text.substr(from, 1 + random.below(16));
  const auto times = one_in(8, random) ? 1 + random.below(64) : 1;
  for (std::uint64_t i = 0; i < times && text.size() < longest_text; ++i) text.insert(from, piece);
}
void change_octet(std::string& text, Random& random) {
  if (text.empty()) return insert_octet(text, random);
  auto& octet = text[random.below(text.size())];
  octet = one_in(2, random) ? any_of(odd_octets, random) : static_cast<char>(octet ^ (1 << random.below(8)));
}
void fold_case(std::string& text, Random& random) {
  if (text.empty()) return;
  auto& octet = text[random.below(text.size())];
  if ((octet >= 'a' && octet <= 'z') || (octet >= 'A' && octet <= 'Z')) octet = static_cast<char>(octet ^ 0x20);
}

// What a number can become that a lenient reader takes for it, or for another.
std::string other_number(const std::string& digits, Random& random) {
  const auto number = to_number(digits).value_or(0);
  switch (random.below(11)) {
    case 0:
      return cat(number + 1);
    case 1:
      return cat(number - 1);
    case 2:
      return cat(one_in(2, random) ? "+" : "-", digits);
    case 3:
      return cat(digits, one_in(2, random) ? ", " : ",", digits);
    case 4:
      return cat(digits, ", ", number + 1);
    case 5:
      return cat("0", digits);
    case 6:
      return cat(digits.substr(0, 1), " ", digits.substr(1));
    case 7:
      return cat("0x", digits);
    case 8:
      return cat(digits, one_in(2, random) ? ".0" : ";");
    case 9:
      return cat("1844674407370955", 1616 + number % 8000);  // 2^64 more
    default:
      return cat(any_of(numbers, random));
  }
}
using Change = void (*)(std::string&, Random&);
constexpr std::array<Change, 6> changes = {insert_octet, drop_range, repeat_range,
                                           change_octet, fold_case,  change_number};

// One of the values that fields of that name hold; none where nothing is known of them.
std::string known_value(std::string_view name, Random& random) {
  const auto known = std::ranges::find(field_words, name, &FieldWords::name);
  if (known == field_words.end()) return {};
  std::string value(any_of(split(known->values, '|'), random));
  if (one_in(4, random)) change_number(value, random);
  return value;
}

std::string any_value(std::string_view name, Random& random) {
  if (name == ":upgrade" || name == "upgrade" || name == ":protocol") {
    std::string value(any_of(protocols, random));
    for (auto more = random.below(3); more > 0; --more) value += cat("; ", any_of(attributes, random));
    if (one_in(4, random)) value += cat(", ", any_of(protocols, random));
    return value;
  }
  if (auto value = known_value(name, random); !value.empty() && !one_in(4, random)) return value;
  return std::string(any_of(field_values, random));
}

// A value with which the field is right.
std::string right_value(std::string_view name, Random& random) {
  constexpr auto known = std::to_array<std::pair<std::string_view, std::string_view>>({{"te", "trailers"},
                                                                                       {"host", "localhost"},
                                                                                       {"content-length", "0"},
                                                                                       {"expect", "100-continue"},
                                                                                       {"http2-settings", "AAMAAABk"}});
  const auto at = std::ranges::find(known, name, [](const auto& one) { return one.first; });
  return at == known.end() ? any_value(name, random) : std::string(at->second);
}

// An attribute together with the field that it names: neither of them is right alone.
void name_a_field(h2::FieldSection& fields, Random& random) {
  const auto offers = std::ranges::find(fields, ":upgrade", &h2::Field::name);
  if (offers == fields.end()) return;
  const auto name = any_of(attributes, random);
  offers->value += cat("; ", name);
  if (h2::find(fields, name) == nullptr && fields.size() < most_fields)
    fields.push_back({std::string(name), right_value(name, random)});
}

// Where such a field belongs, three times in four: what is wrong beside it would hide what is wrong with it.
std::ptrdiff_t place_of(const h2::FieldSection& fields, std::string_view name, Random& random) {
  if (one_in(4, random)) return static_cast<std::ptrdiff_t>(random.below(fields.size() + 1));
  const auto regular =
      std::ranges::find_if(fields, [](const h2::Field& field) { return !field.name.starts_with(':'); });
  return (name.starts_with(':') ? regular : fields.end()) - fields.begin();
}

void insert_field(h2::FieldSection& fields, h2::Field field, Random& random) {
  if (fields.size() >= most_fields) return;
  const auto at = place_of(fields, field.name, random);
  fields.insert(fields.begin() + at, std::move(field));
}

// Once more, as it is or with another value.
void double_field(h2::FieldSection& fields, Random& random) {
  auto copy = any_of(fields, random);
  if (one_in(3, random)) copy.value = any_value(copy.name, random);
  if (one_in(3, random)) any_of(changes, random)(copy.value, random);
  insert_field(fields, std::move(copy), random);
}

}  // namespace

void change_number(std::string& text, Random& random) {
  constexpr std::string_view digits = "0123456789";
  auto from = text.find_first_of(digits, place(text, random));
  if (from == text.npos) from = text.find_first_of(digits);
  if (from == text.npos) return insert_octet(text, random);
  while (from > 0 && digits.find(text[from - 1]) != digits.npos) --from;
  const auto size = std::min(text.find_first_not_of(digits, from), text.size()) - from;
  text.replace(from, size, other_number(text.substr(from, size), random));
}

std::string mutate_offers(std::string value, Random& random) {
  switch (random.below(6)) {
    case 0:
      return any_value(":upgrade", random);
    case 1:
      return cat(value, one_in(2, random) ? "; " : ";", any_of(attributes, random));
    case 2:
      return cat(value, ", ", any_of(protocols, random));
    case 3: {
      const auto at = place(value, random);
      value.insert(at, any_of(protocols, random));
      return value;
    }
    default:
      any_of(changes, random)(value, random);
      return value;
  }
}

void mutate_fields(h2::FieldSection& fields, Random& random) {
  const auto at = [&] { return fields.begin() + static_cast<std::ptrdiff_t>(random.below(fields.size())); };
  if (fields.empty() || (one_in(4, random) && fields.size() < most_fields)) {
    const auto name = any_of(field_names, random);
    return insert_field(fields, {std::string(name), any_value(name, random)}, random);
  }
  switch (random.below(8)) {
    case 0:
      fields.erase(at());
      break;
    case 1:
      double_field(fields, random);
      break;
    case 2:
      std::iter_swap(at(), at());
      break;
    case 3:
      at()->name = any_of(field_names, random);
      break;
    case 4: {
      const auto field = at();
      field->value = any_value(field->name, random);
      break;
    }
    case 5: {
      const auto field = at();
      if (field->name == ":upgrade") {
        field->value = mutate_offers(std::move(field->value), random);
      } else {
        any_of(changes, random)(field->value, random);
      }
      break;
    }
    case 6:
      name_a_field(fields, random);
      break;
    default:
      any_of(changes, random)(one_in(4, random) ? at()->name : at()->value, random);
  }
}

std::string mutate_head(std::string_view head, Random& random) {
  std::vector<std::string> lines;
  for (auto rest = head; !rest.empty();) {
    const auto end = std::min(rest.find('\n'), rest.size() - 1);
    lines.emplace_back(rest.substr(0, end + 1));
    rest.remove_prefix(end + 1);
  }
  const auto at = [&] { return lines.begin() + static_cast<std::ptrdiff_t>(random.below(lines.size())); };
  switch (lines.empty() ? 0 : random.below(7)) {
    case 0:
      lines.emplace(lines.empty() ? lines.end() : at(), any_of(head_lines, random));
      break;
    case 1:
      lines.erase(at());
      break;
    case 2: {
      const auto copy = *at();
      lines.push_back(copy);
      break;
    }
    case 3:
      std::iter_swap(at(), at());
      break;
    case 4:
      *at() = any_of(head_lines, random);
      break;
    case 5: {
      auto& line = *at();
      if (line.ends_with("\r\n")) line.erase(line.size() - (one_in(2, random) ? 2 : 1), 1);
      break;
    }
    default:
      any_of(changes, random)(*at(), random);
  }
  std::string out;
  for (const auto& line : lines) out += line;
  return out.substr(0, 8 * longest_text);
}

}  // namespace upspec::script
