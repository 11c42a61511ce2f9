// The lane "linked": the implementation's adapter (../adapter.h) is in this program, with its coverage and its
// sanitizers. It serves on a thread of its own, so that its function may block.
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <thread>

#include "adapter.h"
#include "child.hpp"
#include "hand_over.hpp"
#include "lane.hpp"

extern "C" __attribute__((weak)) int upspec_serve_start(void) { return 0; }
// The adapter has one of the two.
#pragma weak upspec_serve_fd
#pragma weak upspec_proxy_fds

namespace upspec::lanes {
namespace {

constexpr auto patience = std::chrono::seconds(10);
using Call = std::array<int, 2>;  // in front, behind

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

  void call(const Call& fds) {
    if (write(ours_.get(), fds.data(), sizeof fds) != sizeof fds) std::abort();
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
    for (Call fds; read(theirs_.get(), fds.data(), sizeof fds) == sizeof fds;) {
      const int answer = upspec_proxy_fds != nullptr ? upspec_proxy_fds(fds[0], fds[1]) : upspec_serve_fd(fds[0]);
      if (write(theirs_.get(), &answer, sizeof answer) != sizeof answer) return;
    }
  }
  Descriptor ours_, theirs_;
  std::optional<Watch> watch_;
};

class Called final : public HandOver {
 public:
  explicit Called(Server& server) : HandOver(server.watch()), server_(server) {}

 private:
  void give(std::vector<Descriptor> theirs) override {
    Call call;
    for (std::size_t i = 0; i < theirs.size() && i < call.size(); ++i) call[i] = theirs[i].release();
    server_.call(call);
  }
  Server& server_;
};

Server& server() {
  static auto* one = new Server;  // outlives every thread
  return *one;
}

}  // namespace
}  // namespace upspec::lanes

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  signal(SIGPIPE, SIG_IGN);
  if (upspec_serve_fd == nullptr && upspec_proxy_fds == nullptr) {
    std::fputs("upspec: the adapter defines neither upspec_serve_fd nor upspec_proxy_fds\n", stderr);
    return 3;
  }
  if (upspec_proxy_fds != nullptr) upspec::lanes::lane().serves_proxy();
  upspec::lanes::pin_to_one_core();
  return upspec_serve_start();
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace upspec;
  const auto script = lanes::lane().script_of({data, size});
  lanes::Called dialer(lanes::server());
  const auto driven = lanes::lane().drive(script, dialer, lanes::patience);
  if (!lanes::server().wait())
    lanes::lane().found(script, "hang", "alive", "a connection is not over although its client has gone");
  lanes::lane().judge(script, driven);
  return 0;
}
