#include "base/digest.hpp"

#include <openssl/evp.h>

#include <memory>

namespace upspec {

Octets sha1(OctetView octets) {
  // Fetched once: EVP_sha1() makes OpenSSL look it up each time.
  static const std::unique_ptr<EVP_MD, void (*)(EVP_MD*)> algorithm(EVP_MD_fetch(nullptr, "SHA1", nullptr),
                                                                    EVP_MD_free);
  Octets digest(20);
  unsigned int size = 0;
  EVP_Digest(octets.data(), octets.size(), digest.data(), &size, algorithm.get(), nullptr);
  return digest;
}

}  // namespace upspec
