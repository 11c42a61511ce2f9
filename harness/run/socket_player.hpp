// Plays cases over real connections, side by side (net/driver.hpp).
#pragma once

#include <functional>

#include "net/driver.hpp"
#include "run/session.hpp"

namespace upspec {

// How to get there now: a restarted implementation may listen elsewhere.
struct Reach {
  DriveOptions drive;
  Situation situation;
};

// The referred ones must outlive the player.
PlayCases over_sockets(std::function<Reach()> reach, const Registry& registry, const StopFlag& stop);

}  // namespace upspec
