// Plays cases against the embedded reference without a socket and without a clock: octets are handed from one to the
// other until nothing moves. Silence is known at once, so a whole suite takes a moment.
#pragma once

#include "peer/reference_client.hpp"
#include "peer/reference_server.hpp"
#include "run/session.hpp"

namespace upspec {

// The referred ones must outlive the player.
PlayCases in_memory(const ServerOptions& server, const Situation& situation, const Registry& registry);

Played play_in_memory(const Case& what, const ServerOptions& server, const Situation& situation,
                      const Registry& registry);

// The reference client as `upspec connect` has it: told for each case what to ask for and what to say, and with a word
// at its end. Dialect, protocol, authority and path of `client` are the case's.
PlayCases clients_in_memory(const ClientOptions& client, const Situation& situation, const Registry& registry);

Played play_client_in_memory(const Case& what, const ClientOptions& client, const Situation& situation,
                             const Registry& registry);

}  // namespace upspec
