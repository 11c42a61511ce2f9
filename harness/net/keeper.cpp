#include "net/keeper.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>

namespace upspec {
namespace {

constexpr int socket_fd = 3;
constexpr int output_fd = 4;

void on_child(int) {}

void say(KeeperWord::Kind kind, int value) noexcept {
  const KeeperWord word{kind, value};
  // When nobody listens any more, the loop sees the end of the socket.
  [[maybe_unused]] const ssize_t sent = send(socket_fd, &word, sizeof word, MSG_NOSIGNAL);
}

// The harness's handlers (Asio's write to a pipe that we share) and its mask are not for us or the program.
void forget_signals() noexcept {
  struct sigaction plain{};
  plain.sa_handler = SIG_DFL;
  for (int number = 1; number < NSIG; ++number) sigaction(number, &plain, nullptr);
}

void allow_signals() noexcept {
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

// Only these stay open: a socket or pipe of the harness that we held would never come to its end for others.
void keep_only(int socket, int output) noexcept {
  const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  const int high_socket = fcntl(socket, F_DUPFD_CLOEXEC, 10);
  const int high_output = fcntl(output, F_DUPFD_CLOEXEC, 10);
  if (null < 0 || high_socket < 0 || high_output < 0) _exit(1);
  for (int fd = 0; fd < 3; ++fd) dup2(null, fd);
  dup3(high_socket, socket_fd, O_CLOEXEC);
  dup3(high_output, output_fd, O_CLOEXEC);
  close_range(output_fd + 1, UINT_MAX, 0);
}

[[noreturn]] void become_program(const KeeperTask& task, pid_t keeper, int failed) noexcept {
  setsid();
  // Should the keeper be killed, the program goes with it. The keeper has one thread, so this is sound here.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != keeper) _exit(127);
  dup2(output_fd, STDOUT_FILENO);
  dup2(output_fd, STDERR_FILENO);
  allow_signals();
  KeeperWord word{KeeperWord::no_directory, 0};
  if (task.directory == nullptr || chdir(task.directory) == 0) {
    word.kind = KeeperWord::no_program;
    execve(task.program, task.arguments, task.environment);
  }
  word.value = errno;
  [[maybe_unused]] const ssize_t written = write(failed, &word, sizeof word);
  _exit(127);
}

// The program's pid once it executes. On failure says why, and ends.
pid_t start_program(const KeeperTask& task) noexcept {
  std::array<int, 2> failed{-1, -1};
  if (pipe2(failed.data(), O_CLOEXEC) != 0) {
    say(KeeperWord::no_program, errno);
    _exit(1);
  }
  const pid_t keeper = getpid();
  const pid_t program = fork();
  if (program == 0) become_program(task, keeper, failed[1]);
  close(failed[1]);
  close(output_fd);  // so that the output ends with its last writer
  if (program < 0) {
    say(KeeperWord::no_program, errno);
    _exit(1);
  }
  KeeperWord word;
  ssize_t got = 0;
  do got = read(failed[0], &word, sizeof word);
  while (got < 0 && errno == EINTR);
  close(failed[0]);
  if (got == sizeof word) {
    waitpid(program, nullptr, 0);
    say(static_cast<KeeperWord::Kind>(word.kind), word.value);
    _exit(1);
  }
  say(KeeperWord::started, program);
  return program;
}

std::int64_t now_ms() noexcept {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
}

// To the program's group, and to the groups of those that left it: daemons that we adopted as their subreaper.
void signal_all(pid_t program, int number) noexcept {
  kill(-program, number);
  const int list = open("/proc/thread-self/children", O_RDONLY | O_CLOEXEC);
  if (list < 0) return;
  std::array<char, 4096> digits;
  pid_t child = 0;
  for (ssize_t got = 0; (got = read(list, digits.data(), digits.size())) > 0;) {
    for (ssize_t i = 0; i < got; ++i) {
      const char c = digits[static_cast<std::size_t>(i)];
      if (c >= '0' && c <= '9') {
        child = child * 10 + (c - '0');
      } else {
        const pid_t group = child > 0 ? getpgid(child) : 0;
        if (group > 0 && group != program) kill(-group, number);
        child = 0;
      }
    }
  }
  close(list);
}

// How the program ended, without reaping it: while it is a zombie, the number of its group cannot be given away.
bool has_ended(pid_t program) noexcept {
  siginfo_t info{};
  if (waitid(P_PID, static_cast<id_t>(program), &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid != program) {
    return false;
  }
  say(info.si_code == CLD_EXITED ? KeeperWord::exited : KeeperWord::killed, info.si_status);
  return true;
}

bool all_reaped() noexcept {
  pid_t reaped = 0;
  do reaped = waitpid(-1, nullptr, WNOHANG);
  while (reaped > 0);
  return reaped < 0 && errno == ECHILD;
}

}  // namespace

void keep(const KeeperTask& task) noexcept {
  setsid();  // Ctrl-C is for the harness, which then ends us in order
  forget_signals();
  prctl(PR_SET_NAME, "upspec-keeper");
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  keep_only(task.socket, task.output);
  const pid_t program = start_program(task);

  // From here on only SIGCHLD may interrupt, and only while we wait.
  struct sigaction child{};
  child.sa_handler = on_child;
  child.sa_flags = SA_NOCLDSTOP;
  sigaction(SIGCHLD, &child, nullptr);
  sigset_t while_waiting;
  sigfillset(&while_waiting);
  sigdelset(&while_waiting, SIGCHLD);

  bool ended = false;
  bool stopping = false;
  std::int64_t deadline = 0;
  pollfd harness{.fd = socket_fd, .events = POLLIN, .revents = 0};
  for (;;) {
    if (!ended) ended = has_ended(program);
    if (stopping && ended && all_reaped()) break;
    if (stopping && now_ms() >= deadline) signal_all(program, SIGKILL);

    const timespec soon{.tv_sec = 0, .tv_nsec = 10'000'000};
    harness.revents = 0;
    if (ppoll(&harness, 1, stopping ? &soon : nullptr, &while_waiting) <= 0 || harness.revents == 0) continue;
    KeeperWord word;
    const ssize_t got = recv(socket_fd, &word, sizeof word, 0);
    if (got == sizeof word && word.kind == KeeperWord::stop) {
      if (!stopping) signal_all(program, SIGTERM);
      kill(-program, SIGCONT);  // a stopped one could not end in order
      deadline = now_ms() + std::max(0, word.value);
      stopping = true;
    } else if (got <= 0) {
      harness.fd = -1;  // the harness is gone
      deadline = now_ms();
      stopping = true;
    }
  }
  say(KeeperWord::gone, 0);
  _exit(0);
}

}  // namespace upspec
