// HTTP/2 frames (RFC 9113 4.1, 6): octets to frames and back.
// The reader judges nothing but the 9-octet header; the writer writes whatever it is told, legal or not, and all 32
// bits of the stream. Only a payload that no header can announce (2^24 octets) is refused, as the harness's own fault.
// What a payload means is read by one function a type, which says what is wrong with it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/octets.hpp"
#include "base/result.hpp"
#include "h2/codes.hpp"

namespace upspec::h2 {

inline constexpr std::size_t frame_header_size = 9;

struct Frame {
  std::uint8_t type = 0;
  std::uint8_t flags = 0;
  std::uint32_t stream = 0;  // 31 bits; the reserved bit is dropped by the reader
  Octets payload;
  bool operator==(const Frame&) const = default;

  bool is(FrameType t) const { return type == static_cast<std::uint8_t>(t); }
  bool has(std::uint8_t bits) const { return (flags & bits) == bits; }
};

Octets serialise(const Frame& frame);
void append_frame(Octets& to, const Frame& frame);
std::array<std::uint8_t, frame_header_size> header_of(const Frame& frame);  // its first octets, before the payload

// Octets in, frames out, whatever the cuts between the octets.
class FrameReader {
 public:
  void feed(OctetView octets);
  // The next whole frame, or nothing yet.
  std::optional<Frame> next();
  // The declared payload length of the frame that is on its way, once its header is here: a receiver may refuse it
  // before it has come. Nothing while less than a header is buffered.
  std::optional<std::uint32_t> announced() const;
  // Octets fed and not yet given out.
  std::size_t buffered() const { return buffer_.size() - start_; }

 private:
  Octets buffer_;
  std::size_t start_ = 0;
};

struct Setting {
  std::uint16_t id = 0;
  std::uint32_t value = 0;
  bool operator==(const Setting&) const = default;
};

struct DataPart {
  OctetView octets;      // without padding; lives as long as the frame
  std::size_t flow = 0;  // what counts against the windows: the whole payload (RFC 9113 6.1)
};

struct GoawayPart {
  std::uint32_t last_stream = 0;
  std::uint32_t code = 0;
  OctetView debug;
};

struct PushPart {
  std::uint32_t promised = 0;
  OctetView fragment;
};

// Each fails with one line when the payload is not of its type's form. Views live as long as the frame.
Result<DataPart> read_data(const Frame& frame);
Result<OctetView> read_headers(const Frame& frame);  // HEADERS: the fragment, without padding and priority
Result<PushPart> read_push_promise(const Frame& frame);
Result<std::vector<Setting>> read_settings(OctetView payload);
Result<std::uint32_t> read_rst_stream(const Frame& frame);
Result<GoawayPart> read_goaway(const Frame& frame);
Result<std::uint32_t> read_window_update(const Frame& frame);  // the increment, 0 included

// Frames as a sentence. None checks anything.
Frame data(std::uint32_t stream, OctetView octets, std::uint8_t flags = 0);
Frame padded_data(std::uint32_t stream, OctetView octets, std::uint8_t padding, std::uint8_t flags = 0);
Frame headers(std::uint32_t stream, OctetView fragment, std::uint8_t flags);
Frame continuation(std::uint32_t stream, OctetView fragment, std::uint8_t flags);
Frame settings(const std::vector<Setting>& list);
Frame settings_ack();
Frame ping(OctetView eight_octets, bool ack = false);
Frame rst_stream(std::uint32_t stream, std::uint32_t code);
Frame goaway(std::uint32_t last_stream, std::uint32_t code, std::string_view debug = {});
Frame window_update(std::uint32_t stream, std::uint32_t increment);
Frame priority(std::uint32_t stream, std::uint32_t depends_on, std::uint8_t weight);
Frame push_promise(std::uint32_t stream, std::uint32_t promised, OctetView fragment, std::uint8_t flags);
Octets settings_payload(const std::vector<Setting>& list);

// One line for people, without the field section, which needs the connection's HPACK state:
//   "HEADERS stream=1 END_HEADERS 42 octets", "RST_STREAM stream=1 PROTOCOL_ERROR",
//   "SETTINGS ENABLE_CONNECT_PROTOCOL=1 MAX_FRAME_SIZE=16384", "GOAWAY last=1 NO_ERROR \"bye\"",
//   "DATA stream=1 END_STREAM 5 octets \"hello\"", "PING ACK 00 00 ..", "UNKNOWN(0x42) stream=1 0x9 2 octets 05 82"
// A payload that is not of its type's form is shown as octets, with what is wrong.
std::string describe(const Frame& frame);

}  // namespace upspec::h2
