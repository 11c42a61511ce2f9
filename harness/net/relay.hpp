// Stands between clients and an origin: each connection in front gets a proxy (harness/peer), and each link that it
// wishes for a connection to the origin. Loops that carry octets and decide nothing.
// Memory is bounded by the proxy: a side that it does not want to hear is not read from.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>

#include "base/result.hpp"
#include "net/address.hpp"
#include "net/signals.hpp"
#include "net/tls.hpp"
#include "peer/reference_proxy.hpp"

namespace upspec {

struct RelayOptions {
  Address listen{"127.0.0.1", 0};                                      // port 0: the system chooses
  std::optional<TlsServer> tls;                                        // in front
  Address origin;                                                      // in cleartext
  std::chrono::nanoseconds origin_timeout = std::chrono::seconds(30);  // for a connection, and for an answer
  std::size_t most_connections = 1024;                                 // in front; more wait in the system's queue
};

class Relay {
 public:
  // The proxy for a connection that has said this so far; nothing yet: when it has said more.
  using Factory = std::function<std::optional<ReferenceProxy>(OctetView first)>;

  // Listens from now on; who connects waits for serve(). The error says why the address cannot be had.
  static Result<Relay> open(const RelayOptions& options, Factory factory);
  ~Relay();
  Relay(Relay&&) noexcept;
  Relay& operator=(Relay&&) noexcept;

  const Address& address() const;  // with the real port
  // Serves on this thread until `stop` is raised.
  void serve(const StopFlag& stop);

 private:
  struct State;
  explicit Relay(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace upspec
