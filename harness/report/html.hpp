// report.html: one page without scripts and without anything from elsewhere, so it opens from a folder, from an
// archive and inside a CI system's sandbox. It is also well-formed XML, which is how the tests check it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "report/baseline.hpp"
#include "scenario/verdict.hpp"

namespace upspec::report {

std::string html(const RunInfo& run, const std::vector<CaseResult>& results, const Baseline& baseline = {});

// The page with its holes: {{title}} {{facts}} {{counts}} {{attention}} {{cases}}.
extern const std::string_view html_page;

}  // namespace upspec::report
