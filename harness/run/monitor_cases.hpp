// Breaches that the playing case did not check: one case `monitor/ID` for the whole run, so that one habit of an
// implementation does not turn every case red.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "run/selection.hpp"
#include "scenario/play.hpp"

namespace upspec {

class MonitorCases {
 public:
  MonitorCases(const Registry& registry, const Filter& filter) : registry_(registry), filter_(filter) {}

  void saw(const CaseResult& where, const std::vector<Breach>& breaches);
  // In the order of the registry. `replay` is still empty: see `first_case_of`.
  std::vector<CaseResult> results() const;
  // The case whose replay shows `monitor/ID` again.
  std::string first_case_of(const std::string& requirement) const;

 private:
  struct Sight {
    CaseResult first;  // its transcript is the evidence
    std::string text;
    std::vector<std::string> cases;
  };
  CaseResult result_of(const Requirement& requirement, const Sight& sight) const;

  const Registry& registry_;
  const Filter& filter_;
  std::map<std::string, Sight> sights_;  // by requirement
};

}  // namespace upspec
