// What passes between the wire and nghttp2, where nghttp2 1.52 is stricter or laxer than RFC 9113. The rest of
// Http2Session is in nghttp2_session.cpp.
#include <algorithm>
#include <array>

#include "peer/nghttp2_session.hpp"

namespace upspec {

namespace {

using h2::ErrorCode;
using h2::Frame;
using h2::FrameType;
using Standing = StreamLedger::Standing;

constexpr std::size_t largest_block = 1u << 17;      // octets of one header block, CONTINUATION included
constexpr std::size_t most_block_frames = 1u << 14;  // empty CONTINUATION frames are no octets

}  // namespace

Http2Session::Admitted Http2Session::admit(Frame& frame) {
  struct Gate {
    FrameType type;
    Admitted (Http2Session::*admit)(Frame&);
  };
  static constexpr std::array gates = {
      Gate{FrameType::data, &Http2Session::admit_data},
      Gate{FrameType::headers, &Http2Session::admit_headers},
      Gate{FrameType::priority, &Http2Session::admit_priority},
      Gate{FrameType::rst_stream, &Http2Session::admit_rst_stream},
      Gate{FrameType::settings, &Http2Session::admit_settings},
      Gate{FrameType::push_promise, &Http2Session::admit_push_promise},
      Gate{FrameType::window_update, &Http2Session::admit_window_update},
      Gate{FrameType::continuation, &Http2Session::admit_continuation},
  };
  const auto gate = std::ranges::find_if(gates, [&](const Gate& one) { return frame.is(one.type); });
  return gate == gates.end() ? Admitted::yes : (this->*gate->admit)(frame);
}

// RFC 9113 5.1: what comes after the peer's END_STREAM or RST_STREAM is STREAM_CLOSED. nghttp2 makes it a connection
// error for HEADERS and ignores DATA on closed streams. After the reset the stream is gone, so nghttp2 reads the frame
// for its HPACK state and its windows, and for nothing else.
bool Http2Session::answer_late(std::uint32_t stream) {
  const auto standing = ledger_.standing(stream);
  if (standing != Standing::peer_ended && standing != Standing::peer_left) return false;
  reset(stream, ErrorCode::stream_closed);
  return true;
}

Http2Session::Admitted Http2Session::admit_headers(Frame& frame) {
  block_octets_ = frame.payload.size();
  block_frames_ = 1;
  block_padded_ = frame.has(h2::flag::padded);
  // RFC 9113 5.3.2: priority signals mean nothing; nghttp2 would still end the connection over one.
  if (const auto fragment = h2::read_headers(frame); fragment && frame.has(h2::flag::priority)) {
    const auto flags = static_cast<std::uint8_t>(frame.flags & ~(h2::flag::priority | h2::flag::padded));
    frame = h2::headers(frame.stream, to_octets(*fragment), flags);
  }
  if (options_.hooks.keep_blocks) block_ = to_octets(h2::read_headers(frame).value_or(OctetView{}));
  if (answer_late(frame.stream)) return Admitted::yes;
  const auto standing = ledger_.standing(frame.stream);
  if (options_.server && standing == Standing::skipped) {
    // RFC 9113 5.1.1: the first use of a new stream closes all lower ones; nghttp2 only ignores the frame.
    terminate(ErrorCode::protocol_error);
    return Admitted::no;
  }
  if (options_.server && standing == Standing::idle && frame.stream % 2 == 1) {
    if (ledger_.active() >= options_.max_streams) refused_.insert(frame.stream);
    ledger_.open(frame.stream);
  }
  if (frame.has(h2::flag::end_stream)) ledger_.peer_ended(frame.stream);
  return Admitted::yes;
}

Http2Session::Admitted Http2Session::admit_continuation(Frame& frame) {
  block_octets_ += frame.payload.size();
  if (options_.hooks.keep_blocks) append(block_, frame.payload);
  if (block_octets_ <= largest_block && ++block_frames_ <= most_block_frames) return Admitted::yes;
  terminate(ErrorCode::enhance_your_calm);  // SEC-02
  return Admitted::no;
}

Http2Session::Admitted Http2Session::admit_data(Frame& frame) {
  if (!answer_late(frame.stream) && frame.has(h2::flag::end_stream)) ledger_.peer_ended(frame.stream);
  return Admitted::yes;
}

Http2Session::Admitted Http2Session::admit_rst_stream(Frame& frame) {
  if (frame.payload.size() == 4) ledger_.peer_reset(frame.stream);
  return Admitted::yes;
}

Http2Session::Admitted Http2Session::admit_settings(Frame& frame) {
  if (frame.has(h2::flag::ack) && acks_to_swallow_ > 0) {
    --acks_to_swallow_;
    return Admitted::no;
  }
  auto list = h2::read_settings(frame.payload);
  if (list && frame.stream == 0 && !frame.has(h2::flag::ack)) events_.emplace_back(SettingsSeen{*std::move(list)});
  return Admitted::yes;
}

// RFC 9113 6.9: on a stream, an increment of 0 is that stream's error; nghttp2 makes it the connection's.
Http2Session::Admitted Http2Session::admit_window_update(Frame& frame) {
  const auto increment = h2::read_window_update(frame);
  if (frame.stream == 0 || !increment || *increment != 0) return Admitted::yes;
  const auto standing = ledger_.standing(frame.stream);
  if (standing == Standing::idle) return Admitted::yes;
  if (standing == Standing::open || standing == Standing::peer_ended) reset(frame.stream, ErrorCode::protocol_error);
  return Admitted::no;
}

// REQ-07, RFC 9113 6.6: our clients never allow push, and say so before their first request. nghttp2 minds only after
// the acknowledgement.
Http2Session::Admitted Http2Session::admit_push_promise(Frame&) {
  terminate(ErrorCode::protocol_error);
  return Admitted::no;
}

Http2Session::Admitted Http2Session::admit_priority(Frame& frame) {
  return frame.stream != 0 && frame.payload.size() == 5 ? Admitted::no : Admitted::yes;
}

}  // namespace upspec
