#include "net/sanitizer.hpp"

#include <algorithm>
#include <array>

namespace upspec {
namespace {

constexpr std::size_t longest_line = 4096;

// "==123==" and what follows it; the whole line where it does not begin so.
std::string_view after_pid(std::string_view line, bool& had_pid) {
  had_pid = false;
  if (!line.starts_with("==")) return line;
  const std::size_t end = line.find_first_not_of("0123456789", 2);
  if (end == 2 || end == std::string_view::npos || line.substr(end, 2) != "==") return line;
  had_pid = true;
  return line.substr(end + 2);
}

constexpr std::array sanitizers = {
    std::string_view("ERROR: "),
    std::string_view("WARNING: "),
    std::string_view("FATAL: "),
};

// What valgrind says of an error. Its other lines (banner, summary) stand behind "==123==" as well.
constexpr std::array memcheck = {
    std::string_view("Invalid read of size"),
    std::string_view("Invalid write of size"),
    std::string_view("Invalid free()"),
    std::string_view("Mismatched free()"),
    std::string_view("Conditional jump or move depends on uninitialised value"),
    std::string_view("Use of uninitialised value"),
    std::string_view("Syscall param "),
    std::string_view("Jump to the invalid address"),
    std::string_view("Process terminating with default action of signal"),
};

// "a.c:12:3: runtime error: ...". The place must be there: "panic: runtime error: ..." is how a Go program dies.
bool is_ubsan(std::string_view line) {
  const std::size_t at = line.find(": runtime error: ");
  if (at == std::string_view::npos || at == 0) return false;
  const std::size_t colon = line.rfind(':', at - 1);
  return colon != std::string_view::npos && colon + 1 < at &&
         line.substr(colon + 1, at - colon - 1).find_first_not_of("0123456789") == std::string_view::npos;
}

// The headline when this line begins a report. `complete` is set for the kinds that have no last line of their own.
std::optional<std::string> begins(std::string_view line, bool& complete) {
  bool pid = false;
  const std::string_view said = after_pid(line, pid);
  for (const std::string_view level : sanitizers) {
    if (!said.starts_with(level)) continue;
    const std::string_view what = said.substr(level.size());
    // "AddressSanitizer: ...", but not "AddressSanitizer failed to allocate ...": that is a remark.
    const std::size_t name = what.find("Sanitizer: ");
    if (name != std::string_view::npos && name < what.find(' ')) return std::string(what);
  }
  if (is_ubsan(line)) {
    complete = true;
    return "UndefinedBehaviorSanitizer: " + std::string(line);
  }
  if (!pid || said.empty()) return std::nullopt;
  const std::string_view words =
      said.substr(said.find_first_not_of(' ') == std::string_view::npos ? 0 : said.find_first_not_of(' '));
  for (const std::string_view known : memcheck) {
    if (!words.starts_with(known)) continue;
    complete = true;
    return "valgrind: " + std::string(words);
  }
  if (words.find(" definitely lost in loss record") != std::string_view::npos) {
    complete = true;
    return "valgrind: " + std::string(words);
  }
  return std::nullopt;
}

}  // namespace

void ReportFinder::take_line(std::string_view line) {
  if (!report_) {
    bool complete = false;
    if (auto headline = begins(line, complete)) {
      report_ =
          SanitizerReport{.headline = std::move(*headline), .text = std::string(line) + "\n", .complete = complete};
    }
    return;
  }
  // What follows the summary (ASan: shadow memory, TSan: the next report) tells nothing more.
  if (report_->text.size() >= SanitizerReport::longest || report_->text.find("\nSUMMARY: ") != std::string::npos)
    return;
  report_->text.append(line).push_back('\n');
  if (line.starts_with("SUMMARY: ")) report_->complete = true;
  if (report_->text.size() > SanitizerReport::longest) {
    report_->text.resize(SanitizerReport::longest);
    report_->complete = true;
  }
}

void ReportFinder::feed(std::string_view output) {
  while (!output.empty()) {
    const std::size_t end = output.find('\n');
    const std::string_view piece = output.substr(0, end);
    line_.append(piece.substr(0, longest_line - std::min(longest_line, line_.size())));
    if (end == std::string_view::npos) return;
    if (line_.ends_with('\r')) line_.pop_back();
    take_line(line_);
    line_.clear();
    output.remove_prefix(end + 1);
  }
}

std::optional<SanitizerReport> sanitizer_report(std::string_view output) {
  ReportFinder finder;
  finder.feed(output);
  finder.feed("\n");  // a program that was killed may not have ended its line
  return finder.report();
}

}  // namespace upspec
