// What the session targets share: a script is played against the reference in memory, and judged.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string>

#include "base/text.hpp"
#include "script/oracles.hpp"
#include "script/run_script.hpp"

namespace upspec::script {

// Prints what was found, the script, and the transcript of a second run, and ends the process.
template <class MakePeer>
[[noreturn]] void report(const Script& script, const std::vector<Finding>& findings, MakePeer make_peer) {
  for (const auto& one : findings)
    std::fprintf(stderr, "does not hold: %s: %s\n", key_of(one).c_str(), one.text.c_str());
  std::fprintf(stderr, "%s", print(script).c_str());
  auto peer = make_peer();
  for (const auto& line : run_script(script, peer, {.transcript = true}).transcript)
    std::fprintf(stderr, "%s %s %s\n", line.link.c_str(), line.way == TranscriptLine::Way::sent ? "->" : "<-",
                 line.text.c_str());
  std::abort();
}

template <class MakePeer>
void check(const Script& script, MakePeer make_peer) {
  auto peer = make_peer();
  const auto findings = judge(script, run_script(script, peer));
  if (!findings.empty()) report(script, findings, make_peer);
}

}  // namespace upspec::script
