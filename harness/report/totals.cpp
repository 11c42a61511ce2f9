#include "report/totals.hpp"

#include <algorithm>
#include <map>

#include "base/text.hpp"

namespace upspec::report {

namespace {

void count(Totals& all, const CaseResult& result, bool strict) {
  ++all.cases;
  ++all.by_verdict.at(static_cast<std::size_t>(result.verdict));
  if (result.failed(strict)) ++all.failures;
  all.seconds += result.seconds;
}

}  // namespace

std::string class_name(const CaseResult& result) {
  const auto part = [](const std::string& text) { return text.empty() ? std::string("any") : text; };
  return cat(part(result.role), ".", part(result.dialect), ".", part(result.subject));
}

std::vector<Suite> suites_of(const std::vector<CaseResult>& results) {
  std::vector<Suite> suites;
  std::map<std::string, std::size_t> place;
  for (const auto& result : results) {
    const std::string name = class_name(result);
    const auto [found, is_new] = place.try_emplace(name, suites.size());
    if (is_new) suites.push_back({name, {}});
    suites[found->second].cases.push_back(&result);
  }
  return suites;
}

Totals totals(const std::vector<CaseResult>& results, bool strict, const Baseline& baseline) {
  Totals all;
  for (const auto& result : results) {
    count(all, result, strict);
    if (!known_reason(result, strict, baseline).empty()) ++all.known;
  }
  return all;
}

Totals totals(const Suite& suite, bool strict) {
  Totals all;
  for (const auto* result : suite.cases) count(all, *result, strict);
  return all;
}

std::string_view known_reason(const CaseResult& result, bool strict, const Baseline& baseline) {
  if (!result.failed(strict) && result.verdict != Verdict::error) return {};
  if (standing(baseline, result) != Standing::as_recorded) return {};
  return baseline.find(result.id)->second.reason;
}

RequirementText requirement_of(const CaseResult& result) {
  const auto& all = result.requirements;
  if (result.requirement.empty()) return all.empty() ? RequirementText{} : all.front();
  const auto found = std::ranges::find(all, result.requirement, &RequirementText::id);
  if (found != all.end()) return *found;
  RequirementText only_id;
  only_id.id = result.requirement;
  return only_id;
}

}  // namespace upspec::report
