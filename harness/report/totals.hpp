// Counts, and results by suite: what every report says first.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "report/baseline.hpp"
#include "scenario/verdict.hpp"

namespace upspec::report {

inline constexpr std::array<Verdict, 5> verdicts = {Verdict::pass, Verdict::note, Verdict::fail, Verdict::skip,
                                                    Verdict::error};

struct Totals {
  std::array<std::size_t, 5> by_verdict{};
  std::size_t cases = 0;
  std::size_t failures = 0;  // with strict also the notes
  std::size_t known = 0;     // failures and errors that the baseline has as they are
  double seconds = 0;        // of the cases; side by side they take less

  std::size_t of(Verdict verdict) const { return by_verdict.at(static_cast<std::size_t>(verdict)); }
};

struct Suite {
  std::string name;  // "server.upgrade.attributes"
  std::vector<const CaseResult*> cases;
};

// role.dialect.subject; a part that a case lacks is "any", so that there are always three.
std::string class_name(const CaseResult& result);

// In order of first appearance; the pointers live as long as `results`.
std::vector<Suite> suites_of(const std::vector<CaseResult>& results);

Totals totals(const std::vector<CaseResult>& results, bool strict, const Baseline& baseline = {});
Totals totals(const Suite& suite, bool strict);

// Fails or is an error, and the baseline has it so: its reason. Empty otherwise.
std::string_view known_reason(const CaseResult& result, bool strict, const Baseline& baseline);

// The requirement that a result is about: the one it names, or the first that the case checks; maybe with an id only.
RequirementText requirement_of(const CaseResult& result);

}  // namespace upspec::report
