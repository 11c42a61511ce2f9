#include "scenario/verdict.hpp"

#include <array>

#include "base/regex.hpp"
#include "base/text.hpp"

namespace upspec {

namespace {

constexpr std::array<std::string_view, 5> verdict_names = {"pass", "note", "fail", "skip", "error"};

// What a message may say that differs from run to run though the implementation does the same.
std::string masked(std::string text) {
  static const Replacements masks({
      {R"(\b[0-9]+(\.[0-9]+)? ?(us|ms|s|seconds?|milliseconds?|microseconds?)\b)", "N $2"},
      {R"(([0-9]{1,3}(\.[0-9]{1,3}){3}|localhost|\]):[0-9]{1,5}\b)", "$1:PORT"},
      {R"(\b(pid|process) [0-9]+\b)", "$1 N"},
      {R"([A-Za-z0-9+/]{22,}={1,2})", "KEY"},  // Sec-WebSocket-Key, Sec-WebSocket-Accept
      {R"(\b0x[0-9a-fA-F]{6,}\b)", "0xN"},     // addresses in a sanitizer's line
      // How far a peer had come when it went wrong.
      {R"(\bonly [0-9]+ of ([0-9]+) octets: .*)", "only some of $1 octets"},
      {R"(\bwindow by [0-9]+\b)", "window by N"},
  });
  return masks.in(std::move(text));
}

// One line of printable ASCII, whatever a peer's octets brought into the message.
std::string printable(std::string_view text) {
  constexpr std::size_t longest = 300;  // std::regex recurses on long texts
  std::string out;
  for (const char c : text) {
    if (out.size() >= longest) break;
    if (c >= ' ' && c <= '~') {
      out += c;
    } else {
      out += cat("\\x", hex(as_octets(std::string_view(&c, 1))));
    }
  }
  return out;
}

}  // namespace

std::string_view name_of(Verdict verdict) { return verdict_names.at(static_cast<std::size_t>(verdict)); }

// `outcome` where the engine named one, since names do not vary; else `message`. Both are masked.
// The requirement stands last: the same frame that breaks another rule is another outcome.
std::string outcome_line(const CaseResult& result) {
  const std::string what = masked(printable(trim_lines(result.outcome.empty() ? result.message : result.outcome)));
  std::string line(name_of(result.verdict));
  if (!what.empty()) line += cat(": ", what);
  if (!result.requirement.empty()) line += cat(" [", printable(result.requirement), "]");
  return line;
}

}  // namespace upspec
