// The server's end of a WebSocket in a channel: each message comes back as one frame of the same kind (RFC 6455 5, 7;
// protocol.md section 8). Octets in, octets out; the handshake is not its business.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>

#include "base/octets.hpp"
#include "peer/violations.hpp"
#include "ws/frame.hpp"

namespace upspec {

// Reads what a peer of either role sends and says what is wrong with it. Both ends use it.
class WebSocketReader {
 public:
  // Is the peer the client, whose frames are masked (WS-08)?
  // `violations`: rules by whose id it forgives a breach, or makes one up.
  explicit WebSocketReader(bool peer_masks, Violations violations = {})
      : peer_masks_(peer_masks), violations_(std::move(violations)) {}

  struct Message {
    ws::Opcode opcode = ws::Opcode::text;  // text, binary, close, ping or pong; the payload is whole
    Octets payload;
  };
  struct Trouble {
    std::uint16_t code = 1002;  // for the Close frame
    const char* what = "";
  };

  void feed(OctetView octets) { reader_.feed(octets); }
  std::size_t buffered() const { return reader_.buffered(); }
  // The next whole message, or nothing yet, or nothing for ever (see `trouble`).
  std::optional<Message> next();
  const std::optional<Trouble>& trouble() const { return trouble_; }

  // A peer cannot make us hold more.
  static constexpr std::size_t largest_message = 1u << 22;

 private:
  std::optional<Trouble> judge(const ws::Frame& frame) const;
  std::optional<Trouble> judge_close(const ws::Frame& frame) const;
  std::optional<Message> join(ws::Frame frame);

  bool peer_masks_;
  Violations violations_;
  ws::FrameReader reader_{~std::size_t{0} >> 1};
  std::optional<Message> partial_;
  std::optional<Trouble> trouble_;
};

// What violations make of it.
struct WebSocketFaults {
  bool set_rsv1 = false;      // WS-12/rsv1
  bool long_headers = false;  // WS-09/short: each header is waited for as if it were of the longest kind
};

class WebSocketEcho {
 public:
  explicit WebSocketEcho(WebSocketFaults faults = {}) : faults_(faults) {}

  void receive(OctetView octets);
  // WS-11: the end without Close ends the other direction too.
  void peer_ended() { finished_ = true; }
  Octets take_output();
  bool finished() const { return finished_; }

 private:
  void answer(WebSocketReader::Message message);
  void send(ws::Opcode opcode, Octets payload);

  WebSocketFaults faults_;
  WebSocketReader reader_{true};
  Octets out_;
  bool finished_ = false;
};

}  // namespace upspec
