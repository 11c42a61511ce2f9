// Many performers side by side on one thread. Of this room alone: driver.hpp offers it for plays.
#pragma once

#include <functional>
#include <memory>

#include "net/driver.hpp"
#include "net/performer.hpp"

namespace upspec {

// As drive(), for performers of any kind. A job is given back by the pointer that `next` gave out.
struct Performers {
  std::function<std::unique_ptr<Performer>()> next;  // null: nothing now
  std::function<void(std::unique_ptr<Performer>, Ended)> done;
};
void drive_all(const DriveOptions& options, const Performers& performers, const StopFlag& stop);

}  // namespace upspec
