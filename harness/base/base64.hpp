// base64 (RFC 4648 section 4, padded) and base64url without padding (section 5, as RFC 7540 3.2.1 wants it).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/octets.hpp"

namespace upspec {

std::string base64(OctetView octets);
std::string base64url(OctetView octets);

// Strict: the right alphabet, the right padding (none for base64url), no spare bits set; nothing otherwise.
std::optional<Octets> unbase64(std::string_view text);
std::optional<Octets> unbase64url(std::string_view text);

}  // namespace upspec
