// The numbers of the WebSocket handshake (RFC 6455 4). Text in, text out.
#pragma once

#include <string>
#include <string_view>

namespace upspec::ws {

// The `sec-websocket-accept` that answers this `sec-websocket-key` (RFC 6455 4.2.2, 5.4).
std::string accept_for(std::string_view key);

// 16 octets in padded base64 (RFC 6455 4.1, 7).
bool is_key(std::string_view key);

}  // namespace upspec::ws
