// The keeper: a fork of the harness that starts one program, tells how it ends, and ends all that is left of it.
// It runs in the child of a process with threads, so it calls only what is async-signal-safe and allocates nothing.
#pragma once

#include <sys/types.h>

#include <cstdint>

namespace upspec {

// Everything that the keeper needs, prepared before the fork.
struct KeeperTask {
  const char* program = nullptr;  // path
  char* const* arguments = nullptr;
  char* const* environment = nullptr;
  const char* directory = nullptr;  // nullptr: stay
  int socket = -1;                  // SOCK_SEQPACKET to the harness, one KeeperWord each way
  int output = -1;                  // where the program's stdout and stderr go
};

// What the two say to each other.
struct KeeperWord {
  enum Kind : std::int32_t {
    started,       // keeper: the program is executing; value is its pid
    no_directory,  // keeper: value is errno
    no_program,    // keeper: value is errno
    exited,        // keeper: the program ended; value is its exit status
    killed,        // keeper: value is the signal
    gone,          // keeper: nothing of it is left
    stop,          // harness: end it; value is the grace in milliseconds
  };
  std::int32_t kind = gone;
  std::int32_t value = 0;
};

// Runs in the forked child and never returns. All signals are blocked when it is called.
[[noreturn]] void keep(const KeeperTask& task) noexcept;

}  // namespace upspec
