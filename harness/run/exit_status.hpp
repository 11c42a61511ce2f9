// The exit status of a run (docs: "Exit status"). Where several hold: 130, 2, 3, 1, 4.
#pragma once

#include <vector>

#include "scenario/verdict.hpp"

namespace upspec {

namespace exit_status {
inline constexpr int ok = 0;
inline constexpr int failed = 1;
inline constexpr int usage = 2;     // the call or a file is wrong, or nothing was selected
inline constexpr int unjudged = 3;  // nothing could be judged, or the harness itself failed
inline constexpr int stale = 4;     // only the baseline is stale
inline constexpr int interrupted = 130;
}  // namespace exit_status

struct RunFacts {
  bool interrupted = false;
  bool unjudged = false;
  bool failed = false;  // a case that the baseline does not list
  bool stale = false;
};
int status_of_run(const RunFacts& facts);

// Every case that was tried ended as the harness's error: no verdict says anything about the implementation.
bool nothing_judged(const std::vector<CaseResult>& results);

}  // namespace upspec
