#include "net/tls_session.hpp"

#include <openssl/err.h>

#include <array>
#include <new>
#include <utility>

#include "base/text.hpp"
#include "net/tls_state.hpp"

namespace upspec {

struct TlsSession::State {
  openssl::Tls tls;
  BIO* in = nullptr;   // owned by tls
  BIO* out = nullptr;  // owned by tls
  bool client = false;
  bool established = false;
  bool ended = false;
  std::string trouble;
  Octets plain;

  void start(SSL_CTX* context);
  void name_server(const TlsClient::State& options, const std::string& host);
  void handshake();
  void check_alpn();
  void read();
  std::string why() const;
};

void TlsSession::State::start(SSL_CTX* context) {
  tls.reset(SSL_new(context));
  in = BIO_new(BIO_s_mem());
  out = BIO_new(BIO_s_mem());
  if (!tls || !in || !out) throw std::bad_alloc();
  SSL_set_bio(tls.get(), in, out);
  client ? SSL_set_connect_state(tls.get()) : SSL_set_accept_state(tls.get());
}

void TlsSession::State::name_server(const TlsClient::State& options, const std::string& host) {
  const auto& name = options.server_name.empty() ? host : options.server_name;
  auto* const check = SSL_get0_param(tls.get());
  if (X509_VERIFY_PARAM_set1_ip_asc(check, name.c_str()) == 1) return;  // RFC 6066 3: SNI holds no address
  ERR_clear_error();
  SSL_set_tlsext_host_name(tls.get(), name.c_str());
  SSL_set1_host(tls.get(), name.c_str());
}

// The error of the call that has just failed, for people.
std::string TlsSession::State::why() const {
  if (client) {
    const auto verified = SSL_get_verify_result(tls.get());
    if (verified != X509_V_OK && SSL_get_verify_mode(tls.get()) != SSL_VERIFY_NONE) {
      ERR_clear_error();
      return cat("the certificate is not trusted: ", X509_verify_cert_error_string(verified),
                 " (--ca FILE trusts a CA, --insecure anybody)");
    }
  }
  const int reason = ERR_GET_REASON(ERR_peek_error());
  auto text = openssl::last_error();
  if (reason == SSL_R_WRONG_VERSION_NUMBER || reason == SSL_R_HTTP_REQUEST)
    return cat(text, " (does the peer speak TLS?)");
  if (reason == SSL_R_TLSV1_ALERT_NO_APPLICATION_PROTOCOL) return "the server does not speak h2 (ALPN)";
  return text;
}

void TlsSession::State::handshake() {
  ERR_clear_error();
  const int result = SSL_do_handshake(tls.get());
  if (result == 1) return check_alpn();
  if (SSL_get_error(tls.get(), result) != SSL_ERROR_WANT_READ) trouble = cat("TLS handshake failed: ", why());
}

void TlsSession::State::check_alpn() {
  const unsigned char* name = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(tls.get(), &name, &size);
  const auto selected = as_text(OctetView(name, size));
  if (selected == "h2") {
    established = true;
  } else if (client) {
    trouble = selected.empty() ? "the server did not select h2: it knows no ALPN"
                               : cat("the server selected ", quoted(selected), " instead of h2 (ALPN)");
  } else {
    trouble = "the client did not offer h2 (ALPN)";
  }
}

void TlsSession::State::read() {
  std::array<std::uint8_t, 16384> piece;
  while (true) {
    ERR_clear_error();
    const int got = SSL_read(tls.get(), piece.data(), static_cast<int>(piece.size()));
    if (got > 0) {
      append(plain, OctetView(piece).first(static_cast<std::size_t>(got)));
      continue;
    }
    const int error = SSL_get_error(tls.get(), got);
    if (error == SSL_ERROR_ZERO_RETURN) {
      ended = true;
    } else if (error != SSL_ERROR_WANT_READ) {
      trouble = cat("TLS failed: ", why());
    }
    return;
  }
}

TlsSession::TlsSession(const TlsClient& options, const std::string& host) : state_(std::make_unique<State>()) {
  state_->client = true;
  state_->start(options.state()->context.get());
  state_->name_server(*options.state(), host);
}

TlsSession::TlsSession(const TlsServer& options) : state_(std::make_unique<State>()) {
  state_->start(options.state()->context.get());
}

TlsSession::~TlsSession() = default;
TlsSession::TlsSession(TlsSession&&) noexcept = default;
TlsSession& TlsSession::operator=(TlsSession&&) noexcept = default;

void TlsSession::receive(OctetView wire) {
  auto& s = *state_;
  if (!s.trouble.empty() || s.ended) return;
  if (!wire.empty()) BIO_write(s.in, wire.data(), static_cast<int>(wire.size()));
  if (!s.established) s.handshake();
  if (s.established) s.read();
}

Octets TlsSession::take_output() {
  Octets taken(BIO_ctrl_pending(state_->out));
  if (!taken.empty()) BIO_read(state_->out, taken.data(), static_cast<int>(taken.size()));
  return taken;
}

bool TlsSession::has_output() const { return BIO_ctrl_pending(state_->out) > 0; }
bool TlsSession::established() const { return state_->established; }
bool TlsSession::ended() const { return state_->ended; }
const std::string& TlsSession::trouble() const { return state_->trouble; }

void TlsSession::send(OctetView plain) {
  if (plain.empty() || !state_->trouble.empty()) return;
  ERR_clear_error();
  const int sent = SSL_write(state_->tls.get(), plain.data(), static_cast<int>(plain.size()));
  if (sent != static_cast<int>(plain.size())) state_->trouble = cat("TLS failed: ", state_->why());
}

Octets TlsSession::take_plain() { return std::exchange(state_->plain, {}); }

void TlsSession::close() {
  ERR_clear_error();
  SSL_shutdown(state_->tls.get());  // 0 is "said, not yet heard", which is all that is wanted
  ERR_clear_error();
}

}  // namespace upspec
