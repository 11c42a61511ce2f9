// What to do when the implementation's process dies while cases run side by side: play again, one at a time, those that
// were running, to name the one; then go on. Knows no process: it is told of a death and can ask for a restart.
#pragma once

#include <functional>
#include <optional>

#include "base/result.hpp"
#include "run/session.hpp"
#include "run/supervisor.hpp"

namespace upspec {

struct Watched {
  std::function<std::optional<Death>()> death;  // since the last start
  std::function<Result<void>()> restart;
  std::optional<int> restart_every;  // also after each N cases
  std::function<bool()> stopped;     // the run, by a signal
};

// A player that watches the process behind `play`. What it cannot blame on one case it tells as a case of its own,
// `implementation/died`.
PlayCases watching_deaths(PlayCases play, Watched watched);

}  // namespace upspec
