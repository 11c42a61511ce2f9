// Finds a sanitizer's or valgrind's report in what a program writes. Text in, values out.
// Knows AddressSanitizer, LeakSanitizer, ThreadSanitizer, MemorySanitizer, UBSan and valgrind's memcheck.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace upspec {

struct SanitizerReport {
  std::string headline;   // "AddressSanitizer: heap-use-after-free on address ..."
  std::string text;       // from its first line on, at most `longest`
  bool complete = false;  // its last line has been seen, as far as its kind has one

  static constexpr std::size_t longest = 8u << 10;
};

// Fed a program's output in pieces of any size, it keeps the first report and forgets the rest.
class ReportFinder {
 public:
  void feed(std::string_view output);
  const std::optional<SanitizerReport>& report() const { return report_; }

 private:
  void take_line(std::string_view line);

  std::string line_;  // of the last line what has come; the end of an overlong one is dropped
  std::optional<SanitizerReport> report_;
};

// The same for an output that is there as a whole.
std::optional<SanitizerReport> sanitizer_report(std::string_view output);

}  // namespace upspec
