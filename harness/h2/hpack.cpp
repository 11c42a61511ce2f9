#include "h2/hpack.hpp"

#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <array>
#include <new>
#include <ranges>

#include "base/text.hpp"
#include "h2/hpack_tables.hpp"

namespace upspec::h2 {

using hpack_tables::huffman_codes;
using hpack_tables::static_table;

const std::string* find(const FieldSection& section, std::string_view name) {
  const auto found = std::ranges::find(section, name, &Field::name);
  return found == section.end() ? nullptr : &found->value;
}

std::size_t count(const FieldSection& section, std::string_view name) {
  return static_cast<std::size_t>(std::ranges::count(section, name, &Field::name));
}

namespace {

// What most sections need, so that they are not moved while they grow.
constexpr std::size_t usual_fields = 8;
constexpr std::size_t usual_block = 128;

// Names of one length mostly differ in their last octet, and many are compared.
bool same_name(std::string_view a, std::string_view b) {
  return a.size() == b.size() && (a.empty() || (a.back() == b.back() && a == b));
}

// How a representation begins: the first octet's pattern, and how many of its bits the number has.
struct Form {
  std::uint8_t pattern;
  int prefix;
};

constexpr Form indexed{0x80, 7};     // RFC 7541 6.1
constexpr Form table_size{0x20, 5};  // 6.3
constexpr Form plain_text{0x00, 7};  // 5.2
constexpr Form huffman_text{0x80, 7};

constexpr Form incremental{0x40, 6};
// By Indexing: RFC 7541 6.2.1 (twice), 6.2.2, 6.2.3.
constexpr std::array literals{incremental, incremental, Form{0x00, 4}, Form{0x10, 4}};

// RFC 7541 5.1.
void write_integer(Octets& out, Form form, std::size_t value) {
  const std::size_t most = (std::size_t{1} << form.prefix) - 1;
  out.push_back(static_cast<std::uint8_t>(form.pattern | std::min(value, most)));
  if (value < most) return;
  for (value -= most; value >= 128; value >>= 7) out.push_back(static_cast<std::uint8_t>(value | 128));
  out.push_back(static_cast<std::uint8_t>(value));
}

std::size_t huffman_size(std::string_view text) {
  std::size_t bits = 0;
  for (const auto octet : as_octets(text)) bits += huffman_codes[octet].length;
  return (bits + 7) / 8;
}

// RFC 7541 5.2: the last octet is filled with the first bits of EOS, which are ones.
void write_huffman(Octets& out, std::string_view text) {
  std::uint64_t bits = 0;
  int waiting = 0;  // how many of the last bits are not yet out: 7 and 30 at most
  for (const auto octet : as_octets(text)) {
    const auto& code = huffman_codes[octet];
    bits = bits << code.length | code.bits;
    for (waiting += code.length; waiting >= 8; waiting -= 8) {
      out.push_back(static_cast<std::uint8_t>(bits >> (waiting - 8)));
    }
  }
  if (waiting > 0) out.push_back(static_cast<std::uint8_t>(bits << (8 - waiting) | 0xffu >> waiting));
}

void write_string(Octets& out, std::string_view text, bool in_huffman) {
  if (!in_huffman) {
    write_integer(out, plain_text, text.size());
    return append(out, as_octets(text));
  }
  write_integer(out, huffman_text, huffman_size(text));
  write_huffman(out, text);
}

// RFC 7541 4.1; RFC 9113 6.5.2 counts a section the same way.
std::size_t cost(std::size_t name, std::size_t value) { return name + value + 32; }
std::size_t cost(const Field& field) { return cost(field.name.size(), field.value.size()); }

}  // namespace

Octets FieldEncoder::encode(const FieldSection& section, FieldForm form) {
  Octets out;
  if (form.resized) {
    const auto limit = static_cast<std::uint32_t>(limit_);
    limit_table(0);
    limit_table(limit);
  }
  out.reserve(usual_block);
  announce_limit(out);
  for (const auto& field : section) encode_field(out, field, form);
  return out;
}

void FieldEncoder::limit_table(std::uint32_t octets) {
  const auto limit = std::min<std::size_t>(octets, largest_table);
  if (limit == limit_) return;
  lowest_ = std::min(limit, lowest_.value_or(limit));
  limit_ = limit;
  evict();
}

// RFC 7541 4.2: the smallest limit since the last block is told too, because it has emptied the table.
void FieldEncoder::announce_limit(Octets& out) {
  if (!lowest_) return;
  if (*lowest_ < limit_) write_integer(out, table_size, *lowest_);
  write_integer(out, table_size, limit_);
  lowest_.reset();
}

void FieldEncoder::encode_field(Octets& out, const Field& field, FieldForm form) {
  const auto [whole, name] = look_up(field);
  if (form.indexing == Indexing::automatic && whole != 0) return write_integer(out, indexed, whole);
  const std::size_t index = form.indexed_name ? name : 0;
  const Form literal = literals[static_cast<std::size_t>(form.indexing)];
  write_integer(out, literal, index);
  if (index == 0) write_string(out, field.name, form.huffman);
  write_string(out, field.value, form.huffman);
  if (literal.pattern == incremental.pattern) remember(field);
}

// RFC 7541 4.4: what is larger than the table empties it.
void FieldEncoder::remember(const Field& field) {
  if (table_.empty()) table_.reserve(usual_fields);
  table_.push_back(field);
  size_ += cost(field);
  evict();
}

void FieldEncoder::evict() {
  while (size_ > limit_) size_ -= cost(table_[evicted_++]);
  if (evicted_ <= table_.size() / 2) return;
  table_.erase(table_.begin(), table_.begin() + static_cast<std::ptrdiff_t>(evicted_));
  evicted_ = 0;
}

// RFC 7541 2.3.3: one numbering, the static table first.
std::pair<std::size_t, std::size_t> FieldEncoder::look_up(const Field& field) const {
  std::size_t index = 0, name = 0;
  const auto is_whole = [&](const auto& entry) {
    ++index;
    if (!same_name(entry.name, field.name)) return false;
    if (name == 0) name = index;
    return entry.value == field.value;
  };
  const bool found = std::ranges::any_of(static_table, is_whole) ||
                     std::ranges::any_of(table_ | std::views::drop(evicted_) | std::views::reverse, is_whole);
  return {found ? index : 0, name};
}

// The decoder

void FieldDecoder::Free::operator()(nghttp2_hd_inflater* dead) const { nghttp2_hd_inflate_del(dead); }

Result<FieldSection> FieldDecoder::inflate(OctetView block) {
  FieldSection section;
  section.reserve(usual_fields);
  std::size_t size = 0;
  for (int flags = 0; (flags & NGHTTP2_HD_INFLATE_FINAL) == 0;) {
    nghttp2_nv field{};
    flags = 0;
    const auto used = nghttp2_hd_inflate_hd2(inflater_.get(), &field, &flags, block.data(), block.size(), 1);
    if (used < 0) return fail(cat("the field block is not HPACK: ", nghttp2_strerror(static_cast<int>(used))));
    block = block.subspan(static_cast<std::size_t>(used));
    if ((flags & NGHTTP2_HD_INFLATE_EMIT) != 0) {
      size += cost(field.namelen, field.valuelen);
      if (size > largest_section) return fail(cat("the field section is larger than ", largest_section, " octets"));
      section.push_back({to_text({field.name, field.namelen}), to_text({field.value, field.valuelen})});
    } else if ((flags & NGHTTP2_HD_INFLATE_FINAL) == 0 && block.empty()) {
      return fail("the field block ends within a field");
    }
  }
  nghttp2_hd_inflate_end_headers(inflater_.get());
  return section;
}

Result<FieldSection> FieldDecoder::decode(OctetView block) {
  if (!inflater_) {  // many connections never need one
    nghttp2_hd_inflater* fresh = nullptr;
    if (nghttp2_hd_inflate_new(&fresh) != 0) throw std::bad_alloc();
    inflater_.reset(fresh);
  }
  if (broken_) return fail("an earlier field block was wrong, so the table is unknown");
  auto section = inflate(block);
  broken_ = !section.has_value();
  return section;
}

}  // namespace upspec::h2
