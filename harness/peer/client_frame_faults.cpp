// The client's faults that nghttp2 would not commit: frames dropped, changed or added on the wire.
#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "peer/client_faults.hpp"
#include "peer/section_edit.hpp"

namespace upspec {

namespace {

using h2::Frame;
using h2::FrameType;
using Frames = std::vector<Frame>;
using Wire = ClientWire;

constexpr std::uint32_t huge = 1u << 30;

struct FrameFault {
  std::string_view id;
  Frames (*in)(Frame, Wire&);  // none: the frame never came
  Frames (*out)(Frame, Wire&);
};

bool is_ack(const Frame& frame) { return frame.is(FrameType::settings) && frame.has(h2::flag::ack); }
bool is_settings(const Frame& frame) { return frame.is(FrameType::settings) && !frame.has(h2::flag::ack); }
bool on_channel(const Frame& frame, const Wire& wire) { return wire.channel != 0 && frame.stream == wire.channel; }
bool is_channel_data(const Frame& frame, const Wire& wire) {
  return frame.is(FrameType::data) && !frame.payload.empty() && on_channel(frame, wire);
}

// Two shapes that most faults have.
template <bool (*which)(const Frame&, const Wire&)>
Frames drop(Frame frame, Wire& wire) {
  if (which(frame, wire)) return {};
  return {std::move(frame)};
}
template <bool (*which)(const Frame&, const Wire&), void (*change)(Frame&)>
Frames alter(Frame frame, Wire& wire) {
  if (which(frame, wire)) change(frame);
  return {std::move(frame)};
}

// Settings

template <std::uint16_t setting>
std::uint16_t id_in(const Wire& wire) {
  return setting == h2::setting::enable_upgrade ? wire.upgrade_setting : setting;
}
template <std::uint16_t setting>
Frames take_for_one(Frame frame, Wire& wire) {
  auto list = h2::read_settings(frame.payload);
  if (!is_settings(frame) || !list) return {std::move(frame)};
  for (auto& one : *list)
    if (one.id == id_in<setting>(wire) && one.value > 1) one.value = 1;
  frame.payload = h2::settings_payload(*list);
  return {std::move(frame)};
}
template <std::uint16_t setting>
Frames always_one(Frame frame, Wire& wire) {
  auto list = h2::read_settings(frame.payload);
  if (!is_settings(frame) || !list) return {std::move(frame)};
  std::erase_if(*list, [&](const h2::Setting& one) { return one.id == id_in<setting>(wire); });
  list->push_back({id_in<setting>(wire), 1});
  frame.payload = h2::settings_payload(*list);
  return {std::move(frame)};
}
template <std::uint16_t setting, bool (*which)(std::uint32_t value, const Wire&)>
Frames overlook(Frame frame, Wire& wire) {
  auto list = h2::read_settings(frame.payload);
  if (!is_settings(frame) || !list) return {std::move(frame)};
  std::erase_if(*list,
                [&](const h2::Setting& one) { return one.id == id_in<setting>(wire) && which(one.value, wire); });
  frame.payload = h2::settings_payload(*list);
  return {std::move(frame)};
}
bool any_value(std::uint32_t, const Wire&) { return true; }
bool wrong_value(std::uint32_t value, const Wire&) { return value > 1; }
bool huge_value(std::uint32_t value, const Wire&) { return value > huge; }
bool with_channel(std::uint32_t, const Wire& wire) { return wire.channel != 0; }

// Request

// Field sections that touch no HPACK table.
Octets block_of(const h2::FieldSection& section) {
  return h2::FieldEncoder().encode(section, {.indexing = h2::Indexing::without});
}
// nghttp2 writes every name in lower case.
Frames capital_name(Frame frame, Wire& wire) {
  if (!frame.is(FrameType::headers) || !asked_dialect(wire.request)) return {std::move(frame)};
  auto section = wire.request;
  section.push_back({"X-Note", "1"});
  frame.payload = block_of(section);
  return {std::move(frame)};
}

// A stream that nghttp2 knows nothing of: what comes on it is thrown away.
Frames ask_beside(Frame frame, Wire& wire) {
  if (!is_channel_data(frame, wire) || std::exchange(wire.asked_beside, true)) return {std::move(frame)};
  const auto* authority = h2::find(wire.request, ":authority");
  const auto block = block_of({{":method", "GET"},
                               {":scheme", *h2::find(wire.request, ":scheme")},
                               {":authority", authority ? *authority : "localhost"},
                               {":path", "/"}});
  auto request = h2::headers(wire.channel + 2, block, h2::flag::end_headers | h2::flag::end_stream);
  return {std::move(frame), std::move(request)};
}
bool is_beside(const Frame& frame, const Wire& wire) { return wire.channel != 0 && frame.stream == wire.channel + 2; }

// How our side ends

bool ends_channel(const Frame& frame, const Wire& wire) {
  return frame.is(FrameType::data) && frame.has(h2::flag::end_stream) && asked_dialect(wire.request);
}
Frame without_end(Frame frame) {
  frame.flags = static_cast<std::uint8_t>(frame.flags & ~h2::flag::end_stream);
  return frame;
}
Frames end_by_trailers(Frame frame, Wire& wire) {
  if (!ends_channel(frame, wire)) return {std::move(frame)};
  auto last = h2::headers(frame.stream, block_of({{"x-trailer", "1"}}), h2::flag::end_headers | h2::flag::end_stream);
  return {without_end(std::move(frame)), std::move(last)};
}
template <h2::ErrorCode code>
Frames end_by_reset(Frame frame, Wire& wire) {
  if (!ends_channel(frame, wire) || asked_dialect(wire.request) != Dialect::connect) return {std::move(frame)};
  auto last = h2::rst_stream(frame.stream, static_cast<std::uint32_t>(code));
  return {without_end(std::move(frame)), std::move(last)};
}
Frames speak_after_end(Frame frame, Wire& wire) {
  if (!ends_channel(frame, wire) || !on_channel(frame, wire)) return {std::move(frame)};
  auto more = h2::data(frame.stream, as_octets("more"));
  return {std::move(frame), std::move(more)};
}

// Octets

void lose_last(Frame& frame) { frame.payload.pop_back(); }
void repeat_first(Frame& frame) { frame.payload.insert(frame.payload.begin(), frame.payload.front()); }
void reverse(Frame& frame) { std::ranges::reverse(frame.payload); }
void change_last(Frame& frame) { frame.payload.back() ^= 1u; }
bool is_plain_data(const Frame& frame, const Wire& wire) {
  return is_channel_data(frame, wire) && !frame.has(h2::flag::padded);
}

bool is_padded(const Frame& frame, const Wire& wire) {
  return is_channel_data(frame, wire) && frame.has(h2::flag::padded);
}
bool is_padded_by_0(const Frame& frame, const Wire& wire) {
  return is_padded(frame, wire) && frame.payload.front() == 0;
}
void keep_pad_length(Frame& frame) { frame.flags = static_cast<std::uint8_t>(frame.flags & ~h2::flag::padded); }
void read_padding(Frame& frame) {
  keep_pad_length(frame);
  frame.payload.erase(frame.payload.begin());
}
bool is_empty_data(const Frame& frame, const Wire& wire) {
  return frame.is(FrameType::data) && frame.payload.empty() && on_channel(frame, wire);
}
void take_for_end(Frame& frame) { frame.flags |= h2::flag::end_stream; }
Frames count_padding(Frame frame, Wire& wire) {
  if (const auto part = h2::read_data(frame); part && is_padded(frame, wire))
    wire.padding += static_cast<std::uint32_t>(part->flow - part->octets.size());
  return {std::move(frame)};
}
Frames keep_padding(Frame frame, Wire& wire) {
  const auto increment = h2::read_window_update(frame);
  if (!frame.is(FrameType::window_update) || frame.stream != wire.channel || !increment) return {std::move(frame)};
  const auto kept = std::min(*increment, wire.padding);
  wire.padding -= kept;
  if (*increment == kept) return {};
  return {h2::window_update(frame.stream, *increment - kept)};
}

// Frames of the server that are overlooked, or taken too seriously.

bool is_push(const Frame& frame, const Wire&) { return frame.is(FrameType::push_promise); }
bool is_push_on_channel(const Frame& frame, const Wire& wire) {
  return frame.is(FrameType::push_promise) && on_channel(frame, wire);
}
bool is_reset(const Frame& frame, const Wire& wire) {
  return frame.is(FrameType::rst_stream) && on_channel(frame, wire);
}
bool is_early_reset(const Frame& frame, const Wire& wire) {
  return frame.is(FrameType::rst_stream) && wire.channel == 0;
}
bool is_late_data(const Frame& frame, const Wire& wire) {
  return frame.is(FrameType::data) && on_channel(frame, wire) && wire.server_ended;
}
bool is_late_headers(const Frame& frame, const Wire& wire) {
  return frame.is(FrameType::headers) && on_channel(frame, wire) && wire.server_ended;
}
bool is_priority(const Frame& frame, const Wire& wire) {
  return frame.is(FrameType::priority) && on_channel(frame, wire);
}
bool is_unknown(const Frame& frame, const Wire& wire) {
  return frame.type > static_cast<std::uint8_t>(FrameType::continuation) && on_channel(frame, wire);
}
bool is_middling_data(const Frame& frame, const Wire& wire) {
  return frame.is(FrameType::data) && frame.payload.size() > 8192 && on_channel(frame, wire);
}
// A PRIORITY frame that belongs to no stream is a connection error to nghttp2.
void die(Frame& frame) {
  frame.type = static_cast<std::uint8_t>(FrameType::priority);
  frame.stream = 0;
}
Frames cut_large(Frame frame, Wire& wire) {
  const std::size_t limit = h2::initial_max_frame_size;
  if (!is_plain_data(frame, wire) || frame.payload.size() <= limit) return {std::move(frame)};
  Frames pieces;
  for (std::size_t at = 0; at < frame.payload.size(); at += limit) {
    const auto rest = OctetView(frame.payload).subspan(at);
    pieces.push_back(h2::data(frame.stream, rest.first(std::min(limit, rest.size()))));
  }
  pieces.back().flags = frame.flags;
  return pieces;
}

// Windows

template <std::uint32_t least, std::uint32_t most, bool connection>
bool is_update(const Frame& frame, const Wire&) {
  const auto increment = h2::read_window_update(frame);
  return frame.is(FrameType::window_update) && (frame.stream == 0) == connection && increment && *increment >= least &&
         *increment <= most;
}
constexpr std::uint32_t largest = 0x7fffffff;
Frames boundless_connection(Frame frame, Wire& wire) {
  if (!is_settings(frame) || std::exchange(wire.boundless, true)) return {std::move(frame)};
  return {std::move(frame), h2::window_update(0, huge)};
}
Frames raise_to_zero(Frame frame, Wire& wire) {
  if (!is_settings(frame) || wire.window >= 0 || wire.channel == 0) return {std::move(frame)};
  const auto missing = static_cast<std::uint32_t>(-std::exchange(wire.window, 0));
  return {std::move(frame), h2::window_update(wire.channel, missing)};
}

// PING and SETTINGS

template <bool always>
bool is_pong(const Frame& frame, const Wire& wire) {
  return frame.is(FrameType::ping) && frame.has(h2::flag::ack) && (always || wire.channel != 0);
}
bool is_settings_ack(const Frame& frame, const Wire& wire) { return is_ack(frame) && wire.channel != 0; }
bool is_behind_a_flood(const Frame&, const Wire& wire) { return wire.idle > 1000; }

using namespace h2::setting;

constexpr std::array rows = {
    FrameFault{"NEG-02/zero", always_one<enable_upgrade>, nullptr},
    FrameFault{"NEG-03", take_for_one<enable_upgrade>, nullptr},
    FrameFault{"NEG-03/ignored", overlook<enable_upgrade, wrong_value>, nullptr},
    FrameFault{"REQ-07", drop<is_push>, nullptr},
    FrameFault{"REQ-14/field", nullptr, capital_name},
    FrameFault{"RES-11/sent", nullptr, end_by_trailers},
    FrameFault{"RES-11/after-end", drop<is_late_headers>, nullptr},
    FrameFault{"TUN-01/lost", nullptr, alter<is_channel_data, lose_last>},
    FrameFault{"TUN-01/repeated", nullptr, alter<is_channel_data, repeat_first>},
    FrameFault{"TUN-01/reversed", nullptr, alter<is_channel_data, reverse>},
    FrameFault{"TUN-01/changed", nullptr, alter<is_channel_data, change_last>},
    FrameFault{"TUN-01/received-lost", alter<is_plain_data, lose_last>, nullptr},
    FrameFault{"TUN-01/behind-a-flood", drop<is_behind_a_flood>, nullptr},
    FrameFault{"TUN-02/padding-is-octets", alter<is_padded, read_padding>, nullptr},
    FrameFault{"TUN-02/pad-length-is-octet", alter<is_padded_by_0, keep_pad_length>, nullptr},
    FrameFault{"TUN-02/padding-kept", count_padding, keep_padding},
    FrameFault{"TUN-02/empty-is-end", alter<is_empty_data, take_for_end>, nullptr},
    FrameFault{"TUN-04/ignored", drop<is_reset>, nullptr},
    FrameFault{"TUN-04/before-an-answer", drop<is_early_reset>, nullptr},
    FrameFault{"TUN-05/push-promise", drop<is_push_on_channel>, nullptr},
    FrameFault{"TUN-05/after-end", drop<is_late_headers>, nullptr},
    FrameFault{"TUN-05/priority", alter<is_priority, die>, nullptr},
    FrameFault{"TUN-05/unknown-type", alter<is_unknown, die>, nullptr},
    FrameFault{"TUN-06/stream", overlook<initial_window_size, any_value>, nullptr},
    FrameFault{"TUN-06/connection", boundless_connection, nullptr},
    FrameFault{"TUN-06/changed", overlook<initial_window_size, with_channel>, nullptr},
    FrameFault{"TUN-06/negative", raise_to_zero, nullptr},
    FrameFault{"TUN-07/stream", nullptr, drop<is_update<0, largest, false>>},
    FrameFault{"TUN-07/connection", nullptr, drop<is_update<0, largest, true>>},
    FrameFault{"TUN-09", overlook<max_concurrent_streams, any_value>, nullptr},
    FrameFault{"TUN-09/beside", drop<is_beside>, ask_beside},
    FrameFault{"TUN-11/ping", nullptr, drop<is_pong<false>>},
    FrameFault{"TUN-11/settings", nullptr, drop<is_settings_ack>},
    FrameFault{"TUN-11/other-octets", nullptr, alter<is_pong<true>, change_last>},
    FrameFault{"TUN-12/large", cut_large, nullptr},
    FrameFault{"TUN-12/half", alter<is_middling_data, die>, nullptr},
    FrameFault{"TUN-13/after-end", drop<is_late_data>, nullptr},
    FrameFault{"TUN-13/sent", nullptr, speak_after_end},
    FrameFault{"TUN-15/stream", drop<is_update<huge, largest, false>>, nullptr},
    FrameFault{"TUN-15/connection", drop<is_update<huge, largest, true>>, nullptr},
    FrameFault{"TUN-15/settings", overlook<initial_window_size, huge_value>, nullptr},
    FrameFault{"TUN-15/zero", drop<is_update<0, 0, false>>, nullptr},
    FrameFault{"TUN-15/zero-connection", drop<is_update<0, 0, true>>, nullptr},
    FrameFault{"H2C-09/reset-ignored", drop<is_reset>, nullptr},
    FrameFault{"XC-02/zero", always_one<enable_connect_protocol>, nullptr},
    FrameFault{"XC-03", take_for_one<enable_connect_protocol>, nullptr},
    FrameFault{"XC-12", nullptr, end_by_reset<h2::ErrorCode::cancel>},
    FrameFault{"XC-12/no-error", nullptr, end_by_reset<h2::ErrorCode::no_error>},
};

// What has happened before the frame at hand.
void follow_in(const Frame& frame, Wire& wire) {
  if (wire.channel != 0 && !is_channel_data(frame, wire)) ++wire.idle;
  if (const auto list = h2::read_settings(frame.payload); is_settings(frame) && list) {
    for (const auto& one : *list) {
      if (one.id != initial_window_size) continue;
      wire.window += static_cast<std::int64_t>(one.value) - wire.initial_window;
      wire.initial_window = one.value;
    }
  }
  if (const auto increment = h2::read_window_update(frame);
      frame.is(FrameType::window_update) && on_channel(frame, wire) && increment)
    wire.window += *increment;
}
void remember_in(const Frame& frame, Wire& wire) {
  if (!on_channel(frame, wire)) return;
  if (frame.is(FrameType::data) && frame.has(h2::flag::end_stream)) wire.server_ended = true;
}
void follow_out(const Frame& frame, Wire& wire) {
  if (frame.is(FrameType::data)) wire.window -= static_cast<std::int64_t>(frame.payload.size());
}

}  // namespace

SessionHooks client_hooks(const Violations& violations, ClientWire& wire) {
  SessionHooks hooks;
  hooks.large_frames = violations.breaks("TUN-12/large");
  for (const auto& row : rows) {
    if (!violations.breaks(row.id)) continue;
    if (row.in) {
      hooks.in = [&row, &wire](Frame frame) {
        follow_in(frame, wire);
        const Frame came = frame;
        auto kept = row.in(std::move(frame), wire);
        remember_in(came, wire);
        return kept;
      };
    }
    hooks.out = [&row, &wire](Frame frame) {
      follow_out(frame, wire);
      return row.out ? row.out(std::move(frame), wire) : Frames{std::move(frame)};
    };
    hooks.plain_encoding = true;
  }
  return hooks;
}

}  // namespace upspec
