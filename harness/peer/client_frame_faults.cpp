// The client's faults that nghttp2 would not commit: frames dropped, changed or added on the wire.
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

struct FrameFault {
  std::string_view id;
  // False: the frame never came.
  bool (*in)(Frame&, const ClientWire&);
  Frames (*out)(Frame, const ClientWire&);
};

// Any other value than 0 is taken for 1.
void read_as_one(Frame& frame, std::uint16_t setting) {
  auto list = h2::read_settings(frame.payload);
  if (!frame.is(FrameType::settings) || !list || list->empty()) return;
  for (auto& one : *list)
    if (one.id == setting && one.value > 1) one.value = 1;
  frame.payload = h2::settings_payload(*list);
}
bool take_wrong_upgrade_value(Frame& frame, const ClientWire& wire) {
  read_as_one(frame, wire.upgrade_setting);
  return true;
}
bool take_wrong_connect_value(Frame& frame, const ClientWire&) {
  read_as_one(frame, h2::setting::enable_connect_protocol);
  return true;
}

bool overlook_push(Frame& frame, const ClientWire&) { return !frame.is(FrameType::push_promise); }

// Field sections that touch no HPACK table.
Octets block_of(const h2::FieldSection& section) {
  return h2::FieldEncoder().encode(section, {.indexing = h2::Indexing::without});
}

// nghttp2 writes every name in lower case.
Frames capital_name(Frame frame, const ClientWire& wire) {
  if (!frame.is(FrameType::headers) || !asked_dialect(*wire.request)) return {std::move(frame)};
  auto section = *wire.request;
  section.push_back({"X-Note", "1"});
  frame.payload = block_of(section);
  return {std::move(frame)};
}

bool ends_channel(const Frame& frame, const ClientWire& wire) {
  return frame.is(FrameType::data) && frame.has(h2::flag::end_stream) && asked_dialect(*wire.request);
}
Frame without_end(Frame frame) {
  frame.flags = static_cast<std::uint8_t>(frame.flags & ~h2::flag::end_stream);
  return frame;
}
Frames end_by_trailers(Frame frame, const ClientWire& wire) {
  if (!ends_channel(frame, wire)) return {std::move(frame)};
  auto last = h2::headers(frame.stream, block_of({{"x-trailer", "1"}}), h2::flag::end_headers | h2::flag::end_stream);
  return {without_end(std::move(frame)), std::move(last)};
}
Frames end_by_cancel(Frame frame, const ClientWire& wire) {
  if (!ends_channel(frame, wire) || asked_dialect(*wire.request) != Dialect::connect) return {std::move(frame)};
  auto last = h2::rst_stream(frame.stream, static_cast<std::uint32_t>(h2::ErrorCode::cancel));
  return {without_end(std::move(frame)), std::move(last)};
}

constexpr std::array rows = {
    FrameFault{"NEG-03", take_wrong_upgrade_value, nullptr}, FrameFault{"REQ-07", overlook_push, nullptr},
    FrameFault{"REQ-14/field", nullptr, capital_name},       FrameFault{"RES-11/sent", nullptr, end_by_trailers},
    FrameFault{"XC-03", take_wrong_connect_value, nullptr},  FrameFault{"XC-12", nullptr, end_by_cancel},
};

}  // namespace

SessionHooks client_hooks(const Violations& violations, ClientWire wire) {
  SessionHooks hooks;
  for (const auto& row : rows) {
    if (!violations.breaks(row.id)) continue;
    if (row.in) hooks.in = [&row, wire](Frame& frame) { return row.in(frame, wire); };
    if (row.out) hooks.out = [&row, wire](Frame frame) { return row.out(std::move(frame), wire); };
    hooks.plain_encoding = true;
  }
  return hooks;
}

}  // namespace upspec
