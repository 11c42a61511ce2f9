#include "net/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <fstream>
#include <mutex>
#include <system_error>
#include <thread>

#include "base/text.hpp"
#include "net/keeper.hpp"

namespace upspec {
namespace {

using Clock = std::chrono::steady_clock;

// What still hangs on a pipe when a program has ended is waited for no longer than this.
constexpr std::chrono::milliseconds patience_for_output{200};
// The keeper kills when the grace is over, and only a process stuck in the kernel outlives that.
constexpr std::chrono::milliseconds patience_for_keeper{5000};

std::string error_text(int number) { return std::generic_category().message(number); }

// A file descriptor, closed when it goes.
class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  ~Descriptor() { reset(); }
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  int get() const { return fd_; }
  void reset() {
    if (fd_ >= 0) close(fd_);
    fd_ = -1;
  }

 private:
  int fd_;
};

std::string find_program(const std::string& name) {
  if (name.find('/') != std::string::npos) return name;
  const char* const path = std::getenv("PATH");
  // Servers live in the sbin folders, which an ordinary user's PATH on Debian does not name.
  const std::string folders = cat(path != nullptr ? path : "", ":/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin");
  for (const std::string_view folder : split(folders, ':')) {
    const std::string full = cat(folder, "/", name);
    if (!folder.empty() && access(full.c_str(), X_OK) == 0) return full;
  }
  return {};
}

std::vector<std::string> environment_with(const std::vector<std::pair<std::string, std::string>>& more) {
  std::vector<std::string> all;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    bool replaced = false;
    for (const auto& [name, value] : more) replaced |= text.substr(0, text.find('=')) == name;
    if (!replaced) all.emplace_back(text);
  }
  for (const auto& [name, value] : more) all.push_back(cat(name, "=", value));
  return all;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> all;
  all.reserve(texts.size() + 1);
  for (std::string& text : texts) all.push_back(text.data());
  all.push_back(nullptr);
  return all;
}

// Is the kernel taking this process down? proc(5): "123 (name) S ...", and seven fields after the letter the flags.
bool is_dying(pid_t pid) {
  std::ifstream file(cat("/proc/", pid, "/stat"));
  std::string stat;
  std::getline(file, stat);
  const std::vector<std::string_view> fields =
      words(std::string_view(stat).substr(std::min(stat.rfind(')') + 1, stat.size())));
  if (fields.size() < 7) return true;
  constexpr std::uint64_t pf_exiting = 0x4;
  const bool zombie = fields[0] == "Z" || fields[0] == "X";
  return zombie || (to_number(fields[6]).value_or(0) & pf_exiting) != 0;
}

// Handlers of the harness must not run in the child before the keeper has dropped them.
pid_t fork_keeper(const KeeperTask& task) {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  const pid_t keeper = fork();
  if (keeper == 0) keep(task);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return keeper;
}

}  // namespace

std::string ProcessStatus::text() const {
  if (how == How::running) return "running";
  if (how == How::exited) return cat("exited with status ", number);
  const char* const name = sigabbrev_np(number);
  const char* const words = sigdescr_np(number);
  return name != nullptr && words != nullptr ? cat("killed by SIG", name, " (", words, ")")
                                             : cat("killed by signal ", number);
}

struct Process::State {
  pid_t keeper = -1;
  pid_t program = -1;
  Descriptor socket;
  Descriptor output;
  std::ofstream log;
  std::thread reader;
  std::mutex stopping;  // one stop() at a time

  mutable std::mutex mutex;
  mutable std::condition_variable changed;
  ProcessStatus status;
  Clock::time_point ended;
  std::string tail;  // at most twice `longest_output`, cut now and then
  ReportFinder reports;
  bool output_over = false;
  bool gone = false;

  bool over() const { return !status.running() && (output_over || Clock::now() >= ended + patience_for_output); }

  void end(ProcessStatus how) {
    if (!status.running()) return;
    status = how;
    ended = Clock::now();
  }
  void read_output();
  void read_socket();
  void watch();
};

void Process::State::read_output() {
  std::array<char, 16384> piece;
  for (;;) {
    const ssize_t got = read(output.get(), piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) return;
    const std::lock_guard lock(mutex);
    if (got <= 0) {
      reports.feed("\n");  // a program that was killed may not have ended its line
      output_over = true;
      return;
    }
    const std::string_view text(piece.data(), static_cast<std::size_t>(got));
    if (log.is_open()) log.write(piece.data(), got).flush();
    reports.feed(text);
    tail += text;
    if (tail.size() > 2 * longest_output) tail.erase(0, tail.size() - longest_output);
    changed.notify_all();
  }
}

void Process::State::read_socket() {
  KeeperWord word;
  const ssize_t got = recv(socket.get(), &word, sizeof word, MSG_DONTWAIT);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  const std::lock_guard lock(mutex);
  if (got != sizeof word) {
    end({.how = ProcessStatus::How::killed, .number = SIGKILL});  // the keeper is dead, and the program with it
    gone = true;
  } else if (word.kind == KeeperWord::exited || word.kind == KeeperWord::killed) {
    const bool exited = word.kind == KeeperWord::exited;
    end({.how = exited ? ProcessStatus::How::exited : ProcessStatus::How::killed, .number = word.value});
  } else if (word.kind == KeeperWord::gone) {
    gone = true;
  }
}

// The reader's thread: what the program writes, and what the keeper tells, until both are at their end.
void Process::State::watch() {
  for (;;) {
    std::array<pollfd, 2> both{{{.fd = socket.get(), .events = POLLIN, .revents = 0},
                                {.fd = output_over ? -1 : output.get(), .events = POLLIN, .revents = 0}}};
    if (poll(both.data(), both.size(), -1) < 0) continue;
    // Output first: who sees that the program has ended should find its last words, too.
    if (both[1].revents != 0) read_output();
    if (both[0].revents != 0) read_socket();
    if (gone && !output_over) read_output();
    const std::lock_guard lock(mutex);
    if (gone) output_over = true;
    changed.notify_all();
    if (gone) return;
  }
}

Result<Process> Process::start(const ProcessOptions& options) {
  if (options.command.empty() || options.command.front().empty()) return fail("no command: nothing to start");
  const std::string program = find_program(options.command.front());
  if (program.empty()) return fail(cat(options.command.front(), ": not found in PATH; is it installed?"));

  auto state = std::make_unique<State>();
  if (!options.log_file.empty()) {
    state->log.open(options.log_file, std::ios::app | std::ios::binary);
    if (!state->log) return fail(cat(options.log_file, ": cannot be written: ", error_text(errno)));
  }
  std::array<int, 2> sockets{-1, -1};
  std::array<int, 2> pipe{-1, -1};
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets.data()) != 0) {
    return fail(cat("cannot start ", program, ": ", error_text(errno)));
  }
  state->socket = Descriptor(sockets[0]);
  Descriptor theirs(sockets[1]);
  if (pipe2(pipe.data(), O_CLOEXEC) != 0) return fail(cat("cannot start ", program, ": ", error_text(errno)));
  state->output = Descriptor(pipe[0]);
  Descriptor writing(pipe[1]);
  fcntl(pipe[0], F_SETFL, O_NONBLOCK);

  std::vector<std::string> arguments = options.command;
  std::vector<std::string> environment = environment_with(options.environment);
  const std::vector<char*> argument_list = pointers(arguments);
  const std::vector<char*> environment_list = pointers(environment);
  state->keeper = fork_keeper({.program = program.c_str(),
                               .arguments = argument_list.data(),
                               .environment = environment_list.data(),
                               .directory = options.directory.empty() ? nullptr : options.directory.c_str(),
                               .socket = theirs.get(),
                               .output = writing.get()});
  if (state->keeper < 0) return fail(cat("cannot start ", program, ": ", error_text(errno)));
  theirs.reset();
  writing.reset();

  KeeperWord word;
  ssize_t got = 0;
  do got = recv(state->socket.get(), &word, sizeof word, 0);
  while (got < 0 && errno == EINTR);
  if (got != sizeof word || word.kind != KeeperWord::started) {
    waitpid(state->keeper, nullptr, 0);
    if (got == sizeof word && word.kind == KeeperWord::no_directory) {
      return fail(cat(options.directory, ": cannot be entered: ", error_text(word.value)));
    }
    return fail(cat(program, ": cannot be run: ", error_text(got == sizeof word ? word.value : ECHILD)));
  }
  state->program = word.value;
  state->reader = std::thread([s = state.get()] { s->watch(); });
  return Process(std::move(state));
}

Process::Process(std::unique_ptr<State> state) : state_(std::move(state)) {}
Process::Process(Process&&) noexcept = default;
Process& Process::operator=(Process&& other) noexcept {
  std::swap(state_, other.state_);
  return *this;
}
Process::~Process() {
  if (state_) stop(Milliseconds{0});
}

int Process::pid() const { return state_->program; }

ProcessStatus Process::status() const {
  const std::lock_guard lock(state_->mutex);
  return state_->status;
}

ProcessStatus Process::settled_status() const {
  if (status().running() && is_dying(state_->program)) wait(patience_for_keeper);
  return status();
}

bool Process::wait(Milliseconds at_most) const {
  const Clock::time_point deadline = Clock::now() + at_most;
  std::unique_lock lock(state_->mutex);
  while (!state_->over()) {
    if (Clock::now() >= deadline) return false;
    const bool ended = !state_->status.running();
    state_->changed.wait_until(lock, ended ? std::min(deadline, state_->ended + patience_for_output) : deadline);
  }
  return true;
}

void Process::stop(Milliseconds grace) {
  const std::lock_guard one(state_->stopping);
  if (!state_->reader.joinable()) return;
  const KeeperWord word{KeeperWord::stop, static_cast<std::int32_t>(grace.count())};
  [[maybe_unused]] const ssize_t sent = send(state_->socket.get(), &word, sizeof word, MSG_NOSIGNAL);
  {
    std::unique_lock lock(state_->mutex);
    state_->changed.wait_for(lock, grace + patience_for_keeper, [this] { return state_->gone; });
  }
  shutdown(state_->socket.get(), SHUT_RDWR);  // also wakes the reader, should the keeper be stuck
  state_->reader.join();
  waitpid(state_->keeper, nullptr, state_->gone ? 0 : WNOHANG);
}

std::string Process::output() const {
  const std::lock_guard lock(state_->mutex);
  const std::string& tail = state_->tail;
  return tail.size() > longest_output ? tail.substr(tail.size() - longest_output) : tail;
}

bool Process::wait_for_output(std::string_view text, Milliseconds at_most) const {
  const Clock::time_point deadline = Clock::now() + at_most;
  std::unique_lock lock(state_->mutex);
  for (;;) {
    if (state_->tail.find(text) != std::string::npos) return true;
    if (state_->over() || Clock::now() >= deadline) return false;
    const bool ended = !state_->status.running();
    state_->changed.wait_until(lock, ended ? std::min(deadline, state_->ended + patience_for_output) : deadline);
  }
}

std::optional<SanitizerReport> Process::report() const {
  const std::lock_guard lock(state_->mutex);
  return state_->reports.report();
}

}  // namespace upspec
