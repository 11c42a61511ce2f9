// Small tools for text: join, cut, fold case, and show octets so that people can read them.
// Case folding is ASCII's only: HTTP knows no other.
#pragma once

#include <charconv>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/octets.hpp"

namespace upspec {

namespace text_detail {
inline void add(std::string& to, std::string_view piece) { to += piece; }
inline void add(std::string& to, char piece) { to += piece; }
template <std::integral Number>
  requires(!std::same_as<Number, char> && !std::same_as<Number, bool>)
void add(std::string& to, Number piece) {
  char digits[24];
  to.append(digits, std::to_chars(digits, digits + sizeof digits, piece).ptr);
}
}  // namespace text_detail

// cat("stream ", 5, " is ", name): text, characters and whole numbers, one after the other.
template <class... Piece>
std::string cat(const Piece&... piece) {
  std::string all;
  (text_detail::add(all, piece), ...);
  return all;
}

std::string lower(std::string_view text);
bool is_lower(std::string_view text);
bool equal_folded(std::string_view a, std::string_view b);

// Cuts space and tab (`trim`), or every white space XML knows (`trim_lines`), from both ends.
std::string_view trim(std::string_view text);
std::string_view trim_lines(std::string_view text);

// "a,b,,c" split at ',' is {"a", "b", "", "c"}; an empty text is {""}.
std::vector<std::string_view> split(std::string_view text, char at);
// Pieces between runs of white space; never an empty one.
std::vector<std::string_view> words(std::string_view text);
std::string join(const std::vector<std::string>& pieces, std::string_view between);

// The whole text is one decimal number within the type's range, or nothing.
std::optional<std::uint64_t> to_number(std::string_view text);

// "05 82 80"; `at_most` octets are shown, then "... (N octets)".
std::string hex(OctetView octets, std::size_t at_most = 1u << 20);
// Pairs of hexadecimal digits with white space between pairs or none; nothing when it is not that.
std::optional<Octets> unhex(std::string_view text);

// In double quotes, every octet outside printable ASCII as \r \n \t \0 \xNN, so that a peer's octets can
// stand in any report. `at_most` octets are shown, then "... (N octets)".
std::string quoted(std::string_view text, std::size_t at_most = 400);

// What `glob` means to a shell, for whole texts: * ? and nothing else; * crosses '/'.
bool matches_glob(std::string_view text, std::string_view glob);

}  // namespace upspec
