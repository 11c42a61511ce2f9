// Bugs that are no broken rule but a crash, a leak or an endless loop, each behind a sequence of frames: what a
// campaign has to find (docs/fuzzing.md). They are switched on as violations are, and stand apart from them: no case
// knows them.
#pragma once

#include <functional>
#include <memory>
#include <span>

#include "h2/frame.hpp"
#include "peer/server_faults.hpp"
#include "peer/violations.hpp"

namespace upspec {

std::span<const Violation> planted_bugs();

// Sees the frames of one connection as they come, and does what the planted bugs that are switched on do. Empty where
// there are none.
std::function<void(const h2::Frame&)> planted(const Violations& violations, FrameSurroundings surroundings);

}  // namespace upspec
