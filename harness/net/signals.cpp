#include "net/signals.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <stdexcept>
#include <system_error>

namespace upspec {

StopFlag::StopFlag() : descriptor_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (descriptor_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
}

StopFlag::~StopFlag() { ::close(descriptor_); }

void StopFlag::raise() noexcept {
  const int before = errno;  // it may be called in a signal handler
  raised_.store(true);
  const std::uint64_t one = 1;
  // It fails only when the counter is full, and then the descriptor is readable already.
  [[maybe_unused]] const auto written = ::write(descriptor_, &one, sizeof one);
  errno = before;
}

namespace {

// What a signal handler can reach.
std::atomic<StopFlag*> current_flag = nullptr;
std::atomic<int> last_signal = 0;
static_assert(std::atomic<StopFlag*>::is_always_lock_free && std::atomic<int>::is_always_lock_free);

void on_signal(int signal) {
  last_signal.store(signal);
  if (auto* flag = current_flag.load()) flag->raise();
}

struct sigaction action_of(void (*handler)(int)) {
  struct sigaction action{};
  action.sa_handler = handler;
  ::sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  return action;
}

}  // namespace

struct StopOnSignals::Before {
  struct sigaction interrupt, terminate, pipe;
};

StopOnSignals::StopOnSignals() : flag_(std::make_unique<StopFlag>()), before_(std::make_unique<Before>()) {
  StopFlag* none = nullptr;
  if (!current_flag.compare_exchange_strong(none, flag_.get())) throw std::logic_error("a second StopOnSignals");
  last_signal.store(0);
  const auto stop = action_of(&on_signal);
  const auto ignore = action_of(SIG_IGN);
  ::sigaction(SIGINT, &stop, &before_->interrupt);
  ::sigaction(SIGTERM, &stop, &before_->terminate);
  ::sigaction(SIGPIPE, &ignore, &before_->pipe);
}

StopOnSignals::~StopOnSignals() {
  ::sigaction(SIGINT, &before_->interrupt, nullptr);
  ::sigaction(SIGTERM, &before_->terminate, nullptr);
  ::sigaction(SIGPIPE, &before_->pipe, nullptr);
  current_flag.store(nullptr);
}

int StopOnSignals::signal() const { return last_signal.load(); }

}  // namespace upspec
