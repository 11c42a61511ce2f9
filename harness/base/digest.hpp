// SHA-1, which RFC 6455 4.2.2 asks for. OpenSSL's EVP does the work.
#pragma once

#include "base/octets.hpp"

namespace upspec {

// 20 octets.
Octets sha1(OctetView octets);

}  // namespace upspec
