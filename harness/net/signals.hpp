// "Stop now", said by a signal or by another thread, and heard at once by whoever waits for sockets.
#pragma once

#include <atomic>
#include <memory>

namespace upspec {

// Raised once and for good. Raising it is safe in a signal handler and from any thread.
class StopFlag {
 public:
  StopFlag();
  ~StopFlag();
  StopFlag(const StopFlag&) = delete;
  StopFlag& operator=(const StopFlag&) = delete;

  void raise() noexcept;
  bool raised() const noexcept { return raised_.load(); }
  // A descriptor that is readable from the moment the flag is raised, for poll and its kin. Nobody reads from it.
  int descriptor() const noexcept { return descriptor_; }

 private:
  std::atomic<bool> raised_ = false;
  int descriptor_ = -1;
};

// While it lives, SIGINT and SIGTERM raise its flag instead of ending the program, and SIGPIPE is ignored.
// One at a time in a process.
class StopOnSignals {
 public:
  StopOnSignals();
  ~StopOnSignals();
  StopOnSignals(const StopOnSignals&) = delete;
  StopOnSignals& operator=(const StopOnSignals&) = delete;

  StopFlag& flag() { return *flag_; }
  // Which signal came last; 0: none.
  int signal() const;

 private:
  struct Before;  // what the signals did before
  std::unique_ptr<StopFlag> flag_;
  std::unique_ptr<Before> before_;
};

}  // namespace upspec
