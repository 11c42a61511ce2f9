#include "net/relay_session.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <utility>

namespace upspec {

namespace {

// A timer that never fires is Asio's way to wait for an event: cancelling it is the event.
constexpr auto never = std::chrono::steady_clock::time_point::max();

// How long a client that was told FIN may take to say it too, and then the origin. Closing with unread octets would be
// a reset, which destroys what the client has not read yet.
constexpr auto patience = std::chrono::seconds(2);

}  // namespace

RelaySession::Side::Side(const asio::any_io_executor& executor, std::optional<std::size_t> number, Transport& used)
    : link(number), transport(used), wake(executor, never) {}

RelaySession::RelaySession(const asio::any_io_executor& executor, Transport& front, ReferenceProxy proxy,
                           const Endpoints& origin, std::chrono::nanoseconds origin_timeout)
    : executor_(executor),
      proxy_(std::move(proxy)),
      origin_(origin),
      origin_timeout_(origin_timeout),
      front_(executor, std::nullopt, front),
      deadline_(executor, never),
      patience_(executor, never),
      all_ended_(executor, never) {}

asio::awaitable<void> RelaySession::run() {
  spawn(read_all(front_));
  spawn(write_all(front_));
  spawn(watch_origin());
  settle();
  while (running_ > 0) co_await wait_for(all_ended_);
  if (failure_) std::rethrow_exception(failure_);
}

void RelaySession::stop() { end(); }

bool RelaySession::wants_input(const Side& side) const {
  return side.link ? proxy_.wants_input(*side.link) : proxy_.wants_input();
}

RelaySession::Wish RelaySession::wish(const Side& side) const {
  return side.link ? proxy_.wish(*side.link) : proxy_.wish();
}

Octets RelaySession::take_output(const Side& side) {
  return side.link ? proxy_.take_output(*side.link) : proxy_.take_output();
}

void RelaySession::receive(const Side& side, OctetView octets) {
  if (side.link) return proxy_.receive(*side.link, octets);
  proxy_.receive(octets);
}

void RelaySession::closed(const Side& side, Closing how) {
  if (side.link) return proxy_.closed(*side.link, how);
  proxy_.closed(how);
}

// run() waits for each of them, so a task may use the session until its end.
void RelaySession::spawn(asio::awaitable<void> task, Link* user) {
  ++running_;
  if (user) ++user->running;
  auto ended = [this, user](const std::exception_ptr& exception) {
    if (user) --user->running;
    if (exception && !failure_) failure_ = exception;
    if (exception) end();
    if (--running_ == 0) all_ended_.cancel();
  };
  asio::co_spawn(executor_, std::move(task), std::move(ended));
}

asio::awaitable<void> RelaySession::wait_for(asio::steady_timer& event) { co_await event.async_wait(as_result); }

// After each event: what does the proxy want now?
void RelaySession::settle() {
  if (over_) return;
  links_.resize(proxy_.links());
  for (std::size_t n = 0; n < links_.size(); ++n) settle_link(n);
  front_.wake.cancel();
  const bool all_over = std::ranges::none_of(links_, [](const auto& link) { return link && !link->side.over; });
  if (front_.over && all_over) end();
}

void RelaySession::settle_link(std::size_t number) {
  auto& link = links_[number];
  if (!link) {
    if (proxy_.wish(number) != Wish::open) return;
    link = std::make_unique<Link>(executor_, number);
    spawn(run_link(*link), link.get());
  }
  if (link->side.over && link->running == 0) link.reset();
  if (!link || link->side.over) return;
  // Nobody asks for it any more.
  if (link->connecting && proxy_.wish(number) != Wish::open) link->transport.close();
  look_at_the_clock(link->side);
  link->side.wake.cancel();
}

// The origin's time runs from the moment at which something is owed, or from the last that it said.
void RelaySession::look_at_the_clock(Side& side) {
  if (!proxy_.is_awaited(*side.link)) return side.awaited_since.reset();
  if (side.awaited_since) return;
  side.awaited_since = Clock::now();
  if (*side.awaited_since + origin_timeout_ < deadline_.expiry())
    deadline_.expires_at(*side.awaited_since + origin_timeout_);
}

asio::awaitable<void> RelaySession::watch_origin() {
  while (!over_) {
    co_await wait_for(deadline_);
    if (over_) co_return;
    const auto now = Clock::now();
    auto next = never;
    for (const auto& link : links_) {
      if (!link || link->side.over || !link->side.awaited_since) continue;
      const auto at = *link->side.awaited_since + origin_timeout_;
      if (at > now) {
        next = std::min(next, at);
        continue;
      }
      link->side.awaited_since.reset();
      proxy_.timed_out(*link->side.link);
    }
    deadline_.expires_at(next);
    settle();
  }
}

asio::awaitable<void> RelaySession::run_link(Link& link) {
  const auto connected = co_await link.transport.connect(origin_);
  link.connecting = false;
  if (over_) co_return;
  if (!connected) {
    link.side.over = true;
    proxy_.not_connected(*link.side.link);
    co_return settle();
  }
  proxy_.connected(*link.side.link);
  spawn(write_all(link.side), &link);
  settle();
  co_await read_all(link.side);
}

asio::awaitable<void> RelaySession::read_all(Side& side) {
  while (!over_ && !side.over) {
    // A side that takes no more may still have said why.
    if (!wants_input(side) && !side.broken && !side.lingering) {
      co_await wait_for(side.wake);
      continue;
    }
    const auto got = co_await side.transport.read();
    if (over_ || side.over) co_return;
    if (!got.octets.empty() && !side.lingering) {
      side.awaited_since.reset();
      receive(side, got.octets);
    }
    if (got.closing) {
      side.heard_all = true;
      if (side.lingering) side.over = true;
      if (!side.lingering) closed(side, *got.closing);
      if (side.over) side.transport.close();
      co_return settle();
    }
    settle();
  }
}

asio::awaitable<void> RelaySession::write_all(Side& side) {
  while (!over_ && !side.over) {
    const Octets out = take_output(side);
    if (!out.empty() || (!side.broken && side.transport.must_write())) {
      // The reader sees how a broken connection ends. Until then the output goes nowhere, as in the network.
      if (!side.broken) side.broken = !co_await side.transport.write(out);
      settle();
      continue;
    }
    // All that it has said is written.
    const auto now = wish(side);
    if (now == Wish::abort) {
      side.over = true;
      side.transport.reset();
      co_return settle();
    }
    if (now == Wish::over && (side.link || side.heard_all)) {
      side.over = true;
      side.transport.close();
      co_return settle();
    }
    if (now == Wish::over || (now == Wish::shut && !side.shut)) {
      side.shut = true;
      co_await side.transport.shut();
      if (now == Wish::over && !over_) co_return co_await lose_patience(side);
      settle();
    } else {
      co_await wait_for(side.wake);
    }
  }
}

// In front: FIN is said, and the client has a little time to read all and say it, too.
asio::awaitable<void> RelaySession::lose_patience(Side& side) {
  side.lingering = true;
  side.wake.cancel();
  patience_.expires_after(patience);
  co_await wait_for(patience_);
  if (over_) co_return;
  side.over = true;
  side.transport.close();
  // Links have been told to end; one that does not take what was written for it goes, too.
  end();
}

void RelaySession::end() {
  if (over_) return;
  over_ = true;
  front_.transport.close();
  front_.wake.cancel();
  for (const auto& link : links_) {
    if (!link) continue;
    link->transport.close();
    link->side.wake.cancel();
  }
  deadline_.cancel();
  patience_.cancel();
}

}  // namespace upspec
