// junit.xml, which CI systems read (reports/junit.xsd, reports/README.md).
// Knows no file: text out.
#pragma once

#include <string>
#include <vector>

#include "report/baseline.hpp"
#include "scenario/verdict.hpp"

namespace upspec::report {

// A failure of the baseline stays a <failure>; the property "known" gives its reason.
std::string junit(const RunInfo& run, const std::vector<CaseResult>& results, const Baseline& baseline = {});

}  // namespace upspec::report
