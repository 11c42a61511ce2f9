#include "net/relay.hpp"

#include <set>
#include <utility>

#include "net/acceptor.hpp"
#include "net/relay_session.hpp"

namespace upspec {

struct Relay::State {
  State(const RelayOptions& relay_options, Factory proxy_factory)
      : options(relay_options),
        factory(std::move(proxy_factory)),
        acceptor(options.listen, options.tls, options.most_connections) {}

  asio::awaitable<void> serve_one(Transport& front);

  RelayOptions options;
  Factory factory;
  Acceptor acceptor;
  std::set<RelaySession*> sessions;
};

asio::awaitable<void> Relay::State::serve_one(Transport& front) {
  Octets first;
  auto proxy = factory(first);
  while (!proxy) {
    const auto got = co_await front.read();
    append(first, got.octets);
    if (got.closing || acceptor.stopping()) co_return;
    proxy = factory(first);
  }
  if (!first.empty()) proxy->receive(first);
  const auto origin = co_await resolve(options.origin);
  if (!origin || acceptor.stopping()) co_return;
  RelaySession session(acceptor.context().get_executor(), front, *std::move(proxy), *origin, options.origin_timeout);
  // In the set for as long as it lives, whatever is thrown.
  const auto forget = [this](RelaySession* gone) { sessions.erase(gone); };
  const std::unique_ptr<RelaySession, decltype(forget)> listed(&session, forget);
  sessions.insert(&session);
  co_await session.run();
}

Relay::Relay(std::unique_ptr<State> state) : state_(std::move(state)) {}
Relay::~Relay() = default;
Relay::Relay(Relay&&) noexcept = default;
Relay& Relay::operator=(Relay&&) noexcept = default;

Result<Relay> Relay::open(const RelayOptions& options, Factory factory) {
  auto state = std::make_unique<State>(options, std::move(factory));
  if (auto listening = state->acceptor.listen(); !listening) return tl::unexpected(listening.error());
  return Relay(std::move(state));
}

const Address& Relay::address() const { return state_->acceptor.address(); }

void Relay::serve(const StopFlag& stop) {
  auto serve = [this](Transport& front) { return state_->serve_one(front); };
  auto stopped = [this] {
    for (auto* session : state_->sessions) session->stop();
  };
  state_->acceptor.run(stop, std::move(serve), std::move(stopped));
}

}  // namespace upspec
