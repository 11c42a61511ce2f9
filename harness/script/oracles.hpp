// What must never come of a script, whatever it says (fuzzing.md 1.5): judged on what was seen, after the run. Every
// lane asks the same oracles.
#pragma once

#include <string>
#include <vector>

#include "script/script.hpp"
#include "script/seen.hpp"

namespace upspec::script {

struct Finding {
  std::string
      oracle;  // "monitor", "unreadable", "endless", "echo", "stall", "smuggling", "early", "transfer", "accept"
  std::string requirement;  // an id of cases/requirements.xml; empty where none says it
  std::string text;
  bool operator==(const Finding&) const = default;
};

struct Oracles {
  // Channels of `upspec-echo` in front come back as they went. Off for an implementation whose echo is not known.
  bool echo = true;
  // A window that is open and octets that do not come are a stall: where a run ends by quiescence, not by a clock.
  bool stall = true;
};

std::vector<Finding> judge(const Script& script, const Played& played, Oracles oracles = {});

// "monitor TUN-06", by which findings are the same.
std::string key_of(const Finding& finding);

}  // namespace upspec::script
