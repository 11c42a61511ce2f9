// One round of a run: ask what is announced, controls, then all others, then what the Monitor saw beside.
// It decides what is played and in which order; how a case gets to the implementation is the player's affair.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "run/plan.hpp"
#include "run/selection.hpp"
#include "scenario/play.hpp"
#include "scenario/suite.hpp"

namespace upspec {

// What came of one case.
struct Played {
  CaseResult result;
  std::vector<Breach> others;
  Play::Seen seen;
  bool died = false;  // the implementation's process, because of this case
};
// After play.done().
Played played(const Play& play, double seconds);

// Called as each case ends. False: start no more of them.
using OnEnd = std::function<bool(const Case&, Played)>;
// Plays these cases, side by side where it can, begun in their order. A case that was not begun, or not finished
// because the run was stopped, is not told.
using PlayCases = std::function<void(const std::vector<const Case*>&, const OnEnd&)>;
// What watches a run.
struct Heard {
  std::function<void(std::size_t)> planned;       // how many results there will be, at least
  std::function<void(const CaseResult&)> result;  // each, as it is final
};

struct SessionOptions {
  const Suite& suite;
  const Filter& filter;
  std::vector<const Case*> selected;
  std::vector<Dialect> asked;
  Situation situation;
  std::function<std::string(const std::string& case_id)> replay;  // the command that plays it again
  bool all_at_once = false;  // somebody else chooses the order: no case waits for a control
};

struct SessionResult {
  std::vector<CaseResult> results;  // in the suite's order, `monitor/ID` last; only what was tried or skipped
  std::vector<Dialect> announced;
  std::optional<std::string> unreachable;   // one line: nothing was played
  std::optional<std::string> nothing_left;  // one line: the selected cases are all of a dialect that is not tested
  bool died = false;
};
SessionResult run_session(const SessionOptions& options, const PlayCases& play, const Heard& heard);

// The case that asks nothing: connects, reads SETTINGS up to the answer of a PING.
// Role, dialect and ids are those of `like`.
Case probe_case(const Case& like);

}  // namespace upspec
