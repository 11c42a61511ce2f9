#include "net/listener.hpp"

#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <utility>

#include "net/acceptor.hpp"

namespace upspec {
namespace {

// How long a peer that was told FIN may take to say it too. Closing with unread octets would be a reset, which destroys
// what the peer has not read yet.
constexpr auto patience = std::chrono::seconds(2);

}  // namespace

struct Listener::State {
  State(const ListenOptions& options, Factory peer_factory)
      : factory(std::move(peer_factory)), acceptor(options.address, options.tls, options.most_connections) {}

  Factory factory;
  Acceptor acceptor;

  asio::awaitable<void> serve_one(Transport& transport);
  asio::awaitable<void> exchange(Transport& transport, Connection& peer);
  asio::awaitable<void> linger(Transport& transport);
};

asio::awaitable<void> Listener::State::serve_one(Transport& transport) {
  const auto peer = factory();
  co_await exchange(transport, *peer);
  if (!acceptor.stopping()) co_await linger(transport);
}

// Reads only when all is written: a client that does not read is not read from.
asio::awaitable<void> Listener::State::exchange(Transport& transport, Connection& peer) {
  bool heard_all = false;
  while (!acceptor.stopping()) {
    const Octets out = peer.take_output();
    if (!out.empty() || transport.must_write()) {
      const bool written = co_await transport.write(out);
      if (!written) co_return;
      continue;
    }
    if (peer.finished() || heard_all) co_return;
    const auto got = co_await transport.read();
    if (acceptor.stopping()) co_return;
    if (!got.octets.empty()) peer.receive(got.octets);
    if (got.closing) {
      heard_all = true;
      peer.peer_ended();
    }
  }
}

asio::awaitable<void> Listener::State::linger(Transport& transport) {
  co_await transport.shut();
  asio::steady_timer late(acceptor.context(), patience);
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
  auto state = std::make_unique<State>(options, std::move(factory));
  if (auto listening = state->acceptor.listen(); !listening) return tl::unexpected(listening.error());
  return Listener(std::move(state));
}

const Address& Listener::address() const { return state_->acceptor.address(); }

void Listener::serve(const StopFlag& stop) {
  auto serve = [this](Transport& transport) { return state_->serve_one(transport); };
  state_->acceptor.run(stop, std::move(serve));
}

BackgroundListener::BackgroundListener(Listener listener)
    : listener_(std::move(listener)), thread_([this] { listener_.serve(stop_); }) {}

BackgroundListener::~BackgroundListener() {
  stop_.raise();
  thread_.join();
}

}  // namespace upspec
