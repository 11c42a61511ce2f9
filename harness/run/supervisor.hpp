// Keeps an implementation's processes alive while the run asks for them: start, are you alive, restart, stop.
// It does not know which cases were running; the run loop does.
//
// The run loop's use:
//   auto supervisor = Supervisor::start(implementation, {.tls = true, .logs = out + "/logs"});   error: exit 3, its
//   line
//   ... run a batch against supervisor->target() ...
//   if (auto death = supervisor->death()) {        // it died during this batch
//     if (auto again = supervisor->restart(); !again) ...  // cannot be restarted: `again.error().text`, rest is error
//     ... run the cases of the batch one at a time, asking death() after each, to name the one ...
//   }
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "base/result.hpp"
#include "run/implementation.hpp"

namespace upspec {

// How one of the processes ended although nobody had asked it to.
struct Death {
  std::string process;  // its id: "server", "origin"
  std::string how;  // one line: "killed by SIGSEGV (Segmentation fault)", "AddressSanitizer: heap-use-after-free ..."
  std::string evidence;  // for CaseResult::evidence: `how`, the sanitizer's report, the end of its output; any octets
  bool alive = false;    // it still runs, but a sanitizer has reported (UBSan and TSan go on by default)
};

// Where to test, once all processes are ready. Ports stay the same over restarts where they can: ask again after one.
struct Reachable {
  std::string host;
  std::uint16_t port = 0;
  bool tls = false;
  std::string ca_file;  // PEM; empty in cleartext, or where the description says `insecure`
};

struct SupervisorOptions {
  // NOLINTBEGIN(readability-redundant-member-init): so that a caller may name some of them only
  bool tls = false;
  std::string logs = {};      // folder for ID.log of each process; made when it is not there; empty: no log files
  std::stop_token stop = {};  // ends the waiting in start() and restart() (Ctrl-C)
  std::optional<std::uint16_t> origin = {};  // of a proxy: where the harness listens behind it
  Values given = {};                         // of a client, to which nobody connects: `url`, `ca`, `spki`
  // NOLINTEND(readability-redundant-member-init)
};

class Supervisor {
 public:
  // Returns when all processes are ready. Otherwise one line: which process, what was waited for, the end of its
  // output.
  static Result<Supervisor> start(const Implementation& implementation, const SupervisorOptions& options);
  ~Supervisor();  // stop(), and removes the folder ${dir}
  Supervisor(Supervisor&&) noexcept;
  Supervisor& operator=(Supervisor&&) noexcept;

  Reachable target() const;
  // Of the process under test; nothing where the file starts none.
  std::optional<int> pid() const;
  // The first process that died, or in whose output a sanitizer reported, since the last start. One that is just dying
  // is waited for; otherwise it costs microseconds: ask whenever a connection broke, and at the end of each batch.
  std::optional<Death> death() const;
  // Ends what still runs and starts all of it anew. Fails in one line: not ready in time, or the file starts nothing.
  Result<void> restart();
  // Ends everything, in reverse order. Gives what a sanitizer said only then (LeakSanitizer speaks at the end): it
  // belongs to no one case. death() still tells what came before. restart() stops by itself, and drops this.
  std::optional<Death> stop();

  // The first line of `version-command`, or "" where there is none or it fails.
  static std::string version(const Implementation& implementation);
  // The description's ${...} in `text` filled: ports, files and pieces. For authority and headers.
  std::string filled(std::string_view text) const;

 private:
  struct State;
  explicit Supervisor(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace upspec
