// Accepts connections and carries their octets to peers that a factory makes, one a connection.
// Memory is bounded: a connection whose output does not go out is not read from, and too many of them wait.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <thread>

#include "base/result.hpp"
#include "net/address.hpp"
#include "net/connection.hpp"
#include "net/signals.hpp"
#include "net/tls.hpp"

namespace upspec {

struct ListenOptions {
  Address address{"127.0.0.1", 0};  // port 0: the system chooses
  std::optional<TlsServer> tls;
  std::size_t most_connections = 1024;  // more wait in the system's queue
};

class Listener {
 public:
  // Called on the thread that serves.
  using Factory = std::function<std::unique_ptr<Connection>()>;

  // Listens from now on; who connects waits for serve(). The error says why the address cannot be had.
  static Result<Listener> open(const ListenOptions& options, Factory factory);
  ~Listener();
  Listener(Listener&&) noexcept;
  Listener& operator=(Listener&&) noexcept;

  const Address& address() const;  // with the real port
  // Serves on this thread until `stop` is raised; connections that are open then are closed. What a peer throws ends
  // its connection alone and is said on stderr.
  void serve(const StopFlag& stop);

 private:
  struct State;
  explicit Listener(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// Serves on a thread of its own for as long as it lives.
class BackgroundListener {
 public:
  explicit BackgroundListener(Listener listener);
  ~BackgroundListener();
  BackgroundListener(const BackgroundListener&) = delete;
  BackgroundListener& operator=(const BackgroundListener&) = delete;

  const Address& address() const { return listener_.address(); }

 private:
  Listener listener_;
  StopFlag stop_;
  std::thread thread_;  // last: it uses the others
};

}  // namespace upspec
