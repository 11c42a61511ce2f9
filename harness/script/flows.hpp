// Right talks that go on for long: what an implementation gives away once a frame, or once a stream, is missed by its
// client only when a window, or a limit, is used up. Beside script/talks.hpp, which is short and of all kinds.
#pragma once

#include "base/random.hpp"
#include "script/script.hpp"
#include "script/talks.hpp"

namespace upspec::script {

// A ground without dialects, or without paths, has none: then an empty script.
Script long_talk(const Ground& ground, Random& random);

}  // namespace upspec::script
