// WebSocket frames (RFC 6455 5.2): octets to frames and back.
// The writer writes whatever it is told; the reader judges only the frame's form. What an endpoint must not send is the
// Monitor's to say: the frame keeps every fact it needs.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/octets.hpp"

namespace upspec::ws {

enum class Opcode : std::uint8_t { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

struct Frame {
  bool fin = true;
  std::uint8_t rsv = 0;  // the three bits, RSV1 is 4
  std::uint8_t opcode = 1;
  std::optional<std::array<std::uint8_t, 4>> mask;
  Octets payload;  // unmasked
  // The width (2 or 8) of a length that is not in its shortest form, which RFC 6455 5.2 forbids; 0: it is.
  std::uint8_t long_length = 0;
  bool operator==(const Frame&) const = default;

  bool is(Opcode o) const { return opcode == static_cast<std::uint8_t>(o); }
  bool is_control() const { return (opcode & 8) != 0; }
};

Octets serialise(const Frame& frame);

// Octets in, frames out, whatever the cuts. A frame that says it is longer than `largest` ends the reading.
class FrameReader {
 public:
  explicit FrameReader(std::size_t largest = 1u << 26) : largest_(largest) {}
  void feed(OctetView octets);
  std::optional<Frame> next();
  // The stream cannot be read further (a length beyond `largest`, or with its top bit set).
  bool broken() const { return broken_; }
  std::size_t buffered() const { return buffer_.size() - start_; }

 private:
  Octets buffer_;
  std::size_t start_ = 0;
  std::size_t largest_;
  bool broken_ = false;
};

// Close frames: the code (none for an empty payload; 1005 is what RFC 6455 7.1.5 calls that) and the reason.
struct CloseReason {
  std::uint16_t code = 1005;
  std::string reason;
};
Octets close_payload(std::uint16_t code, std::string_view reason = {});
// Nothing when the payload is one octet long.
std::optional<CloseReason> read_close(OctetView payload);

// RFC 6455 7.4: 1000 to 1003, 1007 to 1014, 3000 to 4999 may stand in a Close frame (1012 to 1014 by the IANA
// registry).
bool may_be_sent(std::uint16_t close_code);

bool is_utf8(std::string_view text);  // RFC 3629: no overlong form, no surrogate, nothing above U+10FFFF

// "text fin 5 octets \"hello\" masked", "close 1000 \"bye\"", "close without code", "ping 2 octets 01 02"
std::string describe(const Frame& frame);

}  // namespace upspec::ws
