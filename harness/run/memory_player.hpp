// Plays cases against the embedded reference without a socket and without a clock: octets are handed from one to the
// other until nothing moves. Silence is known at once, so a whole suite takes a moment.
#pragma once

#include "peer/reference_server.hpp"
#include "run/session.hpp"

namespace upspec {

// The referred ones must outlive the player.
PlayCases in_memory(const ServerOptions& server, const Situation& situation, const Registry& registry);

Played play_in_memory(const Case& what, const ServerOptions& server, const Situation& situation,
                      const Registry& registry);

}  // namespace upspec
