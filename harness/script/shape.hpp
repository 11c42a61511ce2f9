// What was new about a script's run, where no coverage tells: the shape of the talk. A campaign keeps a script that
// shows a shape it has not seen.
#pragma once

#include <cstdint>
#include <vector>

#include "script/seen.hpp"
#include "script/trace.hpp"

namespace upspec::script {

// Numbers that stand for shapes: how each answer came in the light of what was said before it on its stream, which
// three things in a row an open channel was told, how each stream ended. Sizes and numbers count by their order of
// magnitude.
std::vector<std::uint64_t> shapes_of(const LinkSeen& link, const Trace& trace);

}  // namespace upspec::script
