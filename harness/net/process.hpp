// A program that the harness runs beside itself: started without a shell, watched, and ended with all it has started.
// POSIX and Linux. Knows nothing of HTTP, nor what the program is for.
//
// Between the harness and the program stands a keeper, a small process of ours that adopts whatever the program leaves
// behind. When the harness ends in whatever way, SIGKILL included, the keeper sees its pipe close and ends the lot.
// (PR_SET_PDEATHSIG alone would not do: it follows the thread that forked, and grandchildren do not inherit it.)
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "net/sanitizer.hpp"

namespace upspec {

// "a 'b c' d\ e"  is  {"a", "b c", "d e"}: as a POSIX shell splits words, with '', "" and \, and nothing else of a
// shell.
Result<std::vector<std::string>> split_command(std::string_view text);

// A TCP port of 127.0.0.1 that nobody listens on now. Below the system's range for outgoing connections, so that none
// of a thousand test connections can sit on it while a server restarts; never the same one twice in a row.
std::uint16_t free_port();

struct ProcessOptions {
  // NOLINTBEGIN(readability-redundant-member-init): so that a caller may name some of them only
  std::vector<std::string> command = {};  // the program (looked up in PATH, then in the sbin folders) and its arguments
  std::vector<std::pair<std::string, std::string>> environment =
      {};                      // added to the harness's own, or replacing it there
  std::string directory = {};  // empty: the harness's own
  std::string log_file = {};   // all output is appended here; empty: only its end is kept, in memory
  // NOLINTEND(readability-redundant-member-init)
};

struct ProcessStatus {
  enum class How { running, exited, killed };
  How how = How::running;
  int number = 0;  // the exit status, or the signal

  bool running() const { return how == How::running; }
  // "running", "exited with status 1", "killed by SIGSEGV (Segmentation fault)"
  std::string text() const;
  bool operator==(const ProcessStatus&) const = default;
};

// Functions may be called from any thread; start() and the destructor by the owner alone.
class Process {
 public:
  using Milliseconds = std::chrono::milliseconds;

  // Returns when the program is executing, or says in one line why it cannot: not found, not executable, no such
  // folder.
  static Result<Process> start(const ProcessOptions& options);
  ~Process();  // stop() without grace
  Process(Process&&) noexcept;
  Process& operator=(Process&&) noexcept;

  int pid() const;  // of the program; also the number of its process group
  ProcessStatus status() const;
  // The same, but a program that is just dying is waited for: its peers see their connections break before its parent
  // sees it end. Costs nothing while it lives.
  ProcessStatus settled_status() const;
  // Waits until the program has ended and its output is complete; false when it has not within that time.
  bool wait(Milliseconds at_most) const;

  // SIGTERM to the group; what has not ended after the grace gets SIGKILL, also what had left the group. Returns when
  // nothing of it is left. Afterwards status() says how the program ended.
  void stop(Milliseconds grace);

  // The end of what it wrote to stdout and stderr, at most `longest_output` octets.
  std::string output() const;
  // Waits until the output holds this text. False: not within that time, or it ended before.
  bool wait_for_output(std::string_view text, Milliseconds at_most) const;
  // The first report of a sanitizer in all its output so far, also in what output() has forgotten (net/sanitizer.hpp).
  std::optional<SanitizerReport> report() const;

  static constexpr std::size_t longest_output = 64u << 10;

 private:
  struct State;
  explicit Process(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace upspec
