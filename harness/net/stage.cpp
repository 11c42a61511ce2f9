#include "net/stage.hpp"

#include <fcntl.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <stdexcept>
#include <utility>

#include "base/text.hpp"

namespace upspec {

// A timer that never fires is Asio's way to wait for an event: cancelling it is the event.
constexpr auto never = std::chrono::steady_clock::time_point::max();

// How long after the last sign of life of somebody who has gone.
constexpr std::chrono::milliseconds grace{250};
constexpr std::chrono::milliseconds piece{50}, tolerance{5};
constexpr int most_starved = 10;  // times the case's own timeout
// More than these in their handshakes at a time wait in the system's queue.
constexpr std::size_t most_arriving = 64;

Stage::Link::Link(std::size_t number_, Transport transport_, const asio::any_io_executor& executor)
    : number(number_), transport(std::move(transport_)), wake(executor, never), hungry(executor, never) {}

Stage::Stage(const asio::any_io_executor& executor, const Scene& scene, Performer& performer)
    : executor_(executor),
      scene_(scene),
      performer_(performer),
      acceptor_(executor),
      progress_(performer.progress()),
      deadline_timer_(executor),
      all_ended_(executor, never),
      room_(executor, never) {}

asio::awaitable<void> Stage::play() {
  start_deadline();
  spawn(watch_deadline());
  spawn(begin());
  while (running_ > 0) co_await wait_for(all_ended_);
  if (failure_) std::rethrow_exception(failure_);
  if (!refuses_) co_return;
  if (const auto again = performer_.door()->listen_again(); !again) throw std::runtime_error(again.error().text);
}

// A task, because what the performer throws is to wait for the others.
asio::awaitable<void> Stage::begin() {
  settle();
  if (!over_ && performer_.door()) spawn(accept_all());
  co_return;
}

void Stage::stop() { end(); }

double Stage::seconds() const { return std::chrono::duration<double>(end_ - start_).count(); }

Moment Stage::now() const {
  return static_cast<Moment>(std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - start_).count());
}

// After each event: what does the performer want now?
void Stage::settle() {
  if (over_) return;
  if (performer_.done()) return end();
  if (on_settled) on_settled();
  if (const auto progress = performer_.progress(); progress != progress_) {
    progress_ = progress;
    start_deadline();
    if (std::exchange(hurried_, {})) hurry();
  }
  if (performer_.lingers() && !hurried_) hurry();
  if (!performer_.listens()) refuse();
  links_.resize(performer_.links());
  const bool small = performer_.small_buffers();
  for (std::size_t n = 0; n < links_.size() && !over_; ++n) {
    if (links_[n]) {
      if (!small) links_[n]->transport.keep_enough();
      links_[n]->wake.cancel();
      links_[n]->hungry.cancel();
    } else if (performer_.wish(n) == Performer::Wish::open) {
      links_[n] = std::make_unique<Link>(n, Transport(executor_), executor_);
      start_deadline();
      spawn(run_link(*links_[n]));
    }
  }
}

void Stage::refuse() {
  if (refuses_ || !performer_.door()) return;
  refuses_ = true;
  SystemError ignored;
  acceptor_.close(ignored);
  performer_.door()->refuse();
}

void Stage::end() {
  if (over_) return;
  over_ = true;
  end_ = Clock::now();
  for (const auto& link : links_) {
    if (!link) continue;
    link->transport.close();
    link->wake.cancel();
    link->hungry.cancel();
  }
  for (auto* transport : arriving_) transport->close();
  SystemError ignored;
  acceptor_.close(ignored);
  room_.cancel();
  deadline_timer_.cancel();
}

// play() waits for each of them, so a task may use the stage until its end. What it throws is thrown on by play().
void Stage::spawn(asio::awaitable<void> task) {
  ++running_;
  auto ended = [this](const std::exception_ptr& exception) {
    if (exception && !failure_) failure_ = exception;
    if (exception) end();
    if (--running_ == 0) all_ended_.cancel();
  };
  asio::co_spawn(executor_, std::move(task), std::move(ended));
}

asio::awaitable<void> Stage::wait_for(asio::steady_timer& event) { co_await event.async_wait(as_result); }

// The door stays open when the stage ends: it accepts on a copy of its descriptor.
asio::awaitable<void> Stage::accept_all() {
  SystemError trouble;
  sockaddr_storage name{};
  socklen_t size = sizeof name;
  const int copy = ::fcntl(performer_.door()->descriptor(), F_DUPFD_CLOEXEC, 0);
  ::getsockname(copy, reinterpret_cast<sockaddr*>(&name), &size);
  acceptor_.assign(name.ss_family == AF_INET6 ? tcp::v6() : tcp::v4(), copy, trouble);
  if (trouble) throw std::runtime_error(cat("cannot listen: ", trouble.message()));
  while (!over_ && !refuses_) {
    if (arriving_.size() >= most_arriving) {
      co_await wait_for(room_);
      continue;
    }
    auto [error, socket] = co_await acceptor_.async_accept(as_result);
    if (over_ || refuses_) co_return;
    if (error) {
      // Out of descriptors, or the peer has gone again. A pause, so that the first does not spin.
      asio::steady_timer pause(executor_, std::chrono::milliseconds(20));
      co_await wait_for(pause);
      continue;
    }
    spawn(take_in(std::move(socket)));
  }
}

asio::awaitable<void> Stage::take_in(tcp::socket socket) {
  Transport transport(std::move(socket));
  if (performer_.small_buffers()) transport.keep_little();
  Result<void> handshake;
  {
    // In the set for as long as it is here, whatever is thrown.
    const auto forget = [this](Transport* gone) {
      arriving_.erase(gone);
      room_.cancel();
    };
    const std::unique_ptr<Transport, decltype(forget)> listed(&transport, forget);
    arriving_.insert(&transport);
    std::optional<TlsSession> session;
    if (const auto& tls = performer_.door()->tls()) session.emplace(*tls);
    handshake = co_await transport.start_tls(std::move(session));
  }
  if (over_) co_return;
  if (!handshake) {
    performer_.turned_away(handshake.error().text, now());
    co_return settle();
  }
  const auto number = performer_.accepted(now());
  if (!number) co_return settle();
  links_.resize(performer_.links());
  links_[*number] = std::make_unique<Link>(*number, std::move(transport), executor_);
  auto& link = *links_[*number];
  link.phase = Link::Phase::open;
  settle();
  if (over_) co_return;
  spawn(write_all(link));
  co_await read_all(link);
}

asio::awaitable<void> Stage::run_link(Link& link) {
  const auto established = co_await establish(link);
  if (over_) co_return;
  if (!established) {
    link.phase = Link::Phase::over;
    performer_.not_connected(link.number, established.error().text, now());
    co_return settle();
  }
  link.phase = Link::Phase::open;
  start_deadline();
  performer_.connected(link.number, now());
  settle();
  if (over_) co_return;
  spawn(write_all(link));
  co_await read_all(link);
}

asio::awaitable<Result<void>> Stage::establish(Link& link) {
  if (!scene_.endpoints) co_return fail(scene_.endpoints.error().text);
  if (performer_.small_buffers()) link.transport.keep_little();
  auto connected = co_await link.transport.connect(*scene_.endpoints);
  if (link.too_late) co_return fail(cat("cannot connect to ", to_text(scene_.target), ": no answer in time"));
  if (!connected) co_return fail(cat("cannot connect to ", to_text(scene_.target), ": ", connected.error().text));

  link.phase = Link::Phase::handshake;
  start_deadline();
  std::optional<TlsSession> session;
  if (scene_.tls) session.emplace(*scene_.tls, scene_.target.host);
  auto handshake = co_await link.transport.start_tls(std::move(session));
  if (link.too_late) co_return fail(cat(to_text(scene_.target), ": the TLS handshake was not done in time"));
  if (!handshake) co_return fail(cat(to_text(scene_.target), ": ", handshake.error().text));
  co_return Result<void>();
}

asio::awaitable<void> Stage::read_all(Link& link) {
  while (true) {
    while (!over_ && !performer_.reads(link.number)) co_await wait_for(link.hungry);
    if (over_) co_return;
    const auto got = co_await link.transport.read();
    if (over_ || link.phase == Link::Phase::over) co_return;  // we have ended it ourselves
    if (!got.octets.empty()) performer_.receive(link.number, got.octets, now());
    if (hurried_) hurry();  // what is still in the socket is to be read
    if (got.closing) {
      settle();
      if (!over_) performer_.closed(link.number, *got.closing, now());
      co_return settle();
    }
    settle();
  }
}

asio::awaitable<void> Stage::write_all(Link& link) {
  bool writable = true;
  while (!over_) {
    if (const auto chunk = performer_.take_output(link.number); chunk || (writable && link.transport.must_write())) {
      const OctetView octets = chunk ? OctetView(*chunk) : OctetView();
      // The reader sees how a broken connection ends. Until then the performer's output goes nowhere, as in the
      // network.
      if (writable) writable = co_await link.transport.write(octets);
      settle();
      continue;
    }
    // All that it has said is written.
    const auto wish = performer_.wish(link.number);
    if (wish == Performer::Wish::abort) {
      link.phase = Link::Phase::over;
      link.transport.reset();
      co_return settle();
    } else if (wish == Performer::Wish::shut && !link.shut) {
      link.shut = true;
      co_await link.transport.shut();
      settle();
    } else {
      co_await wait_for(link.wake);
    }
  }
}

void Stage::hurry() {
  if (!hurried_) hurried_ = deadline_;
  deadline_ = std::min(*hurried_, Clock::now() + grace);
  deadline_timer_.cancel();
}

// Time in which this process did not run is nobody's delay: on a starved machine the other side, too, got no more of
// it. So it is waited for in short pieces, and what a piece takes longer is added, up to as much as makes an end
// certain.
asio::awaitable<void> Stage::watch_deadline() {
  while (!over_) {
    const auto woken = std::min(deadline_, Clock::now() + piece);
    deadline_timer_.expires_at(woken);
    co_await wait_for(deadline_timer_);
    if (const auto late = Clock::now() - woken; late > tolerance && starved_ < most_starved * scene_.timeout) {
      starved_ += late;
      deadline_ += late;
      if (hurried_) *hurried_ += late;
    }
    if (over_ || Clock::now() < deadline_) continue;
    // On a busy machine the time may be over while what was awaited lies in the socket: one more look at all sockets.
    co_await asio::post(executor_, asio::use_awaitable);
    co_await asio::post(executor_, asio::use_awaitable);
    if (!over_ && Clock::now() >= deadline_) at_deadline();
  }
}

void Stage::at_deadline() {
  start_deadline();
  bool connecting = false;
  for (const auto& link : links_) {
    if (!link || link->phase == Link::Phase::open || link->phase == Link::Phase::over) continue;
    connecting = true;
    link->too_late = true;
    link->transport.close();
  }
  if (connecting) return;  // run_link tells the performer
  performer_.deadline(now());
  settle();
}

}  // namespace upspec
