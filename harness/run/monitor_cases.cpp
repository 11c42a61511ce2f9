#include "run/monitor_cases.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace upspec {
namespace {

constexpr std::size_t named_cases = 5;

std::string where_seen(const std::vector<std::string>& cases) {
  const std::vector<std::string> first(
      cases.begin(), cases.begin() + static_cast<std::ptrdiff_t>(std::min(cases.size(), named_cases)));
  std::string text = join(first, ", ");
  if (cases.size() > named_cases) text += cat(" and ", cases.size() - named_cases, " more");
  return text;
}

}  // namespace

void MonitorCases::saw(const CaseResult& where, const std::vector<Breach>& breaches) {
  for (const Breach& breach : breaches) {
    auto [sight, is_new] = sights_.try_emplace(breach.requirement);
    if (is_new) sight->second = {where, breach.text, {}};
    auto& cases = sight->second.cases;
    if (std::ranges::find(cases, where.id) == cases.end()) cases.push_back(where.id);
  }
}

CaseResult MonitorCases::result_of(const Requirement& requirement, const Sight& sight) const {
  CaseResult result;
  result.id = "monitor/" + requirement.text.id;
  result.role = sight.first.role;
  result.dialect = sight.first.dialect;
  result.subject = "monitor";
  result.requirements = {requirement.text};
  // A SHOULD that is not followed is a note, here as in any case.
  result.verdict = requirement.text.level == "SHOULD" ? Verdict::note : Verdict::fail;
  result.message = sight.text;  // and no case's name: a baseline compares it
  result.requirement = requirement.text.id;
  result.expected = requirement.text.sentence;
  result.seen = cat(sight.text, "\nwhile these cases ran, which check something else: ", where_seen(sight.cases));
  result.transcript = sight.first.transcript;
  return result;
}

std::vector<CaseResult> MonitorCases::results() const {
  std::vector<CaseResult> all;
  for (const Requirement& requirement : registry_.all()) {
    const auto sight = sights_.find(requirement.text.id);
    if (sight != sights_.end() && takes_monitor(filter_, requirement))
      all.push_back(result_of(requirement, sight->second));
  }
  return all;
}

std::string MonitorCases::first_case_of(const std::string& requirement) const {
  const auto sight = sights_.find(requirement);
  return sight == sights_.end() ? std::string{} : sight->second.first.id;
}

}  // namespace upspec
