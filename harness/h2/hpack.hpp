// Field sections as octets (RFC 7541).
// The encoder is ours and writes every form the RFC has, because a case may ask for any of them (REQ-13). The decoder
// is nghttp2's: two implementations that test each other.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/octets.hpp"
#include "base/result.hpp"

struct nghttp2_hd_inflater;

namespace upspec::h2 {

struct Field {
  std::string name;
  std::string value;
  bool operator==(const Field&) const = default;
};
using FieldSection = std::vector<Field>;

// The first value of that name, or nothing. Names compare octet by octet: HTTP/2 names are lower case.
const std::string* find(const FieldSection& section, std::string_view name);
std::size_t count(const FieldSection& section, std::string_view name);

// How a field is written (RFC 7541 6).
enum class Indexing {
  automatic,    // indexed where a table has the whole field; else literal with incremental indexing
  incremental,  // literal with incremental indexing (6.2.1), even where a table has it
  without,      // literal without indexing (6.2.2)
  never,        // literal never indexed (6.2.3)
};

struct FieldForm {
  Indexing indexing = Indexing::automatic;
  bool huffman = true;       // strings in Huffman code, always (even where it is longer), or never
  bool indexed_name = true;  // the name by its index where a table has it, or always literal
  bool resized = false;      // the block begins with the table's size set to 0 and back (RFC 7541 6.3)
};

class FieldEncoder {
 public:
  Octets encode(const FieldSection& section, FieldForm form = {});
  // The peer's SETTINGS_HEADER_TABLE_SIZE; told to it at the start of the next block (RFC 7541 6.3). What it allows
  // beyond `largest_table` is not used: a peer must not decide how much we remember.
  void limit_table(std::uint32_t octets);

  static constexpr std::size_t largest_table = 1u << 16;

 private:
  void announce_limit(Octets& out);
  void encode_field(Octets& out, const Field& field, FieldForm form);
  void remember(const Field& field);
  void evict();
  // The index of the whole field and of the name; 0: not there.
  std::pair<std::size_t, std::size_t> look_up(const Field& field) const;

  std::vector<Field> table_;  // newest last
  std::size_t evicted_ = 0;   // of these
  std::size_t size_ = 0;
  std::size_t limit_ = 4096;
  std::optional<std::size_t> lowest_;  // of the limits since the last block; nothing: no change to announce
};

// Holds one connection's table, so every block must pass through it, in order.
class FieldDecoder {
 public:
  // One whole block. Fails where RFC 7541 is not followed, or when the section is larger than `largest_section` octets
  // (as SETTINGS_MAX_HEADER_LIST_SIZE counts), or a string longer than nghttp2 takes (65536 octets on the wire); the
  // connection cannot go on then (COMPRESSION_ERROR), and every later block fails too.
  Result<FieldSection> decode(OctetView block);

  static constexpr std::size_t largest_section = 1u << 20;

 private:
  struct Free {
    void operator()(nghttp2_hd_inflater* dead) const;
  };
  Result<FieldSection> inflate(OctetView block);

  std::unique_ptr<nghttp2_hd_inflater, Free> inflater_;
  bool broken_ = false;
};

}  // namespace upspec::h2
