// The lane "linked": the implementation's adapter (../adapter.h) is in this program, with its coverage and its
// sanitizers. It serves on a thread of its own, so that its function may block.
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <thread>

#include "adapter.h"
#include "child.hpp"
#include "lane.hpp"

extern "C" __attribute__((weak)) int upspec_serve_start(void) { return 0; }

namespace upspec::lanes {
namespace {

constexpr auto patience = std::chrono::seconds(10);

// Serves what comes over `calls`, and answers when it is done.
class Server {
 public:
  Server() {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) std::abort();
    ours_.reset(ends[0]);
    theirs_.reset(ends[1]);
    std::thread([this] { serve(); }).detach();  // for as long as the process
    int thread = 0;
    if (read(ours_.get(), &thread, sizeof thread) != sizeof thread) std::abort();
    watch_.emplace("self", thread);
  }
  const Watch& watch() const { return *watch_; }

  void call(int fd) {
    if (write(ours_.get(), &fd, sizeof fd) != sizeof fd) std::abort();
  }
  bool wait() {
    pollfd word{ours_.get(), POLLIN, 0};
    int answer = 0;
    if (poll(&word, 1, std::chrono::milliseconds(patience).count()) != 1) return false;
    if (read(ours_.get(), &answer, sizeof answer) != sizeof answer || answer == 0) return true;
    std::fprintf(stderr, "upspec: the adapter cannot serve: it says %d\n", answer);
    std::exit(3);
  }

 private:
  void serve() {
    const int self = gettid();
    if (write(theirs_.get(), &self, sizeof self) != sizeof self) return;
    for (int fd = -1; read(theirs_.get(), &fd, sizeof fd) == sizeof fd;) {
      const int answer = upspec_serve_fd(fd);
      if (write(theirs_.get(), &answer, sizeof answer) != sizeof answer) return;
    }
  }
  Descriptor ours_, theirs_;
  std::optional<Watch> watch_;
};

class HandOver final : public Dialer {
 public:
  explicit HandOver(Server& server) : server_(server) {}
  void give_way() override { sched_yield(); }
  bool at_rest() override { return server_.watch().asleep(); }
  int open(script::LinkId) override {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return -1;
    theirs_ = ends[1];
    return ends[0];
  }
  void begun(script::LinkId) override { server_.call(theirs_); }

 private:
  Server& server_;
  int theirs_ = -1;
};

Server& server() {
  static auto* one = new Server;  // outlives every thread
  return *one;
}

}  // namespace
}  // namespace upspec::lanes

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  signal(SIGPIPE, SIG_IGN);
  upspec::lanes::pin_to_one_core();
  return upspec_serve_start();
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace upspec;
  const auto script = lanes::Lane::script_of({data, size});
  lanes::HandOver dialer(lanes::server());
  const auto driven = lanes::lane().drive(script, dialer, lanes::patience);
  if (!lanes::server().wait())
    lanes::lane().found(script, "hang", "alive", "a connection is not over although its client has gone");
  lanes::lane().judge(script, driven);
  return 0;
}
