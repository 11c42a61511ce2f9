// The faults that nghttp2 would not commit: frames dropped, changed or added on the wire.
#include <algorithm>
#include <array>

#include "peer/server_faults.hpp"

namespace upspec {

namespace {

using h2::Frame;
using h2::FrameType;
using Frames = std::vector<Frame>;
using Around = FrameSurroundings;

bool is_ack(const Frame& frame) { return frame.is(FrameType::settings) && frame.has(h2::flag::ack); }

Frames drop_ack_of_settings(Frame frame, const Around& around) {
  if (is_ack(frame) && around.has_channel()) return {};
  return {std::move(frame)};
}

template <std::uint16_t setting>
bool overlook_setting(Frame& frame, const Around& around) {
  const auto list = h2::read_settings(frame.payload);
  if (!frame.is(FrameType::settings) || is_ack(frame) || !list || !around.has_channel()) return true;
  auto kept = *list;
  std::erase_if(kept, [](const h2::Setting& one) { return one.id == setting; });
  frame.payload = h2::settings_payload(kept);
  return true;
}

bool ends_channel(const Frame& frame, const Around& around) {
  return frame.is(FrameType::data) && frame.has(h2::flag::end_stream) && around.is_channel(frame.stream);
}

// RES-01: nghttp2 writes names in lower case.
Frames capital_name(Frame frame, const Around& around) {
  const bool whole = frame.is(FrameType::headers) && frame.has(h2::flag::end_headers);
  if (whole && !frame.has(h2::flag::end_stream) && around.dialect(frame.stream) == Dialect::upgrade) {
    append(frame.payload, h2::FieldEncoder().encode({{"X-Note", "1"}}, {.indexing = h2::Indexing::without}));
  }
  return {std::move(frame)};
}

// RES-12
Frames cancel_behind_decline(Frame frame, const Around& around) {
  const auto stream = frame.stream;
  const bool last = frame.has(h2::flag::end_stream) && (frame.is(FrameType::data) || frame.is(FrameType::headers));
  const bool declines = around.dialect(stream) == Dialect::upgrade && !around.is_channel(stream);
  if (!last || !declines) return {std::move(frame)};
  return {std::move(frame), h2::rst_stream(stream, static_cast<std::uint32_t>(h2::ErrorCode::cancel))};
}

Frame without_end(Frame frame) {
  frame.flags = static_cast<std::uint8_t>(frame.flags & ~h2::flag::end_stream);
  return frame;
}

// A field section that touches no HPACK table.
Frame trailers(std::uint32_t stream) {
  const auto block = h2::FieldEncoder().encode({{"x-trailer", "1"}}, {.indexing = h2::Indexing::without});
  return h2::headers(stream, block, h2::flag::end_headers | h2::flag::end_stream);
}

Frames end_by_trailers(Frame frame, const Around& around) {
  if (!ends_channel(frame, around)) return {std::move(frame)};
  const auto stream = frame.stream;
  return {without_end(std::move(frame)), trailers(stream)};
}

template <h2::ErrorCode code>
Frames end_by_reset(Frame frame, const Around& around) {
  if (!ends_channel(frame, around) || around.dialect(frame.stream) != Dialect::connect) return {std::move(frame)};
  const auto stream = frame.stream;
  return {without_end(std::move(frame)), h2::rst_stream(stream, static_cast<std::uint32_t>(code))};
}

Frames never_end(Frame frame, const Around& around) {
  const bool mine = ends_channel(frame, around) && around.dialect(frame.stream) == Dialect::connect;
  return {mine ? without_end(std::move(frame)) : std::move(frame)};
}

// HEADERS after END_STREAM is passed over: the error that it gets is not sent.
Frames hide_stream_closed(Frame frame, const Around&) {
  constexpr auto code = static_cast<std::uint32_t>(h2::ErrorCode::stream_closed);
  if (frame.is(FrameType::rst_stream) && h2::read_rst_stream(frame).value_or(0) == code) return {};
  return {std::move(frame)};
}

// A frame on the connection's own stream that belongs to none is a connection error to nghttp2.
bool spoil_frame(Frame& frame) {
  frame.stream = 0;
  return true;
}
bool die_of_cancel(Frame& frame, const Around& around) {
  const bool mine = frame.is(FrameType::rst_stream) && around.is_channel(frame.stream);
  return !mine || spoil_frame(frame);
}
bool die_of_priority(Frame& frame, const Around& around) {
  return !frame.is(FrameType::priority) || !around.is_channel(frame.stream) || spoil_frame(frame);
}
bool die_of_unknown(Frame& frame, const Around& around) {
  const bool mine = frame.type > static_cast<std::uint8_t>(FrameType::continuation) && around.is_channel(frame.stream);
  if (mine) frame.type = static_cast<std::uint8_t>(FrameType::priority);
  return !mine || spoil_frame(frame);
}
bool die_of_large_data(Frame& frame, const Around& around) {
  const bool mine = frame.is(FrameType::data) && frame.payload.size() > 8192 && around.is_channel(frame.stream);
  return !mine || spoil_frame(frame);
}
bool overlook_push_promise(Frame& frame, const Around&) { return !frame.is(FrameType::push_promise); }

// TUN-01
bool is_channel_data(const Frame& frame, const Around& around) {
  return frame.is(FrameType::data) && !frame.payload.empty() && around.is_channel(frame.stream);
}
Frames lose_last_octet(Frame frame, const Around& around) {
  if (is_channel_data(frame, around)) frame.payload.pop_back();
  return {std::move(frame)};
}
Frames repeat_first_octet(Frame frame, const Around& around) {
  if (is_channel_data(frame, around)) frame.payload.insert(frame.payload.begin(), frame.payload.front());
  return {std::move(frame)};
}
Frames reverse_octets(Frame frame, const Around& around) {
  if (is_channel_data(frame, around)) std::ranges::reverse(frame.payload);
  return {std::move(frame)};
}

// TUN-06: the client's INITIAL_WINDOW_SIZE is not heard, so that more is sent than it allows.
bool overlook_window(Frame& frame, const Around&) {
  const auto list = h2::read_settings(frame.payload);
  if (!frame.is(FrameType::settings) || is_ack(frame) || !list) return true;
  auto kept = *list;
  std::erase_if(kept, [](const h2::Setting& one) { return one.id == h2::setting::initial_window_size; });
  frame.payload = h2::settings_payload(kept);
  return true;
}

// TUN-11
Frames drop_pong(Frame frame, const Around& around) {
  if (frame.is(FrameType::ping) && frame.has(h2::flag::ack) && around.has_channel()) return {};
  return {std::move(frame)};
}

// REQ-07: beside an ordinary answer, the promise of an upgrade. What the client says of it is not for nghttp2 to hear.
Frames promise(Frame frame, const Around& around) {
  if (!frame.is(FrameType::headers) || around.dialect(frame.stream)) return {std::move(frame)};
  const h2::FieldSection request = {{":method", "GET"},
                                    {":scheme", "http"},
                                    {":authority", "localhost"},
                                    {":path", "/echo"},
                                    {":upgrade", "websocket"}};
  const auto block = h2::FieldEncoder().encode(request, {.indexing = h2::Indexing::without});
  const auto stream = frame.stream;
  return {h2::push_promise(stream, stream + 1, block, h2::flag::end_headers), std::move(frame)};
}
bool overlook_reset_of_promise(Frame& frame, const Around&) {
  return !frame.is(FrameType::rst_stream) || frame.stream % 2 == 1;
}

constexpr std::array rows = {
    FrameFault{"NEG-08/not-acknowledged", nullptr, drop_ack_of_settings},
    FrameFault{"NEG-08/window", overlook_setting<h2::setting::initial_window_size>, nullptr},
    FrameFault{"REQ-07", overlook_reset_of_promise, promise},
    FrameFault{"RES-01/capital-name", nullptr, capital_name},
    FrameFault{"RES-11/trailers-sent", nullptr, end_by_trailers},
    FrameFault{"RES-11/after-end", nullptr, hide_stream_closed},
    FrameFault{"RES-12/cancel", nullptr, cancel_behind_decline},
    FrameFault{"BODY-10/after-end", nullptr, hide_stream_closed},
    FrameFault{"TUN-01/lost", nullptr, lose_last_octet},
    FrameFault{"TUN-01/repeated", nullptr, repeat_first_octet},
    FrameFault{"TUN-01/reversed", nullptr, reverse_octets},
    FrameFault{"TUN-05/after-end", nullptr, hide_stream_closed},
    FrameFault{"TUN-05/priority", die_of_priority, nullptr},
    FrameFault{"TUN-05/unknown-type", die_of_unknown, nullptr},
    FrameFault{"TUN-05/push-promise", overlook_push_promise, nullptr},
    FrameFault{"TUN-06/initial-window", overlook_window, nullptr},
    FrameFault{"TUN-11/ping", nullptr, drop_pong},
    FrameFault{"TUN-11/settings", nullptr, drop_ack_of_settings},
    FrameFault{"TUN-12/half", die_of_large_data, nullptr},
    FrameFault{"XC-12/abort", die_of_cancel, nullptr},
    FrameFault{"XC-12/reset", nullptr, end_by_reset<h2::ErrorCode::no_error>},
    FrameFault{"XC-12/cancel", nullptr, end_by_reset<h2::ErrorCode::cancel>},
    FrameFault{"XC-12/never", nullptr, never_end},
};

}  // namespace

std::span<const FrameFault> frame_faults() { return rows; }

}  // namespace upspec
