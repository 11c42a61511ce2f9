// The part of the oracles that needs both ends of a proxy: requests mean the same on both sides, nothing goes behind
// too early, channels carry what was said.
#pragma once

#include <vector>

#include "base/octets.hpp"
#include "script/oracles.hpp"

namespace upspec::script {

void judge_proxy(const Script& script, const Played& played, std::vector<Finding>& out);

// What one side said in a channel: DATA without the request's content.
OctetView channel_octets(const HalfSeen& half, const h2::FieldSection& request);

}  // namespace upspec::script
