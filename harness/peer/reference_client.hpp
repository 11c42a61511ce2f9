// The reference client: one HTTP/2 connection on an nghttp2 session that asks for one channel and carries its octets.
// Octets in, octets out; it owns no socket and reads no clock.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/octets.hpp"
#include "peer/violations.hpp"
#include "upgrade/dialect.hpp"

namespace upspec {

struct ClientOptions {
  std::optional<Dialect> dialect;      // none: the first that the server announces, `connect` before `upgrade`
  std::string protocol = "websocket";  // "websocket", "upspec-echo", "h2c", or "none": an ordinary GET
  std::string scheme = "http";
  std::string authority;
  std::string path = "/echo";
  std::vector<h2::Field> fields;  // added to the request
  std::uint16_t upgrade_setting = h2::setting::enable_upgrade;
  bool upgrade_needs_setting = true;
  std::uint64_t seed = 1;  // of the websocket key and masks
  Violations violations{};
};

class ReferenceClient {
 public:
  enum class Phase { waiting, asked, open, answered, failed, closed };
  //  waiting: for the server's SETTINGS    answered: a decline, or the answer of an ordinary GET (see `status`,
  //  `content`) failed: malformed answer, reset, connection error (see `trouble`)    closed: the channel ended in order

  explicit ReferenceClient(ClientOptions options);
  ~ReferenceClient();
  ReferenceClient(ReferenceClient&&) noexcept;
  ReferenceClient& operator=(ReferenceClient&&) noexcept;

  void receive(OctetView octets);
  void peer_ended();
  Octets take_output();
  bool finished() const;

  Phase phase() const;
  int status() const;                  // of the final answer or the accept; 0 before it
  const std::string& content() const;  // of an answer that is no accept; the first 1 MiB
  const std::string& trouble() const;  // one line; empty unless failed

  // The channel, while the phase is `open`. With `websocket` a message is one text message; else octets as they are.
  void send(OctetView message);
  // What was sent and has not gone out: a user that reads faster than the server takes waits for it to fall.
  std::size_t unsent() const;
  // In order: Close then END_STREAM for `websocket`, END_STREAM otherwise.
  void end();
  // Whole messages (`websocket`), octets as they came, or the content of each inner answer (`h2c`, where a message sent
  // is a POST). Until they are taken, no more than about 1 MiB is held, and the server waits.
  std::vector<Octets> take_messages();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace upspec
