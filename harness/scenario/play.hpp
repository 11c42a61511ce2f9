// Plays one case: a state machine that a driver connects to transports.
// Octets in, octets out, and the verdict at the end. It opens no socket and reads no clock: the driver tells the time,
// and tells when it has waited long enough.
//
// A driver's loop, after each of its own events and once at the start:
//   for each link: open it when wish(link) is `open`, write take_output(link), shut or abort it when its wish says so;
//   for each connection that came: hand it in by accepted(), and close it when that gives no link;
//   stop when done().
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "peer/transcript.hpp"
#include "scenario/case.hpp"
#include "scenario/registry.hpp"
#include "scenario/verdict.hpp"
#include "upgrade/breach.hpp"

namespace upspec {

// What a case needs to know of the run and of the implementation under test.
struct Situation {
  std::string scheme = "http";
  std::string authority = "localhost";
  std::string port;                          // where we listen, for a case that waits for a connection
  std::map<std::string, std::string> paths;  // "websocket" -> "/echo", "raw", "h2c": what is offered where
  std::vector<h2::Field> fields;             // `--header`: added to every request
  std::uint16_t upgrade_setting = h2::setting::enable_upgrade;
  bool upgrade_needs_setting = true;  // false: negotiation="none"
  double origin_timeout = 0;          // seconds that a proxy waits for a silent origin; 0: not known
  bool upgrades = true;               // false: the proxy upgrades to no origin (PXY-15)
  bool resets_behind = false;         // the proxy does not look at idle connections: a FIN at the end is not enough
  std::uint64_t seed = 1;
  bool client_reports = false;  // a client's program is started for each case: it says by its end what came of it
};

// How the client's program ended, where one was started for the case.
struct ClientReport {
  enum class How { success, failure, killed };  // exit status 0; another, or a signal; by us, since it did not end
  How how = How::success;
  std::string text;  // one line: "exited with status 1: waited in vain for an answer"
};

class Play {
 public:
  Play(const Case& what, const Situation& situation, const Registry& registry);
  ~Play();
  Play(Play&&) noexcept;
  Play& operator=(Play&&) noexcept;

  enum class Wish {
    open,    // not connected yet: connect it
    accept,  // not connected yet: the peer will connect, or the implementation under test behind it
    keep,    // nothing to do but to read and write
    shut,    // say FIN once the output is written, and go on reading
    abort,   // end it now with a TCP reset
  };
  std::size_t links() const;  // at least 1; grows when a step connects another, and with accepted()
  Wish wish(std::size_t link) const;
  // False: nothing is to be read from it now.
  bool reads(std::size_t link) const;
  // The system's buffers are to hold little, for the case measures what others hold. Not any more once it has.
  bool small_buffers() const;
  // False: connections are to be refused where we listen.
  bool listens() const;
  // What is to be written next, in one write; nothing when there is nothing.
  std::optional<Octets> take_output(std::size_t link);

  void connected(std::size_t link, Moment now);
  void not_connected(std::size_t link, std::string_view why, Moment now);  // refused, TLS failed: the case is an error
  // A connection came where we listen: which link it is. Nothing: no more of them are taken. A client may connect more
  // than once, and a proxy keeps several.
  std::optional<std::size_t> accepted(Moment now);
  // A connection came and was none: its TLS handshake failed, for one. The report says so.
  void turned_away(std::string_view why, Moment now);
  void receive(std::size_t link, OctetView octets, Moment now);
  void closed(std::size_t link, Closing how, Moment now);
  // The client's program has ended: what it says counts after what the wire has shown.
  void client_ended(ClientReport report, Moment now);
  bool awaits_report() const;  // there is nothing else that the case waits for
  // The awaited event has not come; the case ends as a failure that names it.
  void deadline(Moment now);

  bool done() const;
  // The verdict stands; it waits only for a proxy to end its connections behind, and not every proxy looks at idle
  // ones.
  bool lingers() const;
  bool lingered_in_vain() const;
  // Changes with each step that is done: the driver starts its deadline anew.
  std::uint64_t progress() const;

  // What the server announced on the first link, as far as it has been seen.
  struct Seen {
    bool settings = false;
    bool upgrade = false;
    bool connect = false;
  };
  Seen seen() const;

  // After done(). Without `seconds`, `replay`, and the implementation's evidence, which the caller adds. The verdict
  // counts the case's own expectations and the Monitor's breaches of ids that the case checks.
  CaseResult result() const;

  // Breaches of ids that the case does not check: the run makes one case `monitor/ID` of them.
  const std::vector<Breach>& other_breaches() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace upspec
