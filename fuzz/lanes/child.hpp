// The implementation's own process: started with a coverage map and a control socket, handed one connection after the
// other (../adapter.h, ../runtime/). Knows no HTTP. It ends with us, however we end.
#pragma once

#include <sys/types.h>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "runtime/upspec_cov.h"

namespace upspec::lanes {

// A descriptor with one owner.
class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  ~Descriptor() { reset(); }
  Descriptor(Descriptor&& other) noexcept : fd_(other.release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    reset(other.release());
    return *this;
  }
  int get() const { return fd_; }
  int release();
  void reset(int fd = -1);

 private:
  int fd_;
};

// Whether a thread sleeps, by the kernel's word.
class Watch {
 public:
  // "self" or a process's number, and the thread's.
  Watch(std::string_view process, int thread);
  // Gives it a few turns; false when it does not fall asleep soon.
  bool asleep() const;

 private:
  Descriptor stat_;
};

// This process and all it starts from now on keep to one core: across cores each wake-up costs more than it saves.
void pin_to_one_core();

class Child {
 public:
  // The program (looked up in PATH) and its arguments.
  explicit Child(std::vector<std::string> command) : command_(std::move(command)) {}
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  // Returns when it waits for its first connection. Also starts it again, on the same map.
  Result<void> start(int milliseconds);
  // The connection's other ends, as many as map().descriptors says, go over to it. False: it is gone.
  bool hand_over(std::span<const int> connection);
  int pid() const { return pid_; }
  // It says when it is ready, and when it has served a connection to its end. None: it has not said so in time.
  enum class Word : std::uint8_t { done, none, gone };
  Word take_word(int milliseconds);

  // How it ended, in one line, once take_word() or hand_over() has said so; waits for it for a moment.
  std::string how_it_ended();
  void kill();
  // The end of what it has written since its start, a sanitizer's report included.
  std::string output() const;

  upspec_map& map() { return *map_; }
  // Its counts since the last call go to `counters`, of UPSPEC_MAP_SLOTS.
  void take_counts(std::uint8_t* counters);

 private:
  Result<void> make_map();

  std::vector<std::string> command_;
  pid_t pid_ = -1;
  Descriptor control_, memory_, output_;
  upspec_map* map_ = nullptr;
};

}  // namespace upspec::lanes
