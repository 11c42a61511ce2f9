// What a campaign leaves: a folder a finding, the reports, and what it says while it runs.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "run/fuzz_campaign.hpp"
#include "scenario/verdict.hpp"

namespace upspec {

// "1,234 executions, 617/s, 12 % waiting, corpus 88, shapes 2,104, findings 3"
std::string live_line(const CampaignNumbers& numbers);

// OUT/findings/breach.XC-05/: script.txt (and before-1.txt ...), script.bin, case.xml, transcript.txt, evidence.txt.
// Gives the folder.
Result<std::filesystem::path> write_finding(const std::filesystem::path& out, const Finding& finding);

// The campaign as results: one case for it as a whole, one for each finding.
std::vector<CaseResult> results_of(const std::vector<Finding>& findings, const CampaignNumbers& numbers,
                                   const Registry& registry);

}  // namespace upspec
