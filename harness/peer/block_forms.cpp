#include "peer/block_forms.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

namespace upspec {

namespace {

constexpr std::uint64_t static_entries = 61;

using Form = WrittenField::Form;

// The first octet of a representation: its pattern, and how many bits the index has.
struct Pattern {
  std::uint8_t mask, bits;
  int prefix;
  std::optional<Form> form;  // nothing: the table is resized
};
constexpr std::array patterns = {
    Pattern{0x80, 0x80, 7, Form::indexed},          Pattern{0xc0, 0x40, 6, Form::incremental},
    Pattern{0xe0, 0x20, 5, std::nullopt},           Pattern{0xf0, 0x10, 4, Form::never_indexed},
    Pattern{0xf0, 0x00, 4, Form::without_indexing},
};

class Cursor {
 public:
  explicit Cursor(OctetView octets) : rest_(octets) {}
  bool at_end() const { return rest_.empty(); }
  std::uint8_t peek() const { return rest_.front(); }

  // RFC 7541 5.1.
  std::optional<std::uint64_t> number(int prefix) {
    if (rest_.empty()) return std::nullopt;
    const std::uint64_t most = (1u << prefix) - 1;
    std::uint64_t value = take() & most;
    if (value < most) return value;
    for (int shift = 0; shift <= 28 && !rest_.empty(); shift += 7) {
      const auto octet = take();
      value += static_cast<std::uint64_t>(octet & 0x7f) << shift;
      if ((octet & 0x80) == 0) return value;
    }
    return std::nullopt;
  }

  // RFC 7541 5.2: is it in Huffman code? The text itself is passed over.
  std::optional<bool> text() {
    if (rest_.empty()) return std::nullopt;
    const bool huffman = (peek() & 0x80) != 0;
    const auto size = number(7);
    if (!size || *size > rest_.size()) return std::nullopt;
    rest_ = rest_.subspan(*size);
    return huffman;
  }

 private:
  std::uint8_t take() {
    const auto octet = rest_.front();
    rest_ = rest_.subspan(1);
    return octet;
  }

  OctetView rest_;
};

std::optional<WrittenField> read_field(Cursor& cursor, const Pattern& pattern) {
  const auto index = cursor.number(pattern.prefix);
  if (!index) return std::nullopt;
  WrittenField field{.form = *pattern.form, .dynamic = *index > static_entries};
  if (field.form == Form::indexed) return field;
  if (*index == 0 && !cursor.text()) return std::nullopt;
  const auto huffman = cursor.text();
  if (!huffman) return std::nullopt;
  field.plain_value = !*huffman;
  return field;
}

}  // namespace

WrittenBlock scan_block(OctetView block) {
  WrittenBlock out;
  Cursor cursor(block);
  while (!cursor.at_end()) {
    const auto& pattern =
        *std::ranges::find_if(patterns, [&](const Pattern& one) { return (cursor.peek() & one.mask) == one.bits; });
    if (!pattern.form) {
      out.resizes_table = true;
      if (!cursor.number(pattern.prefix)) break;
      continue;
    }
    const auto field = read_field(cursor, pattern);
    if (!field) break;
    out.fields.push_back(*field);
  }
  return out;
}

}  // namespace upspec
