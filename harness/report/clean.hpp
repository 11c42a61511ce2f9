// What may stand in a report: text that any XML parser, browser or terminal takes, made from any octets.
// Octets that cannot stand show as \xNN; a backslash stays as it is, so this is for people, not for reading back.
#pragma once

#include <string>
#include <string_view>

namespace upspec::report {

inline constexpr std::size_t longest_text = 64u << 10;
inline constexpr std::size_t longest_line = 1000;

// Valid UTF-8 of characters that XML 1.0 has and that move no cursor; '\n' and '\t' stay. A text longer than `at_most`
// octets ends in "... (N octets)": one text node of 10 MB is more than libxml2 and many CI systems read.
std::string clean(std::string_view text, std::size_t at_most = longest_text);

// `clean`, with '\n' and '\t' as \x0a and \x09.
std::string clean_line(std::string_view text, std::size_t at_most = longest_line);

// Printable ASCII and '\n': for what a peer or a process said.
std::string ascii(std::string_view text, std::size_t at_most = longest_text);
std::string ascii_line(std::string_view text, std::size_t at_most = longest_line);

// `clean`, with & < > " ' as entities.
std::string markup(std::string_view text, std::size_t at_most = longest_text);

}  // namespace upspec::report
