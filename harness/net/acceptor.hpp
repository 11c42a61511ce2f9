// Listens, and serves each connection in a coroutine of its own until it is told to stop. Of this room alone.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <optional>
#include <set>

#include "net/asio.hpp"
#include "net/signals.hpp"
#include "net/tls.hpp"
#include "net/transport.hpp"

namespace upspec {

class Acceptor {
 public:
  Acceptor(Address address, std::optional<TlsServer> tls, std::size_t most_connections)
      : address_(std::move(address)), tls_(std::move(tls)), most_(most_connections) {}

  // The error says why the address cannot be had; then address() has the real port.
  Result<void> listen();
  const Address& address() const { return address_; }

  // One connection, its TLS handshake done. What it throws ends the connection alone and is said on stderr.
  using Serve = std::function<asio::awaitable<void>(Transport&)>;
  // On this thread, until `stop` is raised. Then every transport is closed, and `stopped` is called.
  void run(const StopFlag& stop, Serve serve, std::function<void()> stopped = [] {});

  asio::io_context& context() { return context_; }
  bool stopping() const { return stopping_; }

 private:
  void stop();
  asio::awaitable<void> accept_all();
  asio::awaitable<void> serve_one(tcp::socket socket);

  Address address_;
  std::optional<TlsServer> tls_;
  std::size_t most_;
  Serve serve_;
  std::function<void()> stopped_;
  asio::io_context context_{1};
  tcp::acceptor acceptor_{context_};
  asio::steady_timer room_{context_, asio::steady_timer::time_point::max()};  // a connection has ended
  std::set<Transport*> open_;
  std::size_t running_ = 0;  // connections, those in their handshake included
  bool stopping_ = false;
};

}  // namespace upspec
