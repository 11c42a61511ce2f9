#include "base/digest.hpp"

#include <openssl/evp.h>

namespace upspec {

Octets sha1(OctetView octets) {
  Octets digest(20);
  unsigned int size = 0;
  EVP_Digest(octets.data(), octets.size(), digest.data(), &size, EVP_sha1(), nullptr);
  return digest;
}

}  // namespace upspec
