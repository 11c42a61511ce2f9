// What an implementation must refuse, and what it must not, beyond what the Monitor sees in single frames: the other
// half of script/duties.hpp, which has what is to come of what is right.
#pragma once

#include <cstdint>
#include <optional>

#include "script/seen.hpp"
#include "script/trace.hpp"
#include "upgrade/breach.hpp"

namespace upspec::script {

// One request, and a server can have no reason against it but its own.
bool is_right(const StreamSeen& stream);
// ... or it had none.
bool is_right_or_accepted(const StreamSeen& stream);

// The error that has to come for what we have done wrong. No requirement: none.
Breach owed_error(const LinkSeen& link, const Trace& trace);

std::optional<Breach> accepted_although_unknown(std::uint32_t id, const StreamSeen& stream);

}  // namespace upspec::script
