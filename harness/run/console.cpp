#include "run/console.hpp"

#include <algorithm>
#include <map>

#include "base/text.hpp"
#include "report/totals.hpp"

namespace upspec {
namespace {

bool went_wrong(const CaseResult& result, bool strict) {
  return result.failed(strict) || result.verdict == Verdict::error;
}

// A control that fails takes hundreds of cases with it, for one reason.
std::string skip_text(const std::vector<CaseResult>& results, const report::Style& style) {
  struct Group {
    CaseResult first;
    std::size_t count = 0;
  };
  std::vector<Group> groups;
  std::map<std::string, std::size_t> by_reason;
  for (const CaseResult& result : results) {
    if (result.verdict != Verdict::skip) continue;
    const auto [index, is_new] = by_reason.try_emplace(result.message, groups.size());
    if (is_new) groups.push_back({result, 0});
    ++groups[index->second].count;
  }
  std::string text;
  for (Group& group : groups) {
    if (group.count > 1) group.first.id += cat(" and ", group.count - 1, " more");
    text += report::case_line(group.first, style);
  }
  return text;
}

}  // namespace

Console::Console(std::FILE* out, bool is_terminal, bool verbose, bool strict, const report::Baseline& baseline)
    : out_(out), is_terminal_(is_terminal), strict_(strict), baseline_(baseline) {
  style_.colour = is_terminal;
  style_.verbose = verbose;
}

void Console::planned(std::size_t cases) {
  progress_ = {};
  progress_.total = cases;
  show_live(true);
}

void Console::ended(const CaseResult& result) {
  ++progress_.done;
  progress_.total = std::max(progress_.total, progress_.done);  // `monitor/ID` is planned by nobody
  const std::string known(report::known_reason(result, strict_, baseline_));
  if (result.failed(strict_)) ++progress_.failures;
  if (result.verdict == Verdict::error) ++progress_.errors;
  if (!known.empty()) ++progress_.known;
  if (style_.verbose)
    say(report::case_report(result, style_, known) + "\n");
  else if (!is_terminal_ && went_wrong(result, strict_))
    say(report::case_line(result, style_, known));
  show_live(style_.verbose);
}

void Console::finish(const RunInfo& run, const std::vector<CaseResult>& results,
                     const std::vector<std::string>& reports) {
  std::string text;
  if (!style_.verbose)
    for (const CaseResult& result : results)
      if (went_wrong(result, strict_))
        text += "\n" + report::case_report(result, style_, report::known_reason(result, strict_, baseline_));
  if (!text.empty()) text += "\n";
  text += skip_text(results, style_);
  say(text + report::summary(run, results, baseline_, reports, style_));
}

// Erases a live line first.
void Console::say(const std::string& text) {
  const std::string whole = (live_shown_ ? std::string(report::erase_line) : std::string()) + text;
  live_shown_ = false;
  std::fwrite(whole.data(), 1, whole.size(), out_);
  std::fflush(out_);
}

void Console::show_live(bool now) {
  const auto time = std::chrono::steady_clock::now();
  if (!is_terminal_ || (!now && time - last_live_ < std::chrono::milliseconds(50))) return;
  last_live_ = time;
  const std::string line = std::string(report::erase_line) + report::live_line(progress_, style_);
  std::fwrite(line.data(), 1, line.size(), out_);
  std::fflush(out_);
  live_shown_ = true;
}

}  // namespace upspec
