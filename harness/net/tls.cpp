#include "net/tls.hpp"

#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include "base/text.hpp"
#include "net/tls_state.hpp"

namespace upspec {
namespace {

using openssl::last_error;

constexpr unsigned char h2_only[] = {2, 'h', '2'};

// RFC 9113 9.2: TLS 1.2 or later, no compression, no renegotiation, and of TLS 1.2 no suite of its appendix A.
bool make_fit_for_http2(SSL_CTX* context) {
  SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
  // Connections come by the hundred, and most are idle.
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  return SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1 &&
         SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20:DHE+AESGCM:DHE+CHACHA20") == 1;
}

int select_h2(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* in, unsigned in_size,
              void*) {
  unsigned char* selected = nullptr;
  const int found = SSL_select_next_proto(&selected, out_size, h2_only, sizeof h2_only, in, in_size);
  *out = selected;
  return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

Result<std::string> read_file(const std::string& name) {
  std::ifstream in(name, std::ios::binary);
  if (!in) return fail(cat(name, ": cannot be read"));
  return std::string{std::istreambuf_iterator<char>(in), {}};
}

openssl::Certificate read_certificate(BIO* from) {
  return openssl::Certificate(PEM_read_bio_X509(from, nullptr, nullptr, nullptr));
}

bool trust(SSL_CTX* context, const std::string& pem) {
  const auto in = openssl::reader_of(pem);
  auto* const store = SSL_CTX_get_cert_store(context);
  std::size_t count = 0;
  for (; const auto certificate = read_certificate(in.get()); ++count)
    if (X509_STORE_add_cert(store, certificate.get()) != 1) return false;
  ERR_clear_error();  // "no start line" is how the end shows
  return count > 0;
}

// The leaf, then its chain.
bool use_certificates(SSL_CTX* context, const std::string& pem) {
  const auto in = openssl::reader_of(pem);
  const auto leaf = read_certificate(in.get());
  if (!leaf || SSL_CTX_use_certificate(context, leaf.get()) != 1) return false;
  while (const auto next = read_certificate(in.get()))
    if (SSL_CTX_add1_chain_cert(context, next.get()) != 1) return false;
  ERR_clear_error();
  return true;
}

bool use_key(SSL_CTX* context, const std::string& pem) {
  const auto in = openssl::reader_of(pem);
  // No passphrase is asked for: there is nobody to ask.
  const openssl::Key key(
      PEM_read_bio_PrivateKey(in.get(), nullptr, [](char*, int, int, void*) { return -1; }, nullptr));
  return key && SSL_CTX_use_PrivateKey(context, key.get()) == 1 && SSL_CTX_check_private_key(context) == 1;
}

}  // namespace

KeyLog::~KeyLog() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<void> KeyLog::open(const std::string& file) {
  if (file.empty()) return {};
  descriptor_ = ::open(file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor_ < 0) return fail(cat(file, ": the key log cannot be written: ", std::strerror(errno)));
  return {};
}

void KeyLog::attach(SSL_CTX* context) {
  if (descriptor_ < 0) return;
  SSL_CTX_set_app_data(context, this);
  SSL_CTX_set_keylog_callback(context, &KeyLog::log_line);
}

void KeyLog::log_line(const SSL* tls, const char* line) {
  const auto* const log = static_cast<KeyLog*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(tls)));
  // One write a line, so that several contexts can append to one file. A full disk costs the log, not the run.
  const auto whole = cat(line, '\n');
  [[maybe_unused]] const auto written = ::write(log->descriptor_, whole.data(), whole.size());
}

Result<TlsClient> TlsClient::make(const TlsClientOptions& options) {
  auto state = std::make_shared<State>();
  state->server_name = options.server_name;
  state->insecure = options.insecure;
  state->context.reset(SSL_CTX_new(TLS_client_method()));
  SSL_CTX* const context = state->context.get();
  if (!context || !make_fit_for_http2(context) || SSL_CTX_set_alpn_protos(context, h2_only, sizeof h2_only) != 0)
    return fail(cat("TLS cannot be set up: ", last_error()));
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_verify(context, options.insecure ? SSL_VERIFY_NONE : SSL_VERIFY_PEER, nullptr);

  if (!options.ca_file.empty()) {
    const auto pem = read_file(options.ca_file);
    if (!pem) return tl::unexpected(pem.error());
    if (!trust(context, *pem)) return fail(cat(options.ca_file, ": holds no certificate in PEM form"));
  }
  if (!options.ca_pem.empty() && !trust(context, options.ca_pem)) return fail("the CA is no certificate in PEM form");
  if (options.ca_file.empty() && options.ca_pem.empty()) SSL_CTX_set_default_verify_paths(context);

  if (auto opened = state->key_log.open(options.key_log_file); !opened) return tl::unexpected(opened.error());
  state->key_log.attach(context);
  TlsClient made;
  made.state_ = std::move(state);
  return made;
}

Result<TlsIdentity> read_identity(const std::string& certificate_file, const std::string& key_file) {
  auto certificate = read_file(certificate_file);
  if (!certificate) return tl::unexpected(certificate.error());
  auto key = read_file(key_file);
  if (!key) return tl::unexpected(key.error());
  // Tried here, where the files' names are known.
  const openssl::Context context(SSL_CTX_new(TLS_server_method()));
  if (!use_certificates(context.get(), *certificate))
    return fail(cat(certificate_file, ": no certificate in PEM form: ", last_error()));
  if (!use_key(context.get(), *key))
    return fail(cat(key_file, ": no private key in PEM form that belongs to ", certificate_file, ": ", last_error()));
  return TlsIdentity{std::move(*certificate), std::move(*key)};
}

Result<TlsServer> TlsServer::make(const TlsServerOptions& options) {
  auto state = std::make_shared<State>();
  state->context.reset(SSL_CTX_new(TLS_server_method()));
  SSL_CTX* const context = state->context.get();
  if (!context || !make_fit_for_http2(context)) return fail(cat("TLS cannot be set up: ", last_error()));
  SSL_CTX_set_alpn_select_cb(context, &select_h2, nullptr);
  // Nobody resumes, and a ticket that nobody reads would turn a client's quick close into a reset.
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context, 0);
  SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
  if (!use_certificates(context, options.identity.certificate_pem))
    return fail(cat("the certificate cannot be used: ", last_error()));
  if (!use_key(context, options.identity.key_pem)) return fail(cat("the private key cannot be used: ", last_error()));

  if (auto opened = state->key_log.open(options.key_log_file); !opened) return tl::unexpected(opened.error());
  state->key_log.attach(context);
  TlsServer made;
  made.state_ = std::move(state);
  return made;
}

}  // namespace upspec
