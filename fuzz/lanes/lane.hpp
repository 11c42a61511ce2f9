// What the lanes under libFuzzer share: octets become a script for a server or an intermediary, what it shows is
// judged, and libFuzzer's mutators are those of harness/script.
//
// The environment says what is under test: UPSPEC_WEBSOCKET and UPSPEC_RAW the paths where it, or its origin, echoes
// (/echo, /raw; empty: not offered), UPSPEC_DIALECT "connect" (the default), "upgrade" or both with a comma between; of
// an intermediary UPSPEC_WAY which HTTP it speaks in front and behind (21, the default, 22 or 12). UPSPEC_FINDINGS
// names a folder: findings go there and the run goes on; without it a finding ends the run, and libFuzzer keeps its
// input.
#pragma once

#include <cstdint>
#include <set>
#include <string>

#include "net/script_driver.hpp"
#include "script/talks.hpp"

namespace upspec::lanes {

class Lane {
 public:
  Lane();

  // An intermediary is under test; a server, while this was not called.
  void serves_proxy();
  // One connection, as it gets it; an intermediary: one in front, one behind.
  script::Script script_of(OctetView input) const;
  script::Script talk(std::uint64_t seed) const;
  Driven drive(const script::Script& script, Dialer& dialer, std::chrono::milliseconds patience) const;

  // By the oracles; an input that shows something new is told, and is a finding.
  void judge(const script::Script& script, const Driven& driven);
  // "death", "hang": what the lane itself has seen. `place` tells one from another. Does not return where findings end
  // the run.
  void found(const script::Script& script, const std::string& oracle, const std::string& place,
             const std::string& text);

 private:
  script::Ground ground_;
  std::string findings_;
  std::set<std::string> known_;
};

Lane& lane();

}  // namespace upspec::lanes
