// The numbers of HTTP/2 and their names (RFC 9113 6, 7; RFC 8441 3). Knows no state.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace upspec::h2 {

enum class FrameType : std::uint8_t {
  data = 0,
  headers = 1,
  priority = 2,
  rst_stream = 3,
  settings = 4,
  push_promise = 5,
  ping = 6,
  goaway = 7,
  window_update = 8,
  continuation = 9,
};

namespace flag {
inline constexpr std::uint8_t end_stream = 0x1;
inline constexpr std::uint8_t ack = 0x1;
inline constexpr std::uint8_t end_headers = 0x4;
inline constexpr std::uint8_t padded = 0x8;
inline constexpr std::uint8_t priority = 0x20;
}  // namespace flag

enum class ErrorCode : std::uint32_t {
  no_error = 0,
  protocol_error = 1,
  internal_error = 2,
  flow_control_error = 3,
  settings_timeout = 4,
  stream_closed = 5,
  frame_size_error = 6,
  refused_stream = 7,
  cancel = 8,
  compression_error = 9,
  connect_error = 10,
  enhance_your_calm = 11,
  inadequate_security = 12,
  http_1_1_required = 13,
};

namespace setting {
inline constexpr std::uint16_t header_table_size = 1;
inline constexpr std::uint16_t enable_push = 2;
inline constexpr std::uint16_t max_concurrent_streams = 3;
inline constexpr std::uint16_t initial_window_size = 4;
inline constexpr std::uint16_t max_frame_size = 5;
inline constexpr std::uint16_t max_header_list_size = 6;
inline constexpr std::uint16_t enable_connect_protocol = 8;
// The experiment of protocol.md section 2; `--setting-id` changes it for a run.
inline constexpr std::uint16_t enable_upgrade = 0xf101;
}  // namespace setting

inline constexpr std::string_view preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
inline constexpr std::int64_t initial_window = 65535;
inline constexpr std::int64_t largest_window = 0x7fffffff;
inline constexpr std::uint32_t initial_max_frame_size = 16384;

// The name the RFC gives ("HEADERS", "PROTOCOL_ERROR", "ENABLE_CONNECT_PROTOCOL"; for the experiment "ENABLE_UPGRADE"),
// or the number in hexadecimal ("0x42").
std::string frame_type_name(std::uint8_t type);
std::string error_name(std::uint32_t code);
std::string setting_name(std::uint16_t id);
// "END_STREAM|END_HEADERS"; unknown bits in hexadecimal; "" for none. Flags mean different things by type.
std::string flag_names(std::uint8_t type, std::uint8_t flags);

// The other way, from the RFC's name or a number ("0x42", "66"); nothing for a name that no RFC has.
std::optional<std::uint8_t> frame_type_from(std::string_view name);
std::optional<std::uint32_t> error_from(std::string_view name);
std::optional<std::uint16_t> setting_from(std::string_view name);
std::optional<std::uint8_t> flags_from(std::string_view names);  // "PADDED|END_STREAM", "0x9", ""

}  // namespace upspec::h2
