// What a person at a terminal sees. Text out; whoever calls decides where it goes and whether that is a terminal.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "report/baseline.hpp"
#include "scenario/verdict.hpp"

namespace upspec::report {

struct Style {
  bool colour = false;
  bool verbose = false;  // the whole transcript, octets too; otherwise its last 12 lines, decoded
};

// Back to the line's start, and the line erased: goes before a live line, and before whatever follows one.
inline constexpr std::string_view erase_line = "\r\x1b[K";

struct Progress {
  std::size_t done = 0, total = 0;
  std::size_t failures = 0, errors = 0, known = 0;
};

// "upspec  120/310  2 failed (1 known)", without a line end and under 80 columns.
std::string live_line(const Progress& progress, const Style& style);

// "fail   attributes/framing-attribute/te  ATT-02: no reset came", with a line end: a run without a terminal.
std::string case_line(const CaseResult& result, const Style& style, std::string_view known = {});

// One case, and why; `known` is the baseline's reason.
std::string case_report(const CaseResult& result, const Style& style, std::string_view known = {});

// Counts by verdict, the requirements broken, stale entries of the baseline, time, and where the reports are.
std::string summary(const RunInfo& run, const std::vector<CaseResult>& results, const Baseline& baseline,
                    const std::vector<std::string>& reports, const Style& style);

}  // namespace upspec::report
