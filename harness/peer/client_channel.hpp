// The client's end of a channel, by protocol: messages and octets (protocol.md sections 8 and 9).
// All three have one shape: octets of the channel in and out, messages of the user in and out, an end.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/octets.hpp"
#include "base/random.hpp"
#include "h2/hpack.hpp"
#include "peer/nghttp2_session.hpp"
#include "peer/violations.hpp"
#include "peer/websocket_echo.hpp"

namespace upspec {

// Octets as they are.
class RawClient {
 public:
  void send(OctetView message) { append(out_, message); }
  void end() { finished_ = true; }
  void receive(OctetView octets) { messages_.push_back(to_octets(octets)); }
  void peer_ended() { finished_ = true; }
  Octets take_output() { return std::exchange(out_, {}); }
  std::vector<Octets> take_messages() { return std::exchange(messages_, {}); }
  bool finished() const { return finished_; }
  const std::string& trouble() const { return trouble_; }

 private:
  Octets out_;
  std::vector<Octets> messages_;
  bool finished_ = false;
  std::string trouble_;
};

// A message is one text message. The end is Close, the server's Close, END_STREAM (WS-10).
class WebSocketClient {
 public:
  WebSocketClient(Random random, const Violations& violations)
      : random_(random), violations_(violations), reader_(false, violations) {}

  void send(OctetView message);
  void end();
  void receive(OctetView octets);
  void peer_ended();
  Octets take_output() { return std::exchange(out_, {}); }
  std::vector<Octets> take_messages() { return std::exchange(messages_, {}); }
  bool finished() const { return finished_; }
  const std::string& trouble() const { return trouble_; }

 private:
  void write(ws::Opcode opcode, Octets payload);
  void close(Octets payload);
  void take(WebSocketReader::Message message);
  void answer_close(Octets payload);
  void fail(const WebSocketReader::Trouble& trouble);
  bool breaks(std::string_view id) const { return violations_.breaks(id); }

  Random random_;
  Violations violations_;
  WebSocketReader reader_;
  Octets out_;
  std::vector<Octets> messages_;
  bool said_close_ = false;
  bool finished_ = false;
  std::string trouble_;
};

// HTTP/2 in the channel. The content of the answer on stream 1 is a message; a message of the user is the content of a
// POST on a stream of its own, and the content of its answer comes back. The end is GOAWAY, then END_STREAM (H2C-09).
class H2cClient {
 public:
  // The payload of http2-settings, which the connection begins with (H2C-05).
  H2cClient(OctetView settings, h2::FieldSection post, const Violations& violations);

  void send(OctetView message);
  void end();
  void receive(OctetView octets);
  void peer_ended() { finished_ = !violations_.breaks("H2C-09/no-end"); }
  Octets take_output();
  std::vector<Octets> take_messages() { return std::exchange(messages_, {}); }
  bool finished() const { return finished_; }
  const std::string& trouble() const { return trouble_; }

  static Octets settings();

 private:
  void on(const SessionEvent& event);
  void spoil_beginning(Octets& out);
  void look_for_end();

  Violations violations_;
  bool begun_ = false;
  std::unique_ptr<Http2Session> session_;
  h2::FieldSection post_;
  std::map<std::uint32_t, Octets> answers_;
  std::vector<Octets> messages_;
  bool ending_ = false;  // once every request has its answer
  bool ended_ = false;   // by us, in order
  bool finished_ = false;
  std::string trouble_;
};

}  // namespace upspec
