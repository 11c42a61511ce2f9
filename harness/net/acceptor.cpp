#include "net/acceptor.hpp"

#include <boost/asio/co_spawn.hpp>
#include <chrono>
#include <cstdio>
#include <exception>
#include <memory>
#include <utility>

#include "net/stop_watch.hpp"

namespace upspec {
namespace {

void say(const char* what, const std::exception_ptr& exception) {
  try {
    std::rethrow_exception(exception);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "upspec: %s: %s\n", what, error.what());
  } catch (...) {
    std::fprintf(stderr, "upspec: %s: unknown exception\n", what);
  }
}

}  // namespace

Result<void> Acceptor::listen() {
  auto listening = listen_on(acceptor_, address_);
  if (!listening) return tl::unexpected(listening.error());
  address_ = *std::move(listening);
  return {};
}

void Acceptor::run(const StopFlag& flag, Serve serve, std::function<void()> stopped) {
  serve_ = std::move(serve);
  stopped_ = std::move(stopped);
  const StopWatch watch(context_.get_executor(), flag, [this] { stop(); });
  auto ended = [](const std::exception_ptr& exception) {
    if (exception) std::rethrow_exception(exception);  // out of run(): without accepting there is nothing to serve
  };
  asio::co_spawn(context_, accept_all(), std::move(ended));
  context_.run();
}

void Acceptor::stop() {
  stopping_ = true;
  SystemError ignored;
  acceptor_.close(ignored);
  room_.cancel();
  for (auto* transport : open_) transport->close();
  stopped_();
}

asio::awaitable<void> Acceptor::accept_all() {
  while (!stopping_) {
    if (running_ >= most_) {
      co_await room_.async_wait(as_result);
      continue;
    }
    auto [error, socket] = co_await acceptor_.async_accept(as_result);
    if (stopping_) co_return;
    if (error) {
      // Out of descriptors, or the client has gone again. A pause, so that the first does not spin.
      asio::steady_timer pause(context_, std::chrono::milliseconds(50));
      co_await pause.async_wait(as_result);
      continue;
    }
    ++running_;
    auto ended = [this](const std::exception_ptr& exception) {
      if (exception) say("a connection was given up", exception);
      --running_;
      room_.cancel();
    };
    auto task = serve_one(std::move(socket));
    asio::co_spawn(context_, std::move(task), std::move(ended));
  }
}

asio::awaitable<void> Acceptor::serve_one(tcp::socket socket) {
  Transport transport(std::move(socket));
  // In the set for as long as it lives, whatever is thrown.
  const auto forget = [this](Transport* gone) { open_.erase(gone); };
  const std::unique_ptr<Transport, decltype(forget)> listed(&transport, forget);
  open_.insert(&transport);

  std::optional<TlsSession> session;
  if (tls_) session.emplace(*tls_);
  const auto handshake = co_await transport.start_tls(std::move(session));
  if (!handshake || stopping_) co_return;
  co_await serve_(transport);
}

}  // namespace upspec
