// A connected socket, with TLS or without: plain octets in and out, FIN and RST by their names. Of this room alone.
#pragma once

#include <array>
#include <optional>

#include "net/asio.hpp"
#include "net/tls_session.hpp"
#include "scenario/play.hpp"

namespace upspec {

// One coroutine may read while another writes. Whoever closes it ends both.
class Transport {
 public:
  explicit Transport(const asio::any_io_executor& executor) : socket_(executor) {}
  explicit Transport(tcp::socket socket);

  // The system keeps little for it: what its peer holds shows in what can be written.
  void keep_little();
  // ... and enough again. What a small buffer lets in after a full one comes by the sender's timers, not by ours.
  void keep_enough();

  // The error is one line. close() ends it.
  asio::awaitable<Result<void>> connect(const Endpoints& endpoints);
  // The whole handshake; at once done when there is no TLS.
  asio::awaitable<Result<void>> start_tls(std::optional<TlsSession> session);

  struct Got {
    OctetView octets;                // what came; lives until the next read
    std::optional<Closing> closing;  // and then this
  };
  // Octets that came before a reset come first: Linux keeps them, and gives the error after them.
  asio::awaitable<Got> read();

  // One write to the socket (and what TLS has to say besides). False: the connection takes no more.
  asio::awaitable<bool> write(OctetView octets);
  // TLS has something to say that nobody has asked for (the answer to a key update): write() with nothing says it.
  bool must_write() const;

  asio::awaitable<void> shut();  // close_notify and FIN; reading goes on
  void reset();                  // RST, now
  void close();                  // now; what was written still goes out

 private:
  asio::awaitable<bool> write_wire(OctetView wire);

  tcp::socket socket_;
  std::optional<TlsSession> tls_;
  Octets plain_;  // what read() has given out
  bool keeps_little_ = false;
  bool shut_ = false;
  bool was_reset_ = false;  // a write has found it out: the system says it only once
  std::array<std::uint8_t, 16384> buffer_;
};

}  // namespace upspec
