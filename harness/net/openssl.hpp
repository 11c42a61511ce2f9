// OpenSSL's objects as C++ owners, and its errors as one line. Of this room alone.
#pragma once

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>

#include "base/octets.hpp"

namespace upspec::openssl {

template <auto free>
struct Freed {
  template <class T>
  void operator()(T* object) const {
    free(object);
  }
};
using Bio = std::unique_ptr<BIO, Freed<BIO_free_all>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;
using Context = std::unique_ptr<SSL_CTX, Freed<SSL_CTX_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Freed<X509_EXTENSION_free>>;
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using Tls = std::unique_ptr<SSL, Freed<SSL_free>>;

// The first error of this thread's queue, which is emptied: "wrong version number".
std::string last_error();

Bio reader_of(std::string_view text);  // a BIO that reads the text, which must outlive it
std::string taken_from(BIO* memory);   // all that was written to it

}  // namespace upspec::openssl
