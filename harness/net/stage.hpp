// Where one performer acts: its connections, its clock and its deadline. Loops that carry octets and decide nothing.
// Of this room alone.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "net/asio.hpp"
#include "net/performer.hpp"
#include "net/transport.hpp"

namespace upspec {

// What all stages of a drive share.
struct Scene {
  Address target;
  std::optional<TlsClient> tls;
  std::chrono::nanoseconds timeout;
  Result<Endpoints> endpoints;  // of the target
};

// Everything happens on the one thread of its executor.
class Stage {
 public:
  Stage(const asio::any_io_executor& executor, const Scene& scene, Performer& performer);

  // Returns when the performer is done or stop() was called; nothing of it runs then. Throws what the performer throws.
  asio::awaitable<void> play();
  void stop();
  // The performer's wishes have changed by something that did not come from here.
  void settle();

  // Told after each event, unless it was the last.
  std::function<void()> on_settled;

  Moment now() const;  // microseconds since it began
  // What is awaited will hardly come any more: the deadline is near.
  void hurry();

  double seconds() const;  // from the first attempt to connect to the end

 private:
  using Clock = std::chrono::steady_clock;

  // One connection. Its writer waits for `wake` when there is nothing to write.
  struct Link {
    Link(std::size_t number, Transport transport, const asio::any_io_executor& executor);
    const std::size_t number;
    Transport transport;
    asio::steady_timer wake;
    asio::steady_timer hungry;  // it may be read again
    enum class Phase { connecting, handshake, open, over } phase = Phase::connecting;
    bool too_late = false;  // to connect
    bool shut = false;
  };

  void spawn(asio::awaitable<void> task);
  asio::awaitable<void> begin();
  asio::awaitable<void> watch_deadline();
  asio::awaitable<void> accept_all();
  asio::awaitable<void> take_in(tcp::socket socket);
  asio::awaitable<void> run_link(Link& link);
  asio::awaitable<Result<void>> establish(Link& link);
  asio::awaitable<void> read_all(Link& link);
  asio::awaitable<void> write_all(Link& link);
  asio::awaitable<void> wait_for(asio::steady_timer& event);

  void at_deadline();
  void start_deadline() { deadline_ = Clock::now() + scene_.timeout; }
  void end();
  void refuse();

  asio::any_io_executor executor_;
  const Scene& scene_;
  Performer& performer_;
  std::vector<std::unique_ptr<Link>> links_;  // null: not wished for yet
  tcp::acceptor acceptor_;
  std::set<Transport*> arriving_;  // in their handshakes
  const Clock::time_point start_ = Clock::now();
  Clock::time_point end_ = start_;
  Clock::time_point deadline_;
  std::optional<Clock::time_point> hurried_;  // the deadline as it was before
  Clock::duration starved_{};                 // in which the process did not run
  std::uint64_t progress_ = 0;
  asio::steady_timer deadline_timer_;
  asio::steady_timer all_ended_;
  asio::steady_timer room_;  // one has arrived, or not
  std::size_t running_ = 0;  // coroutines
  bool over_ = false;
  bool refuses_ = false;
  std::exception_ptr failure_;
};

}  // namespace upspec
