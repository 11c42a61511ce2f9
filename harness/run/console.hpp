// What a run says while it runs and when it ends: on a terminal one live line, elsewhere a line a case that failed or
// is an error; then why, in full, and one line a reason for skips. With -v every case in full. Texts are the report
// room's.
#pragma once

#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

#include "report/baseline.hpp"
#include "report/terminal.hpp"
#include "scenario/verdict.hpp"

namespace upspec {

class Console {
 public:
  Console(std::FILE* out, bool is_terminal, bool verbose, bool strict, const report::Baseline& baseline);

  void planned(std::size_t cases);
  void ended(const CaseResult& result);
  void finish(const RunInfo& run, const std::vector<CaseResult>& results, const std::vector<std::string>& reports);

 private:
  void say(const std::string& text);
  void show_live(bool now);

  std::FILE* out_;
  bool is_terminal_, strict_;
  report::Style style_;
  const report::Baseline& baseline_;
  report::Progress progress_;
  bool live_shown_ = false;
  std::chrono::steady_clock::time_point last_live_;
};

}  // namespace upspec
