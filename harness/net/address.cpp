#include "net/address.hpp"

#include "base/text.hpp"

namespace upspec {

Result<Address> parse_address(std::string_view text) {
  const auto wrong = [text](std::string_view what) {
    return fail(cat(quoted(text), ": ", what, "; HOST:PORT is meant, as 127.0.0.1:8443 or [::1]:8443"));
  };
  const auto colon = text.rfind(':');
  if (colon == text.npos) return wrong("no port");
  std::string_view host = text.substr(0, colon);
  const auto port = to_number(text.substr(colon + 1));
  if (!port || *port > 65535) return wrong("the port is no number from 0 to 65535");

  const bool bracketed = host.starts_with('[') && host.ends_with(']') && host.size() > 2;
  if (bracketed) {
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != host.npos) {
    return wrong("an IPv6 address stands in brackets");
  }
  if (host.empty() || host.find_first_of(" \t/[]@") != host.npos) return wrong("no host");
  return Address{std::string(host), static_cast<std::uint16_t>(*port)};
}

std::string to_text(const Address& address) {
  if (address.host.find(':') != address.host.npos) return cat('[', address.host, "]:", address.port);
  return cat(address.host, ':', address.port);
}

}  // namespace upspec
