// The certificate of our own: a CA that signs one leaf and is forgotten.
#include <openssl/pem.h>
#include <openssl/rand.h>

#include <cstdint>
#include <initializer_list>
#include <utility>

#include "base/base64.hpp"
#include "base/text.hpp"
#include "net/openssl.hpp"
#include "net/tls.hpp"

namespace upspec {
namespace {

using namespace openssl;  // NOLINT: the owners' names, in this file only

// 397 days: browsers refuse leaves that live longer.
constexpr long valid_seconds = 397L * 24 * 3600;
// A client's clock may be behind ours.
constexpr long valid_before = 24L * 3600;

Key make_key() { return Key(EVP_EC_gen("P-256")); }

bool add_name(X509_NAME* name, const char* what, const char* text) {
  return X509_NAME_add_entry_by_txt(name, what, MBSTRING_ASC, reinterpret_cast<const unsigned char*>(text), -1, -1,
                                    0) == 1;
}

bool set_serial(X509* certificate) {
  std::uint64_t serial = 0;
  if (RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) != 1) return false;
  return ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial >> 1) == 1;
}

using ExtensionTexts = std::initializer_list<std::pair<int, const char*>>;

bool add_extensions(X509* certificate, X509* issuer, ExtensionTexts texts) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  for (const auto& [id, text] : texts) {
    const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, id, text));
    if (!extension || X509_add_ext(certificate, extension.get(), -1) != 1) return false;
  }
  return true;
}

// Signed by `issuer` with its key; by itself when there is none.
Certificate make_certificate(const char* name, EVP_PKEY* key, X509* issuer, EVP_PKEY* issuer_key,
                             ExtensionTexts texts) {
  Certificate made(X509_new());
  if (!made) return nullptr;
  X509* const by = issuer ? issuer : made.get();
  X509_NAME* const subject = X509_get_subject_name(made.get());
  const bool right = X509_set_version(made.get(), X509_VERSION_3) == 1 && set_serial(made.get()) &&
                     X509_gmtime_adj(X509_getm_notBefore(made.get()), -valid_before) &&
                     X509_gmtime_adj(X509_getm_notAfter(made.get()), valid_seconds) &&
                     X509_set_pubkey(made.get(), key) == 1 && add_name(subject, "O", "upspec") &&
                     add_name(subject, "CN", name) &&
                     X509_set_issuer_name(made.get(), X509_get_subject_name(by)) == 1 &&
                     add_extensions(made.get(), by, texts) && X509_sign(made.get(), issuer_key, EVP_sha256()) > 0;
  return right ? std::move(made) : nullptr;
}

std::string pem_of(X509* certificate) {
  const Bio out(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(out.get(), certificate);
  return taken_from(out.get());
}

std::string pem_of(EVP_PKEY* key) {
  const Bio out(BIO_new(BIO_s_mem()));
  PEM_write_bio_PrivateKey(out.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
  return taken_from(out.get());
}

}  // namespace

Result<std::string> public_key_hash(const std::string& certificate_pem) {
  const auto in = reader_of(certificate_pem);
  const Certificate certificate(PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr));
  unsigned char* octets = nullptr;
  const int size = certificate ? i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate.get()), &octets) : -1;
  if (size < 0) return fail(cat("no certificate: ", last_error()));
  Octets digest(EVP_MAX_MD_SIZE);
  unsigned digest_size = 0;
  EVP_Digest(octets, static_cast<std::size_t>(size), digest.data(), &digest_size, EVP_sha256(), nullptr);
  OPENSSL_free(octets);
  digest.resize(digest_size);
  return base64(digest);
}

Result<OwnCertificate> make_own_certificate() {
  const Key ca_key = make_key();
  const Key leaf_key = make_key();
  if (!ca_key || !leaf_key) return fail(cat("cannot make a key: ", last_error()));

  const auto ca = make_certificate("upspec test CA", ca_key.get(), nullptr, ca_key.get(),
                                   {{NID_basic_constraints, "critical,CA:TRUE,pathlen:0"},
                                    {NID_key_usage, "critical,keyCertSign,cRLSign"},
                                    {NID_subject_key_identifier, "hash"}});
  if (!ca) return fail(cat("cannot make a CA: ", last_error()));
  const auto leaf = make_certificate("localhost", leaf_key.get(), ca.get(), ca_key.get(),
                                     {{NID_basic_constraints, "critical,CA:FALSE"},
                                      {NID_key_usage, "critical,digitalSignature"},
                                      {NID_ext_key_usage, "serverAuth"},
                                      {NID_subject_key_identifier, "hash"},
                                      {NID_authority_key_identifier, "keyid"},
                                      {NID_subject_alt_name, "DNS:localhost,DNS:*.localhost,IP:127.0.0.1,IP:::1"}});
  if (!leaf) return fail(cat("cannot make a certificate: ", last_error()));
  return OwnCertificate{pem_of(ca.get()), TlsIdentity{pem_of(leaf.get()), pem_of(leaf_key.get())}};
}

}  // namespace upspec
