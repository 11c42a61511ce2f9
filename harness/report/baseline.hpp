// Known failures: each with the outcome seen and a reason. They still run; they do not fail the run.
//
//   <baseline>
//     <known case="attributes/framing-attribute/te" outcome="fail: seen RST_STREAM(CANCEL) [ATT-02]">ticket 12</known>
//   </baseline>
//
// `sometimes="yes"`: the implementation decides by a race of its own, and passes in other runs.
//
// The outcome is `outcome_line` (scenario/verdict.hpp): verdict, then the outcome the engine named or else its
// message, then the requirement. It holds no time, port, key or address, so equal behaviour gives equal lines.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "scenario/verdict.hpp"

namespace upspec::report {

struct KnownFailure {
  std::string outcome;
  std::string reason;
  bool sometimes = false;
  bool operator==(const KnownFailure&) const = default;
};

// By case id, which is also the order in the file.
using Baseline = std::map<std::string, KnownFailure, std::less<>>;

inline constexpr std::string_view unexamined = "not yet examined";

// `file` names the text in errors: "file:line: what is wrong, what would be right".
Result<Baseline> parse_baseline(std::string_view xml, std::string_view file);
Result<Baseline> read_baseline(const std::filesystem::path& path);
std::string to_xml(const Baseline& baseline);

enum class Standing {
  unlisted,     // not in the baseline, not tried in this run, or passes where it fails sometimes
  as_recorded,  // fails as known
  stale,        // passes now, or fails otherwise
};
Standing standing(const Baseline& baseline, const CaseResult& result);

struct Stale {
  std::string case_id;
  std::string recorded;
  std::string now;
  bool operator==(const Stale&) const = default;
};
// In the order of the results; a case that was repeated can stand here more than once.
std::vector<Stale> stale_entries(const Baseline& baseline, const std::vector<CaseResult>& results);

// What --write-baseline writes: the failures and errors of this run, with the reason each had or `unexamined`. Entries
// of cases that were not tried stay.
Baseline updated(const Baseline& old, const std::vector<CaseResult>& results, bool strict);

}  // namespace upspec::report
