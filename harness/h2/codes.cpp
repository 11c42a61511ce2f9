#include "h2/codes.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

#include "base/text.hpp"

namespace upspec::h2 {

namespace {

template <class Number>
struct Name {
  Number number;
  std::string_view name;
};

// RFC 9113 6; RFC 7838 4, RFC 8336 2 and RFC 9218 7.1, because implementations send them.
constexpr auto frame_types = std::to_array<Name<std::uint8_t>>({
    {0x0, "DATA"},
    {0x1, "HEADERS"},
    {0x2, "PRIORITY"},
    {0x3, "RST_STREAM"},
    {0x4, "SETTINGS"},
    {0x5, "PUSH_PROMISE"},
    {0x6, "PING"},
    {0x7, "GOAWAY"},
    {0x8, "WINDOW_UPDATE"},
    {0x9, "CONTINUATION"},
    {0xa, "ALTSVC"},
    {0xc, "ORIGIN"},
    {0x10, "PRIORITY_UPDATE"},
});

// RFC 9113 7.
constexpr auto errors = std::to_array<Name<std::uint32_t>>({
    {0x0, "NO_ERROR"},
    {0x1, "PROTOCOL_ERROR"},
    {0x2, "INTERNAL_ERROR"},
    {0x3, "FLOW_CONTROL_ERROR"},
    {0x4, "SETTINGS_TIMEOUT"},
    {0x5, "STREAM_CLOSED"},
    {0x6, "FRAME_SIZE_ERROR"},
    {0x7, "REFUSED_STREAM"},
    {0x8, "CANCEL"},
    {0x9, "COMPRESSION_ERROR"},
    {0xa, "CONNECT_ERROR"},
    {0xb, "ENHANCE_YOUR_CALM"},
    {0xc, "INADEQUATE_SECURITY"},
    {0xd, "HTTP_1_1_REQUIRED"},
});

// RFC 9113 6.5.2, RFC 8441 3, RFC 9218 2.1; the last is the experiment.
constexpr auto settings = std::to_array<Name<std::uint16_t>>({
    {setting::header_table_size, "HEADER_TABLE_SIZE"},
    {setting::enable_push, "ENABLE_PUSH"},
    {setting::max_concurrent_streams, "MAX_CONCURRENT_STREAMS"},
    {setting::initial_window_size, "INITIAL_WINDOW_SIZE"},
    {setting::max_frame_size, "MAX_FRAME_SIZE"},
    {setting::max_header_list_size, "MAX_HEADER_LIST_SIZE"},
    {setting::enable_connect_protocol, "ENABLE_CONNECT_PROTOCOL"},
    {9, "NO_RFC7540_PRIORITIES"},
    {setting::enable_upgrade, "ENABLE_UPGRADE"},
});

// Which flags a type has (RFC 9113 6): one bit means END_STREAM here and ACK there, or nothing.
struct TypeFlag {
  FrameType type;
  std::uint8_t bit;
  std::string_view name;
};

constexpr auto type_flags = std::to_array<TypeFlag>({
    {FrameType::data, flag::end_stream, "END_STREAM"},
    {FrameType::data, flag::padded, "PADDED"},
    {FrameType::headers, flag::end_stream, "END_STREAM"},
    {FrameType::headers, flag::end_headers, "END_HEADERS"},
    {FrameType::headers, flag::padded, "PADDED"},
    {FrameType::headers, flag::priority, "PRIORITY"},
    {FrameType::settings, flag::ack, "ACK"},
    {FrameType::push_promise, flag::end_headers, "END_HEADERS"},
    {FrameType::push_promise, flag::padded, "PADDED"},
    {FrameType::ping, flag::ack, "ACK"},
    {FrameType::continuation, flag::end_headers, "END_HEADERS"},
});

std::string hex_number(std::uint32_t number) {
  char digits[8];
  return cat("0x", std::string_view(digits, std::to_chars(digits, digits + sizeof digits, number, 16).ptr));
}

// The whole text is one number, "0x42" or "66", that fits.
template <class Number>
std::optional<Number> parse_number(std::string_view text) {
  const bool hexadecimal = text.starts_with("0x");
  if (hexadecimal) text.remove_prefix(2);
  Number number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, hexadecimal ? 16 : 10);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

template <class Number, std::size_t size>
std::string name_in(const std::array<Name<Number>, size>& table, Number number) {
  const auto found = std::ranges::find(table, number, &Name<Number>::number);
  return found == table.end() ? hex_number(number) : std::string(found->name);
}

template <class Number, std::size_t size>
std::optional<Number> number_in(const std::array<Name<Number>, size>& table, std::string_view name) {
  const auto found = std::ranges::find(table, name, &Name<Number>::name);
  return found == table.end() ? parse_number<Number>(name) : found->number;
}

}  // namespace

std::string frame_type_name(std::uint8_t type) { return name_in(frame_types, type); }
std::string error_name(std::uint32_t code) { return name_in(errors, code); }
std::string setting_name(std::uint16_t id) { return name_in(settings, id); }

std::string flag_names(std::uint8_t type, std::uint8_t flags) {
  std::vector<std::string> names;
  for (const auto& known : type_flags) {
    if (known.type != static_cast<FrameType>(type) || (flags & known.bit) == 0) continue;
    names.emplace_back(known.name);
    flags = static_cast<std::uint8_t>(flags & ~known.bit);
  }
  if (flags != 0) names.push_back(hex_number(flags));
  return join(names, "|");
}

std::optional<std::uint8_t> frame_type_from(std::string_view name) { return number_in(frame_types, name); }
std::optional<std::uint32_t> error_from(std::string_view name) { return number_in(errors, name); }
std::optional<std::uint16_t> setting_from(std::string_view name) { return number_in(settings, name); }

std::optional<std::uint8_t> flags_from(std::string_view names) {
  if (names.empty()) return std::uint8_t{0};
  std::uint8_t flags = 0;
  for (const auto name : split(names, '|')) {
    const auto known = std::ranges::find(type_flags, name, &TypeFlag::name);
    const auto bits = known == type_flags.end() ? parse_number<std::uint8_t>(name) : known->bit;
    if (!bits) return std::nullopt;
    flags |= *bits;
  }
  return flags;
}

}  // namespace upspec::h2
