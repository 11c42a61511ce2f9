// Where something listens: "127.0.0.1:8443", "localhost:80", "[::1]:443". Text in, text out; nothing is looked up here.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace upspec {

struct Address {
  std::string host = "127.0.0.1";  // a name or an IP address, without brackets
  std::uint16_t port = 0;
  bool operator==(const Address&) const = default;
};

// Fails with one line that shows the text and what it should look like. Port 0 is taken: a listener chooses then.
Result<Address> parse_address(std::string_view text);
// "HOST:PORT", an IPv6 address in brackets: what parse_address reads, and what `:authority` holds.
std::string to_text(const Address& address);

}  // namespace upspec
