// Performers that wait for connections.
#include "net/door.hpp"

#include <gtest/gtest.h>

#include "net/fakes.hpp"

namespace upspec {
namespace {

using namespace fakes;
using Log = std::vector<std::string>;

// Takes each connection that comes as a link of its own, as often as it may.
class Host final : public Performer {
 public:
  using React = std::function<void(Host&, const std::string& event)>;
  Host(const Door& door, React react) : door_(door), react_(std::move(react)) {}

  std::size_t most = 8;
  std::vector<std::string> heard;
  Log log;
  std::map<std::size_t, std::deque<Octets>> output;
  bool over = false;

  const Door* door() const override { return &door_; }
  std::optional<std::size_t> accepted(Moment) override {
    if (heard.size() == most) return std::nullopt;
    heard.emplace_back();
    event("accepted");
    return heard.size() - 1;
  }
  void turned_away(std::string_view why, Moment) override { event(cat("turned away: ", why)); }
  std::size_t links() const override { return heard.size(); }
  Wish wish(std::size_t) const override { return Wish::keep; }
  std::optional<Octets> take_output(std::size_t link) override {
    auto& waiting = output[link];
    if (waiting.empty()) return std::nullopt;
    Octets first = std::move(waiting.front());
    waiting.pop_front();
    return first;
  }
  void connected(std::size_t, Moment) override {}
  void not_connected(std::size_t, std::string_view, Moment) override {}
  void receive(std::size_t link, OctetView octets, Moment) override {
    heard[link] += as_text(octets);
    output[link].push_back(to_octets(octets));
    if (react_) react_(*this, "received");
  }
  void closed(std::size_t link, Closing, Moment) override { event(cat("closed ", link)); }
  void deadline(Moment) override {
    event("deadline");
    over = true;
  }
  bool done() const override { return over; }
  std::uint64_t progress() const override { return log.size(); }

 private:
  void event(const std::string& what) {
    log.push_back(what);
    if (react_) react_(*this, what);
  }
  const Door& door_;
  React react_;
};

// Plays one host until it is over; `clients` runs beside on a thread of its own.
Log host(const Door& door, Host::React react, const std::function<void()>& clients,
         std::chrono::milliseconds timeout = std::chrono::seconds(20), std::size_t most = 8) {
  Log log;
  bool given = false;
  Performers performers;
  performers.next = [&]() -> std::unique_ptr<Performer> {
    if (std::exchange(given, true)) return nullptr;
    auto one = std::make_unique<Host>(door, std::move(react));
    one->most = most;
    return one;
  };
  performers.done = [&](const std::unique_ptr<Performer>& one, Ended) { log = static_cast<Host&>(*one).log; };
  std::thread beside(clients);
  const StopFlag never;
  drive_all({{}, {}, timeout, 1}, performers, never);
  beside.join();
  return log;
}

TEST(Door, ConnectionsBecomeLinks) {
  const auto door = Door::open({"127.0.0.1", 0}, {});
  ASSERT_TRUE(door) << door.error().text;
  EXPECT_NE(door->address().port, 0);
  std::string first, second;
  const auto log = host(
      *door, [](Host& me, const std::string& event) { me.over = me.log.size() == 4 && event.starts_with("closed"); },
      [&] {
        const int one = connect_to(door->address());
        const int two = connect_to(door->address());
        write_all(two, "two");
        second = read_some(two, 3);
        write_all(one, "one");
        first = read_some(one, 3);
        ::close(one);
        ::close(two);
      });
  EXPECT_EQ(first, "one");
  EXPECT_EQ(second, "two");
  EXPECT_EQ((Log{log.begin(), log.begin() + 2}), (Log{"accepted", "accepted"}));
}

TEST(Door, WhoIsTooManyIsClosed) {
  const auto door = Door::open({"127.0.0.1", 0}, {});
  const auto log = host(
      *door, [](Host& me, const std::string& event) { me.over = event == "received"; },
      [&] {
        const int one = connect_to(door->address());
        const int two = connect_to(door->address());
        EXPECT_EQ(read_all(two), "") << "closed at once";
        write_all(one, "done");
        read_all(one);
        ::close(one);
        ::close(two);
      },
      std::chrono::seconds(20), 1);
  EXPECT_EQ(log, Log{"accepted"});
}

TEST(Door, NobodyComesUntilTheDeadline) {
  const auto door = Door::open({"127.0.0.1", 0}, {});
  EXPECT_EQ(host(*door, nullptr, [] {}, std::chrono::milliseconds(30)), Log{"deadline"});
}

TEST(Door, OneDoorServesOnePlayAfterTheOther) {
  const auto door = Door::open({"127.0.0.1", 0}, {});
  for (int round = 0; round < 3; ++round) {
    const auto log = host(
        *door, [](Host& me, const std::string& event) { me.over = event == "received"; },
        [&] {
          const int one = connect_to(door->address());
          write_all(one, "hello");
          read_all(one);
          ::close(one);
        });
    EXPECT_EQ(log, Log{"accepted"}) << round;
  }
}

TEST(Door, RefusesUntilItListensAgain) {
  const auto door = Door::open({"127.0.0.1", 0}, std::nullopt);
  ASSERT_TRUE(door);
  const auto timeout = std::chrono::milliseconds(1000);
  EXPECT_TRUE(can_connect(door->address(), {}, timeout));
  for (int round = 0; round < 2; ++round) {
    door->refuse();
    EXPECT_FALSE(can_connect(door->address(), {}, timeout));
    ASSERT_TRUE(door->listen_again());
    EXPECT_TRUE(can_connect(door->address(), {}, timeout));
  }
}

TEST(Door, ACleartextClientAtATlsDoorIsTurnedAway) {
  const auto own = make_own_certificate();
  ASSERT_TRUE(own);
  TlsServerOptions options;
  options.identity = own->identity;
  const auto door = Door::open({"127.0.0.1", 0}, *TlsServer::make(options));
  const auto log = host(
      *door, [](Host& me, const std::string& event) { me.over = event.starts_with("turned away: "); },
      [&] {
        const int one = connect_to(door->address());
        write_all(one, "GET / HTTP/1.1\r\n\r\n");
        read_all(one);
        ::close(one);
      });
  ASSERT_EQ(log.size(), 1u);
  EXPECT_TRUE(log.front().starts_with("turned away: ")) << log.front();
}

TEST(Door, AnAddressThatIsTakenIsSaid) {
  const auto door = Door::open({"127.0.0.1", 0}, {});
  const auto again = Door::open(door->address(), {});
  ASSERT_FALSE(again);
  EXPECT_TRUE(again.error().text.starts_with(cat("cannot listen on ", to_text(door->address()), ": ")));
}

}  // namespace
}  // namespace upspec
