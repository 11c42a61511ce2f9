// The order of a run and what it leaves out, as rules over values: dialects, needs, controls (cases.md section 5).
// Nothing is played here.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "scenario/play.hpp"
#include "scenario/suite.hpp"

namespace upspec {

// What the run was asked for and what the implementation has announced.
struct DialectScope {
  std::vector<Dialect> asked;  // `--dialect`; empty: what is announced, or both where nothing is
  bool upgrade = false;        // announced, or negotiation="none"
  bool connect = false;

  bool announced(Dialect dialect) const { return dialect == Dialect::upgrade ? upgrade : connect; }
  // Its cases are of this run, by themselves or by their failing control.
  bool tests(Dialect dialect) const;
  // Its `unannounced` cases are of this run (NEG-05, XC-07).
  bool tests_absence(Dialect dialect) const;
};

// The control that a case stands on, or null.
const Case* control_under(const Suite& suite, const Case& one);

struct Plan {
  std::vector<std::vector<const Case*>> controls;  // groups: each stands on those before it only
  std::vector<const Case*> others;
};

// What of `selected` is of this run, with all controls that it stands on. A dialect that is asked for and not announced
// has all its controls in: one of them says what is missing.
Plan plan_run(const Suite& suite, const std::vector<const Case*>& selected, const DialectScope& scope);

// "needs raw: give --raw PATH", or nothing when the situation offers all that the case needs.
std::optional<std::string> missing_for(const Case& one, const Situation& situation);

// The results of the controls so far.
using ControlResults = std::map<const Case*, CaseResult>;

// "not testable, control X failed: ...", or nothing when the case can be tried: its controls are in order, or it checks
// an id that a failed one broke.
std::optional<std::string> blocked(const Suite& suite, const Case& one, const ControlResults& controls,
                                   const DialectScope& scope);

// The ids that a failed control has broken: the Monitor's, or all that it checks when an expectation was not met.
std::vector<std::string> broken_by(const Case& control, const CaseResult& result);

}  // namespace upspec
