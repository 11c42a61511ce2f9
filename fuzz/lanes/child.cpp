#include "child.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "base/text.hpp"

namespace upspec::lanes {
namespace {

constexpr std::size_t longest_output = 16u << 10;

// The child's side of fork: async-signal-safe calls alone, but for setenv before it.
[[noreturn]] void become(char* const* arguments, int output) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  personality(ADDR_NO_RANDOMIZE);  // GCC's counters are hashes of addresses, and shared objects should keep theirs
  dup2(output, STDOUT_FILENO);
  dup2(output, STDERR_FILENO);
  execvp(arguments[0], arguments);
  constexpr std::string_view why = "the program cannot be started\n";
  if (write(STDERR_FILENO, why.data(), why.size()) < 0) _exit(126);
  _exit(127);
}

}  // namespace

int Descriptor::release() { return std::exchange(fd_, -1); }

void Descriptor::reset(int fd) {
  if (fd_ >= 0) close(fd_);
  fd_ = fd;
}

Watch::Watch(std::string_view process, int thread)
    : stat_(open(cat("/proc/", process, "/task/", thread, "/stat").c_str(), O_RDONLY | O_CLOEXEC)) {}

bool Watch::asleep() const {
  constexpr int most_turns = 100;
  for (int turn = 0; turn < most_turns; ++turn) {
    if (turn > 0) sched_yield();
    char text[256];
    const ssize_t size = pread(stat_.get(), text, sizeof text, 0);
    if (size <= 0) return false;
    // "1234 (name) S ...": the name may hold anything.
    const std::string_view line(text, static_cast<std::size_t>(size));
    const auto name_end = line.rfind(") ");
    if (name_end == line.npos || name_end + 2 >= line.size()) return false;
    if (line[name_end + 2] == 'S') return true;
  }
  return false;
}

void pin_to_one_core() {
  const char* asked = std::getenv("UPSPEC_CPU");
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(static_cast<std::size_t>(asked != nullptr ? std::atoi(asked) : sched_getcpu()), &one);
  // Where it is not allowed, everything still works. SCHED_BATCH: a wake-up does not take the core from who has it, so
  // each side runs until it waits.
  sched_setaffinity(0, sizeof one, &one);
  const sched_param none{};
  sched_setscheduler(0, SCHED_BATCH, &none);
}

Child::~Child() {
  kill();
  if (map_ != nullptr) munmap(map_, sizeof *map_);
}

Result<void> Child::make_map() {
  memory_.reset(memfd_create("upspec coverage", 0));
  output_.reset(memfd_create("upspec output", 0));
  if (memory_.get() < 0 || output_.get() < 0 || ftruncate(memory_.get(), sizeof(upspec_map)) != 0)
    return fail(cat("memfd: ", std::strerror(errno)));
  void* at = mmap(nullptr, sizeof(upspec_map), PROT_READ | PROT_WRITE, MAP_SHARED, memory_.get(), 0);
  if (at == MAP_FAILED) return fail(cat("mmap: ", std::strerror(errno)));
  map_ = static_cast<upspec_map*>(at);
  map_->magic = UPSPEC_MAP_MAGIC;
  map_->version = UPSPEC_MAP_VERSION;
  return {};
}

Result<void> Child::start(int milliseconds) {
  kill();
  if (map_ == nullptr)
    if (auto made = make_map(); !made) return made;
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends) != 0) return fail(cat("socketpair: ", std::strerror(errno)));
  Descriptor theirs(ends[1]);
  control_.reset(ends[0]);
  fcntl(ends[0], F_SETFD, FD_CLOEXEC);
  if (ftruncate(output_.get(), 0) != 0 || lseek(output_.get(), 0, SEEK_SET) != 0) return fail("output");
  map_->ready = 0;
  setenv(UPSPEC_COVERAGE_FD, cat(memory_.get()).c_str(), 1);
  setenv(UPSPEC_CONTROL_FD, cat(theirs.get()).c_str(), 1);
  std::vector<char*> arguments;
  arguments.reserve(command_.size() + 1);
  for (std::string& word : command_) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  pid_ = fork();
  if (pid_ == 0) become(arguments.data(), output_.get());
  if (pid_ < 0) return fail(cat("fork: ", std::strerror(errno)));
  theirs.reset();
  const auto word = take_word(milliseconds);
  if (word == Word::done) return {};
  const std::string how = word == Word::none ? "it does not get ready" : how_it_ended();
  return fail(cat(command_.front(), ": ", how, "; it must be linked with fuzz/runtime/serve_main.c: ", output()));
}

bool Child::hand_over(std::span<const int> connection) {
  char octet = 0;
  iovec part{&octet, 1};
  constexpr std::size_t most = 2 * sizeof(int);
  alignas(cmsghdr) char space[CMSG_SPACE(most)] = {};
  const std::size_t size = std::min(connection.size_bytes(), most);
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = space;
  message.msg_controllen = CMSG_SPACE(size);
  cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(size);
  std::memcpy(CMSG_DATA(header), connection.data(), size);
  return sendmsg(control_.get(), &message, MSG_NOSIGNAL) == 1;
}

Child::Word Child::take_word(int milliseconds) {
  char octet = 0;
  ssize_t got = recv(control_.get(), &octet, 1, MSG_DONTWAIT);
  if (got < 0 && errno == EAGAIN) {
    pollfd word{control_.get(), POLLIN, 0};
    if (poll(&word, 1, milliseconds) == 0) return Word::none;
    got = recv(control_.get(), &octet, 1, MSG_DONTWAIT);
  }
  return got == 1 ? Word::done : Word::gone;
}

std::string Child::how_it_ended() {
  if (pid_ < 0) return "it had ended";
  int status = 0;
  // Its sockets close before it is a zombie; a sanitizer writes its report before both.
  for (int tries = 0; waitpid(pid_, &status, WNOHANG) == 0; ++tries) {
    if (tries == 2000) return "it closed its connections and still runs";
    poll(nullptr, 0, 1);
  }
  pid_ = -1;
  if (WIFSIGNALED(status)) return cat("killed by ", sigabbrev_np(WTERMSIG(status)));
  return cat("exited with status ", WEXITSTATUS(status));
}

void Child::kill() {
  control_.reset();
  if (pid_ < 0) return;
  ::kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

std::string Child::output() const {
  struct stat is{};
  if (fstat(output_.get(), &is) != 0) return {};
  const auto size = static_cast<std::size_t>(is.st_size);
  std::string text(std::min(size, longest_output), '\0');
  const ssize_t got = pread(output_.get(), text.data(), text.size(), static_cast<off_t>(size - text.size()));
  text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return text;
}

void Child::take_counts(std::uint8_t* counters) {
  // Guards are numbered from 1; where nobody has counted the edges, they may be anywhere.
  const std::size_t edges = __atomic_load_n(&map_->edges, __ATOMIC_RELAXED);
  const std::size_t used = edges > 1 ? std::min<std::size_t>(edges + 1, UPSPEC_MAP_SLOTS) : UPSPEC_MAP_SLOTS;
  std::memcpy(counters, map_->counters, used);
  std::memset(map_->counters, 0, used);
}

}  // namespace upspec::lanes
