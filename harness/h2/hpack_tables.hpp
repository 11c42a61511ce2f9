// The two tables of HPACK: the static table (RFC 7541 appendix A) and the Huffman code (appendix B).
// Data only.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace upspec::h2::hpack_tables {

struct StaticField {
  std::string_view name;
  std::string_view value;
};

// RFC 7541 appendix A. Index 1 comes first: there is no index 0.
inline constexpr auto static_table = std::to_array<StaticField>({
    {":authority", ""},
    {":method", "GET"},
    {":method", "POST"},
    {":path", "/"},
    {":path", "/index.html"},
    {":scheme", "http"},
    {":scheme", "https"},
    {":status", "200"},
    {":status", "204"},
    {":status", "206"},
    {":status", "304"},
    {":status", "400"},
    {":status", "404"},
    {":status", "500"},
    {"accept-charset", ""},
    {"accept-encoding", "gzip, deflate"},
    {"accept-language", ""},
    {"accept-ranges", ""},
    {"accept", ""},
    {"access-control-allow-origin", ""},
    {"age", ""},
    {"allow", ""},
    {"authorization", ""},
    {"cache-control", ""},
    {"content-disposition", ""},
    {"content-encoding", ""},
    {"content-language", ""},
    {"content-length", ""},
    {"content-location", ""},
    {"content-range", ""},
    {"content-type", ""},
    {"cookie", ""},
    {"date", ""},
    {"etag", ""},
    {"expect", ""},
    {"expires", ""},
    {"from", ""},
    {"host", ""},
    {"if-match", ""},
    {"if-modified-since", ""},
    {"if-none-match", ""},
    {"if-range", ""},
    {"if-unmodified-since", ""},
    {"last-modified", ""},
    {"link", ""},
    {"location", ""},
    {"max-forwards", ""},
    {"proxy-authenticate", ""},
    {"proxy-authorization", ""},
    {"range", ""},
    {"referer", ""},
    {"refresh", ""},
    {"retry-after", ""},
    {"server", ""},
    {"set-cookie", ""},
    {"strict-transport-security", ""},
    {"transfer-encoding", ""},
    {"user-agent", ""},
    {"vary", ""},
    {"via", ""},
    {"www-authenticate", ""},
});
static_assert(static_table.size() == 61);

// RFC 7541 appendix B, how many bits each octet takes, sixteen octets a line; then EOS.
// clang-format off
inline constexpr auto huffman_lengths = std::to_array<std::uint8_t>({
    13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28,
    28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28,
     6, 10, 10, 12, 13,  6,  8, 11, 10, 10,  8, 11,  8,  6,  6,  6,
     5,  5,  5,  6,  6,  6,  6,  6,  6,  6,  7,  8, 15,  6, 12, 10,
    13,  6,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,
     7,  7,  7,  7,  7,  7,  7,  7,  8,  7,  8, 13, 19, 13, 14,  6,
    15,  5,  6,  5,  6,  5,  6,  6,  6,  5,  7,  7,  6,  6,  6,  5,
     6,  7,  6,  5,  5,  6,  7,  7,  7,  7,  7, 15, 11, 14, 13, 28,
    20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23,
    24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24,
    22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23,
    21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23,
    26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25,
    19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27,
    20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23,
    26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26,
    30,
});
// clang-format on
static_assert(huffman_lengths.size() == 257);

struct HuffmanCode {
  std::uint32_t bits = 0;
  std::uint8_t length = 0;
};

// The code is canonical (RFC 7541 5.2): shorter codes first, within a length in the order of the symbols, each the
// number after the one before. So the lengths are the whole table.
constexpr std::array<HuffmanCode, huffman_lengths.size()> canonical_codes() {
  std::array<HuffmanCode, huffman_lengths.size()> codes{};
  std::uint32_t next = 0;
  for (std::uint8_t length = 1; length <= 30; ++length, next <<= 1) {
    for (std::size_t symbol = 0; symbol < codes.size(); ++symbol) {
      if (huffman_lengths[symbol] == length) codes[symbol] = {next++, length};
    }
  }
  return codes;
}

inline constexpr auto huffman_codes = canonical_codes();
// EOS takes the last code, all ones: the lengths use the whole code space, no more and no less.
static_assert(huffman_codes[256].bits == 0x3fffffff);

}  // namespace upspec::h2::hpack_tables
