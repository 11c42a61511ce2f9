// A stop flag for those who wait without sockets: as a std::stop_token.
#pragma once

#include <chrono>
#include <stop_token>
#include <thread>

#include "net/signals.hpp"

namespace upspec {

// The flag must outlive it.
class StopTokenOf {
 public:
  explicit StopTokenOf(const StopFlag& stop)
      : thread_([this, &stop](const std::stop_token& over) {
          while (!over.stop_requested() && !stop.raised()) std::this_thread::sleep_for(std::chrono::milliseconds(20));
          if (stop.raised()) source_.request_stop();
        }) {}
  std::stop_token token() const { return source_.get_token(); }

 private:
  std::stop_source source_;
  std::jthread thread_;  // last: it uses the source
};

}  // namespace upspec
