// Runs plays over sockets, many side by side on one thread. It carries octets, tells the time and decides nothing:
// what is sent and what it means is the play's affair (scenario/play.hpp).
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>

#include "base/result.hpp"
#include "net/address.hpp"
#include "net/door.hpp"
#include "net/performer.hpp"
#include "net/signals.hpp"
#include "net/tls.hpp"
#include "scenario/play.hpp"

namespace upspec {

struct DriveOptions {
  Address target;                // for the connections that plays make
  std::optional<TlsClient> tls;  // none: cleartext with prior knowledge
  // The longest wait for one awaited event; connecting and the TLS handshake are such events.
  std::chrono::nanoseconds timeout = std::chrono::seconds(5);
  std::size_t jobs = 16;  // plays at a time
};

struct Job {
  Play play;
  std::size_t number = 0;                 // the caller's own: which of its cases this is
  std::shared_ptr<const Door> door = {};  // where the play waits for connections, if it does
  std::optional<Address> target = {};     // where it connects to, where that is not the drive's own target
  std::optional<std::chrono::nanoseconds> timeout = {};  // in the place of the drive's own
  Guest guest = {};                                      // who is to come there
  // What a guest of ours says at its end. A program's exit status speaks for itself.
  std::function<ClientReport(const Performer&)> report = {};
  std::string output = {};  // the end of what the program has written; the words of somebody elsewhere
  bool heard = false;       // the guest has ended
  std::string death = {};   // "killed by SIGSEGV (Segmentation fault)", where it did not exit
};

struct Ended {
  double seconds = 0;    // since the play's first attempt to connect
  bool finished = true;  // false: stopped before play.done()
};

// Returns when `next` has nothing more and every job was given back, or, at once, when `stop` is raised: running jobs
// come back unfinished, and `next` is not asked again. `next` is asked whenever a place is free, so a job's end may be
// what makes the next one possible. Both are called on this thread. What they or a play throw ends the drive and is
// thrown on.
void drive(const DriveOptions& options, const std::function<std::optional<Job>()>& next,
           const std::function<void(Job, Ended)>& done, const StopFlag& stop);

// One performer by itself, until it is done or `stop` is raised; gives it back.
std::unique_ptr<Performer> perform(std::unique_ptr<Performer> performer, std::chrono::nanoseconds timeout,
                                   const StopFlag& stop);

// Connects, does the TLS handshake if there is one, and closes. The error says what happened.
Result<void> can_connect(const Address& target, const std::optional<TlsClient>& tls, std::chrono::nanoseconds timeout);

}  // namespace upspec
