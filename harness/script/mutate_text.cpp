// Text, fields and heads: the part of mutate.hpp that knows no step.
#include <algorithm>
#include <array>
#include <utility>

#include "base/text.hpp"
#include "script/mutate.hpp"
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

using Change = void (*)(std::string&, Random&);
constexpr std::array<Change, 5> changes = {insert_octet, drop_range, repeat_range, change_octet, fold_case};

std::string any_value(std::string_view name, Random& random) {
  if (name == ":upgrade" || name == "upgrade" || name == ":protocol") {
    std::string value(any_of(protocols, random));
    for (auto more = random.below(3); more > 0; --more) value += cat("; ", any_of(attributes, random));
    if (one_in(4, random)) value += cat(", ", any_of(protocols, random));
    return value;
  }
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

}  // namespace

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
    const auto where = one_in(2, random) || fields.empty() ? fields.end() : at();
    fields.insert(where, {std::string(name), any_value(name, random)});
    return;
  }
  switch (random.below(8)) {
    case 0:
      fields.erase(at());
      break;
    case 1:
      if (fields.size() < most_fields) fields.push_back(*at());
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
