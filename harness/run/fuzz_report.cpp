#include "run/fuzz_report.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "report/explain.hpp"
#include "report/file.hpp"
#include "report/numbers.hpp"
#include "script/convert.hpp"

namespace upspec {
namespace {

std::string percent(double share) { return report::fixed(share * 100, 0); }

std::string case_text(const Finding& finding) {
  script::CaseText text;
  text.id = cat("fuzz-", name_of(finding.oracle));
  if (!finding.requirement.empty() && finding.requirement != "alive") text.checks = finding.requirement;
  text.about = finding.text;
  return script::case_of(finding.script, text);
}

}  // namespace

std::string live_line(const CampaignNumbers& numbers) {
  const double rate = numbers.seconds > 0 ? static_cast<double>(numbers.executions) / numbers.seconds : 0;
  return cat(numbers.executions, " executions, ", static_cast<std::uint64_t>(rate), "/s, ", percent(numbers.waited),
             " % waiting, corpus ", numbers.corpus, ", shapes ", numbers.shapes, ", findings ", numbers.findings,
             ", restarts ", numbers.restarts);
}

Result<std::filesystem::path> write_finding(const std::filesystem::path& out, const Finding& finding) {
  std::string name = finding.key();
  for (char& c : name)
    if (c == '/' || c == ':') c = '.';
  auto folder = out / "findings" / name;
  std::vector<std::pair<std::string, std::string>> files = {
      {"script.txt", script::print(finding.script)},
      {"script.bin", to_text(script::encode(finding.script))},
      {"case.xml", case_text(finding)},
      {"transcript.txt", report::transcript_text(finding.transcript, {.octets = true, .last_lines = 1000})}};
  for (std::size_t i = 0; i < finding.before.size(); ++i)
    files.emplace_back(cat("before-", i + 1, ".txt"), script::print(finding.before[i]));
  if (!finding.evidence.empty()) files.emplace_back("evidence.txt", finding.evidence);
  for (const auto& [file, text] : files)
    if (auto ok = report::write_atomically(folder / file, text); !ok) return tl::unexpected(ok.error());
  return folder;
}

std::vector<CaseResult> results_of(const std::vector<Finding>& findings, const CampaignNumbers& numbers,
                                   const Registry& registry) {
  CaseResult campaign;
  campaign.id = "fuzz/campaign";
  campaign.role = "server";
  campaign.subject = "fuzz";
  campaign.outcome = "finished";
  campaign.message = live_line(numbers);
  campaign.seconds = numbers.seconds;
  std::vector<CaseResult> all = {std::move(campaign)};
  for (const auto& finding : findings) all.push_back(to_result(finding, registry));
  return all;
}

}  // namespace upspec
