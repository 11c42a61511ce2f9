// The reference server: one HTTP/2 connection on an nghttp2 session, the rules of harness/upgrade, and its applications
// (websocket echo, upspec-echo, h2c, ordinary GET and POST). Octets in, octets out; it owns no socket and reads no
// clock.
#pragma once

#include <cstdint>
#include <memory>

#include "base/octets.hpp"
#include "h2/codes.hpp"
#include "peer/violations.hpp"

namespace upspec {

struct ServerOptions {
  bool upgrade = true;  // announce and take dialect `upgrade`
  bool connect = true;  // announce and take dialect `connect`
  std::uint16_t upgrade_setting = h2::setting::enable_upgrade;
  bool upgrade_needs_setting = true;  // false: takes `:upgrade` without announcing it (negotiation="none")
  int h2c_depth = 1;                  // how many h2c connections may be nested (H2C-10)
  Violations violations{};
};

struct UpgradedRequest;

class ReferenceServer {
 public:
  explicit ReferenceServer(ServerOptions options);
  // The server's end of an h2c connection inside a channel: the request that asked for it is answered on stream 1.
  static ReferenceServer after_upgrade(ServerOptions options, UpgradedRequest request);
  ~ReferenceServer();
  ReferenceServer(ReferenceServer&&) noexcept;
  ReferenceServer& operator=(ReferenceServer&&) noexcept;

  void receive(OctetView octets);
  // The transport said FIN or broke; nothing more comes.
  void peer_ended();
  // What is to be written now; empty when there is nothing. Octets that were back-pressured may come with the next
  // call.
  Octets take_output();
  // The connection is over: close the transport once the output is written.
  bool finished() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace upspec
