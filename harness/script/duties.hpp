// What an implementation owes a client that has said nothing wrong, and what it must never do, beyond what the Monitor
// sees in single frames: answers come, a channel that echoes gives back what went into it, a malformed request is not
// served. Judged from what a connection has seen; it reads no clock: who waits asks `owed` again.
#pragma once

#include <string>
#include <vector>

#include "script/seen.hpp"
#include "script/trace.hpp"
#include "upgrade/breach.hpp"

namespace upspec::script {

// The paths on which the implementation is known to echo (protocol.md section 13); empty: none.
struct EchoPaths {
  std::string websocket;
  std::string raw;
};

// Something that has to come yet: "a response on stream 3", by the requirement that asks for it. No requirement:
// nothing. In doubt nothing is owed.
Breach owed(const LinkSeen& link, const Trace& trace, const EchoPaths& paths);

// What can be said for certain at the end.
std::vector<Breach> broken_duties(const LinkSeen& link, const Trace& trace, const EchoPaths& paths);

}  // namespace upspec::script
