// report.json: everything that is known of a run, for programs (reports/report.schema.json). Nothing is cut.
#pragma once

#include <string>
#include <vector>

#include "report/baseline.hpp"
#include "scenario/verdict.hpp"

namespace upspec::report {

std::string json(const RunInfo& run, const std::vector<CaseResult>& results, const Baseline& baseline = {});

}  // namespace upspec::report
