// Plays fuzz scripts over connected sockets, one at a time, each as fast as the other side answers. It carries octets
// and decides one thing: when nothing moves any more. What is said and what it means is the script's affair
// (script/play_script.hpp).
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "net/address.hpp"
#include "net/signals.hpp"
#include "net/tls.hpp"
#include "script/duties.hpp"
#include "script/play_script.hpp"
#include "script/trace.hpp"

namespace upspec {

// Where connections come from.
class Dialer {
 public:
  Dialer() = default;
  Dialer(const Dialer&) = delete;
  Dialer& operator=(const Dialer&) = delete;
  virtual ~Dialer() = default;
  // A connected socket that no other program inherits, which the driver closes; -1: there is none. Asked for the links
  // in front that the script speaks of, and for an intermediary then for those behind until there is none: they are
  // open from the start.
  virtual int open(script::LinkId link) = 0;
  // What is to be said first on it has been written.
  virtual void begun(script::LinkId) {}
  // Lets the other side run first, where that helps: both keep to one core.
  virtual void give_way() {}
  // Has the other side read all that was written, and does it wait for more? False: it moves, or nobody can tell; then
  // the driver waits for `settle`.
  virtual bool at_rest() { return false; }
};

// Connects to a host and port, or to a Unix socket ("unix:/path"). From a changing address of 127/8 where the target is
// there too: closed connections keep their ports for a minute.
std::unique_ptr<Dialer> dialer_to(const Address& address);

struct DriveLimits {
  // NOLINTBEGIN(readability-redundant-member-init): so that a caller may name some of them only
  std::chrono::microseconds settle = std::chrono::milliseconds(2);  // nothing has come for that long: nothing moves
  std::chrono::milliseconds patience = std::chrono::seconds(2);     // for what is owed: the end of a hang
  // A PING asks whether the other side is through with what it was told, and whether it lives; without, the script's
  // end is a FIN, and the other side owes the end of the connection.
  bool ping = true;
  // So many of a connection's first writes go out one by one, as the script cuts them; what is ready later goes
  // together.
  std::size_t pieces_apart = 6;
  // NOLINTEND(readability-redundant-member-init)
};

struct Driven {
  script::Played played;
  std::vector<std::pair<script::LinkId, script::Trace>> traces;  // of the links where we are an HTTP/2 client
  Breach owed;                         // what had not come when the patience was at its end; no requirement: nothing
  std::chrono::microseconds waited{};  // for nothing
  bool connected = true;               // false: the first connection could not be made
};

struct DriveTask {
  const script::Script& script;
  script::EndOptions ends = {};
  Dialer& dialer;
  const std::optional<TlsClient>* tls = nullptr;
  std::string host = {};  // for TLS
  DriveLimits limits = {};
  script::EchoPaths paths = {};
};

// Returns when the script is over, or soon after `stop` is raised.
Driven drive_script(const DriveTask& task, const StopFlag* stop = nullptr);

}  // namespace upspec
