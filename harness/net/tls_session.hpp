// One TLS connection as octets in, octets out: OpenSSL between two memory buffers. It owns no socket, so that one
// loop serves TLS and cleartext, a half-close works, and what is handed in at once is handed out at once.
#pragma once

#include <memory>
#include <string>

#include "base/octets.hpp"
#include "net/tls.hpp"

namespace upspec {

class TlsSession {
 public:
  // `host` is what is connected to: its name stands in SNI and is checked, unless the options name another.
  TlsSession(const TlsClient& client, const std::string& host);
  explicit TlsSession(const TlsServer& server);
  ~TlsSession();
  TlsSession(TlsSession&&) noexcept;
  TlsSession& operator=(TlsSession&&) noexcept;

  // Octets of the wire. A client's first call has none: it speaks first.
  void receive(OctetView wire);
  // To the wire; what send(), close() and the protocol itself have made.
  Octets take_output();
  bool has_output() const;

  bool established() const;            // the handshake is done, with ALPN h2
  bool ended() const;                  // the peer said close_notify
  const std::string& trouble() const;  // one line once it is broken; nothing more will come then

  // Plain octets, once established.
  void send(OctetView plain);
  Octets take_plain();
  void close();  // close_notify; reading goes on

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace upspec
