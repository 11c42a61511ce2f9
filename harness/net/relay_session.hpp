// One connection in front and its links behind, between sockets and a proxy. Of this room alone.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <vector>

#include "net/asio.hpp"
#include "net/transport.hpp"
#include "peer/reference_proxy.hpp"

namespace upspec {

// Everything happens on the one thread of its executor.
class RelaySession {
 public:
  RelaySession(const asio::any_io_executor& executor, Transport& front, ReferenceProxy proxy, const Endpoints& origin,
               std::chrono::nanoseconds origin_timeout);

  // Returns when both sides are over; nothing of it runs then. Throws what the proxy throws.
  asio::awaitable<void> run();
  void stop();

 private:
  using Clock = std::chrono::steady_clock;
  using Wish = ReferenceProxy::Wish;

  // One connection, in front or behind. Its reader and its writer wait for `wake` when there is nothing to do.
  struct Side {
    Side(const asio::any_io_executor& executor, std::optional<std::size_t> number, Transport& used);
    std::optional<std::size_t> link;  // nothing: in front
    Transport& transport;
    asio::steady_timer wake;
    bool shut = false;       // FIN is said
    bool broken = false;     // takes no more
    bool heard_all = false;  // its end has come
    bool lingering = false;  // all is said; what still comes is thrown away
    bool over = false;
    std::optional<Clock::time_point> awaited_since;
  };
  struct Link {
    Link(const asio::any_io_executor& executor, std::size_t number)
        : transport(executor), side(executor, number, transport) {}
    Transport transport;
    Side side;
    bool connecting = true;
    std::size_t running = 0;  // coroutines that use it
  };

  // The same questions to the proxy, for either side.
  bool wants_input(const Side& side) const;
  Wish wish(const Side& side) const;
  Octets take_output(const Side& side);
  void receive(const Side& side, OctetView octets);
  void closed(const Side& side, Closing how);

  void spawn(asio::awaitable<void> task, Link* user = nullptr);
  asio::awaitable<void> run_link(Link& link);
  asio::awaitable<void> read_all(Side& side);
  asio::awaitable<void> write_all(Side& side);
  asio::awaitable<void> watch_origin();
  asio::awaitable<void> lose_patience(Side& side);
  asio::awaitable<void> wait_for(asio::steady_timer& event);
  void settle();
  void settle_link(std::size_t number);
  void look_at_the_clock(Side& side);
  void end();

  asio::any_io_executor executor_;
  ReferenceProxy proxy_;
  const Endpoints& origin_;
  std::chrono::nanoseconds origin_timeout_;
  Side front_;
  std::vector<std::unique_ptr<Link>> links_;  // null: not wished for, or over
  asio::steady_timer deadline_;               // of what the origin owes
  asio::steady_timer patience_;
  asio::steady_timer all_ended_;
  std::size_t running_ = 0;  // coroutines
  bool over_ = false;
  std::exception_ptr failure_;
};

}  // namespace upspec
