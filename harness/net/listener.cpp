#include "net/listener.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdio>
#include <exception>
#include <set>
#include <utility>

#include "net/asio.hpp"
#include "net/stop_watch.hpp"
#include "net/transport.hpp"

namespace upspec {
namespace {

// How long a peer that was told FIN may take to say it too. Closing with unread octets would be a reset, which destroys
// what the peer has not read yet.
constexpr auto patience = std::chrono::seconds(2);

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

struct Listener::State {
  ListenOptions options;
  Factory factory;
  asio::io_context context{1};
  tcp::acceptor acceptor{context};
  asio::steady_timer room{context, asio::steady_timer::time_point::max()};  // a connection has ended
  std::set<Transport*> open;
  std::size_t running = 0;  // connections, those in their handshake included
  bool stopping = false;

  Result<void> listen();
  void run(const StopFlag& stop);
  void stop();
  asio::awaitable<void> accept_all();
  asio::awaitable<void> serve_one(tcp::socket socket);
  asio::awaitable<void> exchange(Transport& transport, Connection& peer);
  asio::awaitable<void> linger(Transport& transport);
};

Result<void> Listener::State::listen() {
  auto listening = listen_on(acceptor, options.address);
  if (!listening) return tl::unexpected(listening.error());
  options.address = *std::move(listening);
  return {};
}

void Listener::State::run(const StopFlag& flag) {
  const StopWatch watch(context.get_executor(), flag, [this] { stop(); });
  auto ended = [](const std::exception_ptr& exception) {
    if (exception) std::rethrow_exception(exception);  // out of run(): without accepting there is nothing to serve
  };
  asio::co_spawn(context, accept_all(), std::move(ended));
  context.run();
}

void Listener::State::stop() {
  stopping = true;
  SystemError ignored;
  acceptor.close(ignored);
  room.cancel();
  for (auto* transport : open) transport->close();
}

asio::awaitable<void> Listener::State::accept_all() {
  while (!stopping) {
    if (running >= options.most_connections) {
      co_await room.async_wait(as_result);
      continue;
    }
    auto [error, socket] = co_await acceptor.async_accept(as_result);
    if (stopping) co_return;
    if (error) {
      // Out of descriptors, or the client has gone again. A pause, so that the first does not spin.
      asio::steady_timer pause(context, std::chrono::milliseconds(50));
      co_await pause.async_wait(as_result);
      continue;
    }
    ++running;
    auto ended = [this](const std::exception_ptr& exception) {
      if (exception) say("a connection was given up", exception);
      --running;
      room.cancel();
    };
    auto task = serve_one(std::move(socket));
    asio::co_spawn(context, std::move(task), std::move(ended));
  }
}

asio::awaitable<void> Listener::State::serve_one(tcp::socket socket) {
  Transport transport(std::move(socket));
  // In the set for as long as it lives, whatever is thrown.
  const auto forget = [this](Transport* gone) { open.erase(gone); };
  const std::unique_ptr<Transport, decltype(forget)> listed(&transport, forget);
  open.insert(&transport);

  std::optional<TlsSession> session;
  if (options.tls) session.emplace(*options.tls);
  const auto handshake = co_await transport.start_tls(std::move(session));
  if (!handshake || stopping) co_return;
  const auto peer = factory();
  co_await exchange(transport, *peer);
  if (!stopping) co_await linger(transport);
}

// Reads only when all is written: a client that does not read is not read from.
asio::awaitable<void> Listener::State::exchange(Transport& transport, Connection& peer) {
  bool heard_all = false;
  while (!stopping) {
    const Octets out = peer.take_output();
    if (!out.empty() || transport.must_write()) {
      const bool written = co_await transport.write(out);
      if (!written) co_return;
      continue;
    }
    if (peer.finished() || heard_all) co_return;
    const auto got = co_await transport.read();
    if (stopping) co_return;
    if (!got.octets.empty()) peer.receive(got.octets);
    if (got.closing) {
      heard_all = true;
      peer.peer_ended();
    }
  }
}

asio::awaitable<void> Listener::State::linger(Transport& transport) {
  co_await transport.shut();
  asio::steady_timer late(context, patience);
  late.async_wait([&transport](const SystemError& error) {
    if (!error) transport.close();
  });
  while (true) {
    const auto got = co_await transport.read();
    if (got.closing) co_return;
  }
}

Listener::Listener(std::unique_ptr<State> state) : state_(std::move(state)) {}
Listener::~Listener() = default;
Listener::Listener(Listener&&) noexcept = default;
Listener& Listener::operator=(Listener&&) noexcept = default;

Result<Listener> Listener::open(const ListenOptions& options, Factory factory) {
  auto state = std::make_unique<State>();
  state->options = options;
  state->factory = std::move(factory);
  if (auto listening = state->listen(); !listening) return tl::unexpected(listening.error());
  return Listener(std::move(state));
}

const Address& Listener::address() const { return state_->options.address; }

void Listener::serve(const StopFlag& stop) { state_->run(stop); }

BackgroundListener::BackgroundListener(Listener listener)
    : listener_(std::move(listener)), thread_([this] { listener_.serve(stop_); }) {}

BackgroundListener::~BackgroundListener() {
  stop_.raise();
  thread_.join();
}

}  // namespace upspec
