#include "h2/frame.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

#include "base/text.hpp"

namespace upspec::h2 {

namespace {

constexpr std::size_t largest_payload = (1u << 24) - 1;
constexpr std::uint32_t stream_bits = 0x7fffffff;  // without the reserved bit

std::uint32_t number32(OctetView octets, std::size_t from) {
  return static_cast<std::uint32_t>(read_number(octets, from, 4));
}

tl::unexpected<Error> wrong(const Frame& frame, std::string_view what) {
  return fail(cat(frame_type_name(frame.type), " of ", frame.payload.size(), " octets: ", what));
}

// RFC 9113 6.1: one octet says how much padding follows what it pads.
Result<OctetView> without_padding(const Frame& frame) {
  const OctetView payload = frame.payload;
  if (!frame.has(flag::padded)) return payload;
  if (payload.empty()) return wrong(frame, "PADDED, and no pad length");
  if (payload[0] >= payload.size()) return wrong(frame, cat("padding of ", payload[0], " does not fit"));
  return payload.subspan(1, payload.size() - 1 - payload[0]);
}

Result<std::uint32_t> only_number(const Frame& frame, std::uint32_t bits) {
  if (frame.payload.size() != 4) return wrong(frame, "is 4 octets");
  return number32(frame.payload, 0) & bits;
}

}  // namespace

std::array<std::uint8_t, frame_header_size> header_of(const Frame& frame) {
  const auto size = frame.payload.size();
  if (size > largest_payload) throw std::length_error("an HTTP/2 frame of 2^24 octets or more");
  const auto octet = [](std::size_t number, int shift) { return static_cast<std::uint8_t>(number >> shift); };
  return {octet(size, 16),       octet(size, 8),          octet(size, 0),          frame.type,
          frame.flags,           octet(frame.stream, 24), octet(frame.stream, 16), octet(frame.stream, 8),
          octet(frame.stream, 0)};
}

void append_frame(Octets& to, const Frame& frame) {
  if (to.empty()) to.reserve(frame_header_size + frame.payload.size());
  append(to, header_of(frame));
  append(to, frame.payload);
}

Octets serialise(const Frame& frame) {
  Octets out;
  append_frame(out, frame);
  return out;
}

void FrameReader::feed(OctetView octets) {
  // Only when at least half is spent: what is moved was paid for by what was read, so the whole stays linear.
  if (start_ >= buffer_.size() - start_) {
    buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(start_));
    start_ = 0;
  }
  append(buffer_, octets);
}

std::optional<std::uint32_t> FrameReader::announced() const {
  if (buffered() < frame_header_size) return std::nullopt;
  return static_cast<std::uint32_t>(read_number(buffer_, start_, 3));
}

std::optional<Frame> FrameReader::next() {
  const auto length = announced();
  if (!length || buffered() < frame_header_size + *length) return std::nullopt;
  const OctetView whole = OctetView(buffer_).subspan(start_, frame_header_size + *length);
  start_ += whole.size();
  return Frame{.type = whole[3],
               .flags = whole[4],
               .stream = number32(whole, 5) & stream_bits,
               .payload = to_octets(whole.subspan(frame_header_size))};
}

Result<DataPart> read_data(const Frame& frame) {
  return without_padding(frame).map([&](OctetView octets) { return DataPart{octets, frame.payload.size()}; });
}

Result<OctetView> read_headers(const Frame& frame) {
  return without_padding(frame).and_then([&](OctetView rest) -> Result<OctetView> {
    if (!frame.has(flag::priority)) return rest;
    if (rest.size() < 5) return wrong(frame, "PRIORITY, and no room for its 5 octets");
    return rest.subspan(5);
  });
}

Result<PushPart> read_push_promise(const Frame& frame) {
  return without_padding(frame).and_then([&](OctetView rest) -> Result<PushPart> {
    if (rest.size() < 4) return wrong(frame, "no room for the promised stream");
    return PushPart{number32(rest, 0) & stream_bits, rest.subspan(4)};
  });
}

Result<std::vector<Setting>> read_settings(OctetView payload) {
  if (payload.size() % 6 != 0) return fail(cat("SETTINGS of ", payload.size(), " octets: not a multiple of 6"));
  std::vector<Setting> list;
  list.reserve(payload.size() / 6);
  for (std::size_t at = 0; at < payload.size(); at += 6) {
    list.push_back({static_cast<std::uint16_t>(read_number(payload, at, 2)), number32(payload, at + 2)});
  }
  return list;
}

Result<std::uint32_t> read_rst_stream(const Frame& frame) { return only_number(frame, 0xffffffff); }

Result<GoawayPart> read_goaway(const Frame& frame) {
  const OctetView payload = frame.payload;
  if (payload.size() < 8) return wrong(frame, "is 8 octets at least");
  return GoawayPart{number32(payload, 0) & stream_bits, number32(payload, 4), payload.subspan(8)};
}

Result<std::uint32_t> read_window_update(const Frame& frame) { return only_number(frame, stream_bits); }

// Building

namespace {

Frame make(FrameType type, std::uint8_t flags, std::uint32_t stream, Octets payload) {
  return {static_cast<std::uint8_t>(type), flags, stream, std::move(payload)};
}

Octets numbers32(std::initializer_list<std::uint32_t> numbers) {
  Octets out;
  out.reserve(4 * numbers.size());
  for (const auto number : numbers) append_number(out, number, 4);
  return out;
}

}  // namespace

Frame data(std::uint32_t stream, OctetView octets, std::uint8_t flags) {
  return make(FrameType::data, flags, stream, to_octets(octets));
}

Frame padded_data(std::uint32_t stream, OctetView octets, std::uint8_t padding, std::uint8_t flags) {
  Octets payload{padding};
  append(payload, octets);
  payload.resize(payload.size() + padding);
  return make(FrameType::data, flags | flag::padded, stream, std::move(payload));
}

Frame headers(std::uint32_t stream, OctetView fragment, std::uint8_t flags) {
  return make(FrameType::headers, flags, stream, to_octets(fragment));
}

Frame continuation(std::uint32_t stream, OctetView fragment, std::uint8_t flags) {
  return make(FrameType::continuation, flags, stream, to_octets(fragment));
}

Octets settings_payload(const std::vector<Setting>& list) {
  Octets payload;
  payload.reserve(6 * list.size());
  for (const auto& [id, value] : list) {
    append_number(payload, id, 2);
    append_number(payload, value, 4);
  }
  return payload;
}

Frame settings(const std::vector<Setting>& list) { return make(FrameType::settings, 0, 0, settings_payload(list)); }

Frame settings_ack() { return make(FrameType::settings, flag::ack, 0, {}); }

Frame ping(OctetView eight_octets, bool ack) {
  return make(FrameType::ping, ack ? flag::ack : std::uint8_t{0}, 0, to_octets(eight_octets));
}

Frame rst_stream(std::uint32_t stream, std::uint32_t code) {
  return make(FrameType::rst_stream, 0, stream, numbers32({code}));
}

Frame goaway(std::uint32_t last_stream, std::uint32_t code, std::string_view debug) {
  Octets payload = numbers32({last_stream, code});
  append(payload, as_octets(debug));
  return make(FrameType::goaway, 0, 0, std::move(payload));
}

Frame window_update(std::uint32_t stream, std::uint32_t increment) {
  return make(FrameType::window_update, 0, stream, numbers32({increment}));
}

Frame priority(std::uint32_t stream, std::uint32_t depends_on, std::uint8_t weight) {
  Octets payload = numbers32({depends_on});
  payload.push_back(weight);
  return make(FrameType::priority, 0, stream, std::move(payload));
}

Frame push_promise(std::uint32_t stream, std::uint32_t promised, OctetView fragment, std::uint8_t flags) {
  Octets payload = numbers32({promised});
  append(payload, fragment);
  return make(FrameType::push_promise, flags, stream, std::move(payload));
}

// For people

namespace {

constexpr std::size_t shown = 64;  // octets of a payload that has no better form; settings

std::string say_octets(const Frame& frame) {
  return cat(frame.payload.size(), " octets", frame.payload.empty() ? "" : " ", hex(frame.payload, shown));
}

Result<std::string> say_data(const Frame& frame) {
  return read_data(frame).map([&](const DataPart& part) {
    const auto padding = frame.has(flag::padded) ? cat(" (", part.flow, " with padding)") : std::string();
    const auto text = part.octets.empty() ? std::string() : cat(" ", quoted(as_text(part.octets)));
    return cat(part.octets.size(), " octets", text, padding);
  });
}

// The octets of a field section mean nothing without the connection's table; the caller shows the fields.
Result<std::string> say_size(const Frame& frame) { return cat(frame.payload.size(), " octets"); }

Result<std::string> say_settings(const Frame& frame) {
  return read_settings(frame.payload).map([](const std::vector<Setting>& list) {
    std::vector<std::string> pieces;
    for (const auto& [id, value] : std::span(list).first(std::min(shown, list.size()))) {
      pieces.push_back(cat(setting_name(id), "=", value));
    }
    if (list.size() > shown) pieces.push_back(cat("... (", list.size(), " settings)"));
    return join(pieces, " ");
  });
}

Result<std::string> say_rst_stream(const Frame& frame) { return read_rst_stream(frame).map(error_name); }

Result<std::string> say_push_promise(const Frame& frame) {
  return read_push_promise(frame).map(
      [](const PushPart& part) { return cat("promised=", part.promised, " ", part.fragment.size(), " octets"); });
}

Result<std::string> say_ping(const Frame& frame) { return hex(frame.payload, shown); }

Result<std::string> say_goaway(const Frame& frame) {
  return read_goaway(frame).map([](const GoawayPart& part) {
    const auto debug = part.debug.empty() ? std::string() : cat(" ", quoted(as_text(part.debug)));
    return cat("last=", part.last_stream, " ", error_name(part.code), debug);
  });
}

Result<std::string> say_window_update(const Frame& frame) {
  return read_window_update(frame).map([](std::uint32_t increment) { return cat("+", increment); });
}

struct Description {
  FrameType type;
  bool of_connection;  // belongs on stream 0, which is then not worth saying
  Result<std::string> (*say)(const Frame&);
};

constexpr auto descriptions = std::to_array<Description>({
    {FrameType::data, false, say_data},
    {FrameType::headers, false, say_size},
    {FrameType::rst_stream, false, say_rst_stream},
    {FrameType::settings, true, say_settings},
    {FrameType::push_promise, false, say_push_promise},
    {FrameType::ping, true, say_ping},
    {FrameType::goaway, true, say_goaway},
    {FrameType::window_update, false, say_window_update},
    {FrameType::continuation, false, say_size},
});

std::string type_for_people(std::uint8_t type) {
  const auto name = frame_type_name(type);
  return name.starts_with("0x") ? cat("UNKNOWN(", name, ")") : name;
}

}  // namespace

std::string describe(const Frame& frame) {
  const auto known = std::ranges::find_if(descriptions, [&](const auto& d) { return frame.is(d.type); });
  const bool has_form = known != descriptions.end();
  std::vector<std::string> pieces{type_for_people(frame.type)};
  if (frame.stream != 0 || !has_form || !known->of_connection) pieces.push_back(cat("stream=", frame.stream));
  if (frame.flags != 0) pieces.push_back(flag_names(frame.type, frame.flags));
  const Result<std::string> body = has_form ? known->say(frame) : say_octets(frame);
  pieces.push_back(body ? *body : cat(say_octets(frame), " (", body.error().text, ")"));
  std::erase(pieces, "");
  return join(pieces, " ");
}

}  // namespace upspec::h2
