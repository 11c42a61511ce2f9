// Plays cases against the reference proxy without a socket and without a clock: a play on both sides of it, octets
// handed on until nothing moves.
#pragma once

#include "peer/reference_proxy.hpp"
#include "run/session.hpp"

namespace upspec {

// `proxy.way` is each case's own. The referred ones must outlive the player.
PlayCases proxy_in_memory(const ProxyOptions& proxy, const Situation& situation, const Registry& registry);

Played play_proxy_in_memory(const Case& what, ProxyOptions proxy, const Situation& situation, const Registry& registry);

}  // namespace upspec
