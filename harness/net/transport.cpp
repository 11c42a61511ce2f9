#include "net/transport.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <boost/asio/write.hpp>
#include <tuple>
#include <utility>

#include "base/text.hpp"

namespace upspec {
namespace {

// Each write leaves at once, so that a split is a split; and no child process inherits the socket.
void prepare(tcp::socket& socket) {
  SystemError ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  ::fcntl(socket.native_handle(), F_SETFD, FD_CLOEXEC);
}

}  // namespace

Transport::Transport(tcp::socket socket) : socket_(std::move(socket)) { prepare(socket_); }

void Transport::keep_little() {
  constexpr int to_send = 1 << 14;
  keeps_little_ = true;
  if (!socket_.is_open()) return;
  SystemError ignored;
  socket_.set_option(asio::socket_base::send_buffer_size(to_send), ignored);
#ifdef TCP_WINDOW_CLAMP
  // A window of a few KiB, and a buffer that holds all it promises in segments of any size: what a smaller buffer drops
  // is sent again only after a pause as long as the time it was full, and a proxy would be blamed for it.
  constexpr int window = 1 << 12, to_read = 1 << 19;
  ::setsockopt(socket_.native_handle(), IPPROTO_TCP, TCP_WINDOW_CLAMP, &window, sizeof window);
  socket_.set_option(asio::socket_base::receive_buffer_size(to_read), ignored);
#endif
#ifdef TCP_KEEPIDLE
  // Who could not write for long asks for the window more and more seldom; a probe of ours tells of it within a second.
  // However many go unanswered, they never end the connection.
  constexpr int second = 1, most_probes = 127;
  socket_.set_option(asio::socket_base::keep_alive(true), ignored);
  ::setsockopt(socket_.native_handle(), IPPROTO_TCP, TCP_KEEPIDLE, &second, sizeof second);
  ::setsockopt(socket_.native_handle(), IPPROTO_TCP, TCP_KEEPINTVL, &second, sizeof second);
  ::setsockopt(socket_.native_handle(), IPPROTO_TCP, TCP_KEEPCNT, &most_probes, sizeof most_probes);
#endif
}

void Transport::keep_enough() {
  constexpr int octets = 1 << 20;
  if (!std::exchange(keeps_little_, false) || !socket_.is_open()) return;
  SystemError ignored;
  socket_.set_option(asio::socket_base::send_buffer_size(octets), ignored);
  socket_.set_option(asio::socket_base::receive_buffer_size(octets), ignored);
#ifdef TCP_WINDOW_CLAMP
  ::setsockopt(socket_.native_handle(), IPPROTO_TCP, TCP_WINDOW_CLAMP, &octets, sizeof octets);
#endif
}

asio::awaitable<Result<void>> Transport::connect(const Endpoints& endpoints) {
  SystemError error;
  for (const auto& endpoint : endpoints) {
    SystemError ignored;
    socket_.close(ignored);
    socket_.open(endpoint.protocol(), error);
    if (error) break;
    prepare(socket_);
    if (keeps_little_) keep_little();
    std::tie(error) = co_await socket_.async_connect(endpoint, as_result);
    // A connection that was there and is reset already is reported like this too (one that is refused is not). Maybe it
    // has said something: it is for the reader to find out.
    was_reset_ = error == asio::error::connection_reset;
    if (was_reset_ || error == asio::error::broken_pipe) error.clear();
    if (!error || error == asio::error::operation_aborted) break;
  }
  if (error) co_return fail(error.message());
  co_return Result<void>();
}

asio::awaitable<Result<void>> Transport::start_tls(std::optional<TlsSession> session) {
  tls_ = std::move(session);
  if (!tls_) co_return Result<void>();
  tls_->receive(OctetView());
  while (true) {
    // Also when it has failed: an alert tells the peer why.
    const Octets out = tls_->take_output();
    const bool written = co_await write_wire(out);
    if (!tls_->trouble().empty()) co_return fail(tls_->trouble());
    if (!written) co_return fail("the connection was reset during the TLS handshake");
    if (tls_->established()) break;
    const auto [error, size] = co_await socket_.async_read_some(asio::buffer(buffer_), as_result);
    if (error)
      co_return fail(
          cat("the connection was ", error == asio::error::eof ? "closed" : "reset", " during the TLS handshake"));
    tls_->receive(OctetView(buffer_).first(size));
  }
  co_return Result<void>();
}

asio::awaitable<Transport::Got> Transport::read() {
  while (true) {
    Got got;
    if (tls_) {
      // Some may have come with the end of the handshake: look before waiting.
      plain_ = tls_->take_plain();
      got.octets = plain_;
      if (tls_->ended()) got.closing = Closing::fin;
      if (!tls_->trouble().empty()) got.closing = Closing::reset;
      if (!got.octets.empty() || got.closing) co_return got;
    }
    const auto [error, size] = co_await socket_.async_read_some(asio::buffer(buffer_), as_result);
    if (error) {
      got.closing = error == asio::error::eof && !was_reset_ ? Closing::fin : Closing::reset;
      co_return got;
    }
    got.octets = OctetView(buffer_).first(size);
    if (!tls_) co_return got;
    tls_->receive(got.octets);
  }
}

asio::awaitable<bool> Transport::write_wire(OctetView wire) {
  if (wire.empty()) co_return true;
  const auto [error, size] = co_await asio::async_write(socket_, asio::buffer(wire.data(), wire.size()), as_result);
  // EPIPE says that FIN had come before: the end that the reader sees is the right one.
  if (error == asio::error::connection_reset) was_reset_ = true;
  co_return !error;
}

asio::awaitable<bool> Transport::write(OctetView octets) {
  if (shut_) co_return false;
  if (!tls_) co_return co_await write_wire(octets);
  tls_->send(octets);
  const Octets wire = tls_->take_output();
  co_return co_await write_wire(wire);
}

bool Transport::must_write() const { return !shut_ && tls_ && tls_->has_output(); }

asio::awaitable<void> Transport::shut() {
  if (shut_) co_return;
  if (tls_) {
    tls_->close();
    const Octets wire = tls_->take_output();
    co_await write_wire(wire);
  }
  shut_ = true;
  SystemError ignored;  // the peer may be gone already
  socket_.shutdown(tcp::socket::shutdown_send, ignored);
}

void Transport::reset() {
  SystemError ignored;
  socket_.set_option(asio::socket_base::linger(true, 0), ignored);
  socket_.close(ignored);
}

void Transport::close() {
  SystemError ignored;
  socket_.close(ignored);
}

}  // namespace upspec
