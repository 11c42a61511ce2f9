// `--repeat`, `--until-fail`: several rounds of a run as one list of results, each case once.
#pragma once

#include <cstddef>
#include <vector>

#include "scenario/verdict.hpp"

namespace upspec {

// The worst verdict of each case, in the order in which cases first came; its message says in how many rounds it came,
// unless in all.
std::vector<CaseResult> fold_rounds(const std::vector<std::vector<CaseResult>>& rounds);

bool is_worse(Verdict a, Verdict b);

}  // namespace upspec
