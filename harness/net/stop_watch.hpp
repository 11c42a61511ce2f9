// Hears a StopFlag among an io_context's events. Of this room alone.
#pragma once

#include <unistd.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <functional>
#include <utility>

#include "net/signals.hpp"

namespace upspec {

class StopWatch {
 public:
  // `stopped` is called once, when the flag is raised (or soon, when it is already), unless cancel() comes first.
  template <class Executor>
  StopWatch(const Executor& executor, const StopFlag& flag, std::function<void()> stopped)
      : descriptor_(executor, ::dup(flag.descriptor())), stopped_(std::move(stopped)) {
    descriptor_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                           [this](const boost::system::error_code& error) {
                             if (!error) stopped_();
                           });
  }
  // The context may run on until the watch has noticed.
  void cancel() { descriptor_.cancel(); }

 private:
  boost::asio::posix::stream_descriptor descriptor_;
  std::function<void()> stopped_;
};

}  // namespace upspec
