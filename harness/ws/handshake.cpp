#include "ws/handshake.hpp"

#include "base/base64.hpp"
#include "base/digest.hpp"
#include "base/text.hpp"

namespace upspec::ws {

std::string accept_for(std::string_view key) {
  constexpr std::string_view guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";  // RFC 6455 1.3
  return base64(sha1(as_octets(cat(key, guid))));
}

bool is_key(std::string_view key) {
  const auto nonce = unbase64(key);
  return nonce && nonce->size() == 16;
}

}  // namespace upspec::ws
