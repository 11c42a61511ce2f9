#include "run/exit_status.hpp"

#include <algorithm>

namespace upspec {

int status_of_run(const RunFacts& facts) {
  if (facts.interrupted) return exit_status::interrupted;
  if (facts.unjudged) return exit_status::unjudged;
  if (facts.failed) return exit_status::failed;
  return facts.stale ? exit_status::stale : exit_status::ok;
}

bool nothing_judged(const std::vector<CaseResult>& results) {
  const auto has = [&](Verdict verdict) {
    return std::ranges::any_of(results, [&](const CaseResult& one) { return one.verdict == verdict; });
  };
  return has(Verdict::error) && !has(Verdict::pass) && !has(Verdict::note) && !has(Verdict::fail);
}

}  // namespace upspec
