#include <gtest/gtest.h>

#include <stdexcept>

#include "net/fakes.hpp"

namespace upspec {
namespace {

using namespace fakes;
using Wish = Performer::Wish;
using Log = std::vector<std::string>;

// Each exchange over cleartext and over TLS.
class DriverOver : public testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    if (!GetParam()) return;
    const auto own = make_own_certificate();
    ASSERT_TRUE(own);
    TlsServerOptions server_options;
    server_options.identity = own->identity;
    TlsClientOptions client_options;
    client_options.ca_pem = own->ca_pem;
    server = *TlsServer::make(server_options);
    client = *TlsClient::make(client_options);
  }
  std::optional<TlsServer> server;
  std::optional<TlsClient> client;
};
INSTANTIATE_TEST_SUITE_P(Transports, DriverOver, testing::Bool(),
                         [](const auto& chosen) { return chosen.param ? "Tls" : "Cleartext"; });

TEST_P(DriverOver, AnExchangeIsCarried) {
  const auto listener = echo_listener(server);
  const auto seen = play(
      listener->address(),
      [](Scripted& me, std::size_t, const std::string& event) {
        if (event == "connected") me.say("hello"), me.say(", world");
        me.over = me.heard == "hello, world";
      },
      client);
  EXPECT_EQ(seen.log, Log{"connected"});
  EXPECT_TRUE(seen.ended.finished);
}

TEST_P(DriverOver, LinksAreConnectionsOfTheirOwn) {
  const auto listener = echo_listener(server);
  const auto seen = play(
      listener->address(),
      [](Scripted& me, std::size_t link, const std::string& event) {
        if (event == "connected" && link == 0) me.wishes.push_back(Wish::open);
        if (event == "connected" && link == 1) me.say("bye", 1);
        if (event == "fin" && link == 1) me.say("still here", 0);
        me.over = me.heard == "byestill here";
      },
      client);
  EXPECT_EQ(seen.log, (Log{"connected", "connected", "fin"}));
}

TEST_P(DriverOver, AfterOurFinWeStillHear) {
  const auto listener = echo_listener(server, "last word");
  const auto seen = play(
      listener->address(),
      [](Scripted& me, std::size_t link, const std::string& event) {
        if (event == "connected") me.say("one"), me.wishes[link] = Wish::shut;
        me.over = event == "fin";
      },
      client);
  EXPECT_EQ(seen.log, (Log{"connected", "fin"}));
  EXPECT_EQ(seen.heard, "onelast word");
}

TEST_P(DriverOver, MegabytesGoBothWaysThroughAnEcho) {
  const auto listener = echo_listener(server);
  constexpr std::size_t chunks = 256;
  const auto seen = play(
      listener->address(),
      [](Scripted& me, std::size_t, const std::string& event) {
        for (std::size_t n = 0; event == "connected" && n < chunks; ++n) me.say(std::string(32768, 'x'));
        me.over = me.heard.size() == chunks * 32768;
      },
      client);
  EXPECT_TRUE(seen.ended.finished);
  EXPECT_EQ(seen.log, Log{"connected"});
}

TEST_P(DriverOver, ManyRunSideBySideAndNoMoreThanAllowed) {
  const auto listener = echo_listener(server);
  std::size_t given = 0, running = 0, most = 0, finished = 0;
  Performers performers;
  performers.next = [&]() -> std::unique_ptr<Performer> {
    if (given == 100) return nullptr;
    ++given;
    most = std::max(most, ++running);
    return std::make_unique<Scripted>([](Scripted& me, std::size_t, const std::string& event) {
      if (event == "connected") me.say("hello");
      me.over = me.heard == "hello";
    });
  };
  performers.done = [&](const std::unique_ptr<Performer>&, Ended ended) {
    --running;
    finished += ended.finished;
  };
  const StopFlag never;
  drive_all({listener->address(), client, std::chrono::seconds(20), 16}, performers, never);
  EXPECT_EQ(finished, 100u);
  EXPECT_EQ(most, 16u);
}

TEST(Driver, OctetsBeforeAResetAreHeard) {
  Bare peer([](int connection) {
    write_all(connection, "last words");
    end_with_reset(connection);
  });
  const auto seen = play(peer.address, [](Scripted& me, std::size_t, const std::string& event) {
    me.over = event == "fin" || event == "reset";
  });
  EXPECT_EQ(seen.log, (Log{"connected", "reset"}));
  EXPECT_EQ(seen.heard, "last words");
}

TEST(Driver, OctetsBeforeAFinAreHeardAndTheOtherWayStaysOpen) {
  std::string peer_heard;
  Bare peer([&](int connection) {
    write_all(connection, "last words");
    ::shutdown(connection, SHUT_WR);
    peer_heard = read_all(connection);
  });
  const auto seen = play(peer.address, [](Scripted& me, std::size_t link, const std::string& event) {
    if (event != "fin") return;
    me.say("an answer");
    me.wishes[link] = Wish::shut;
    // What was heard shows when the writer has asked for more; a second link is as good as any event after it.
    me.wishes.push_back(Wish::open);
    me.react = [](Scripted& then, std::size_t, const std::string&) { then.over = then.output[0].empty(); };
  });
  peer.wait();
  EXPECT_EQ(seen.heard, "last words");
  EXPECT_EQ(peer_heard, "an answer");
}

TEST(Driver, AnAbortIsAResetAfterTheOutput) {
  std::string peer_heard;
  bool reset = false;
  Bare peer([&](int connection) {
    write_all(connection, "go");
    peer_heard = read_all(connection, &reset);
  });
  const auto seen = play(
      peer.address,
      [](Scripted& me, std::size_t link, const std::string& event) {
        if (event != "received") return;
        me.say("and then");
        me.wishes[link] = Wish::abort;
      },
      {}, std::chrono::milliseconds(100));
  peer.wait();
  EXPECT_EQ(peer_heard, "and then");
  EXPECT_TRUE(reset);
  EXPECT_EQ(seen.log, (Log{"connected", "deadline"}));
}

TEST(Driver, APeerThatWritesWithoutReadingDoesNotBlockUs) {
  constexpr std::size_t much = 16u << 20;
  std::size_t peer_heard = 0;
  Bare peer([&](int connection) {
    write_all(connection, std::string(much, 'p'));  // all of it before it reads anything
    peer_heard = read_some(connection, much).size();
    write_all(connection, "thanks");
  });
  const auto seen = play(peer.address, [](Scripted& me, std::size_t, const std::string& event) {
    if (event == "connected") me.say(std::string(much, 'q'));
    me.over = me.heard.ends_with("thanks");
  });
  EXPECT_TRUE(seen.ended.finished);
  EXPECT_EQ(seen.heard.size(), much + 6);
  EXPECT_EQ(peer_heard, much);
}

TEST(Driver, ASilentPeerMeetsTheDeadline) {
  const Bare peer(nullptr);
  const auto seen = play(peer.address, nullptr, {}, std::chrono::milliseconds(50));
  EXPECT_EQ(seen.log, (Log{"connected", "deadline"}));
  EXPECT_GE(seen.ended.seconds, 0.05);
}

TEST(Driver, ARefusedPortIsNotConnected) {
  Address nobody;
  {
    nobody = Bare(nullptr).address;
  }
  const auto seen = play(nobody, nullptr);
  EXPECT_EQ(seen.log, Log{cat("not connected: cannot connect to ", to_text(nobody), ": Connection refused")});
  EXPECT_FALSE(can_connect(nobody, {}, std::chrono::seconds(20)));
}

TEST(Driver, AnUnknownHostIsNotConnected) {
  const auto seen = play({"no-such-host.invalid", 80}, nullptr);
  ASSERT_EQ(seen.log.size(), 1u);
  EXPECT_TRUE(seen.log[0].starts_with("not connected: the host \"no-such-host.invalid\" is not known: "))
      << seen.log[0];
}

TEST(Driver, ANameIsLookedUp) {
  const auto listener = echo_listener();
  EXPECT_TRUE(can_connect({"localhost", listener->address().port}, {}, std::chrono::seconds(20)));
}

TEST(Driver, TheEndOfAJobMayMakeTheNextOnePossible) {
  const auto listener = echo_listener();
  std::vector<std::size_t> order;
  std::size_t given = 0;
  Performers performers;
  performers.next = [&]() -> std::unique_ptr<Performer> {
    if (given != order.size() || given == 3) return nullptr;  // one after the other, whatever the places
    auto performer = std::make_unique<Scripted>([](Scripted& me, std::size_t, const std::string&) { me.over = true; });
    performer->number = given++;
    return performer;
  };
  performers.done = [&](const std::unique_ptr<Performer>& performer, Ended) {
    order.push_back(static_cast<Scripted&>(*performer).number);
  };
  const StopFlag never;
  drive_all({listener->address(), {}, std::chrono::seconds(20), 8}, performers, never);
  EXPECT_EQ(order, (std::vector<std::size_t>{0, 1, 2}));
}

TEST(Driver, TheStopFlagEndsAllAtOnce) {
  const Bare peer(nullptr);
  StopFlag stop;
  std::size_t given = 0, connected = 0, unfinished = 0;
  std::thread raiser;
  Performers performers;
  performers.next = [&]() -> std::unique_ptr<Performer> {
    ++given;
    return std::make_unique<Scripted>([&](Scripted&, std::size_t, const std::string&) {
      if (++connected == 3) raiser = std::thread([&] { stop.raise(); });  // as another thread or a signal would
    });
  };
  performers.done = [&](const std::unique_ptr<Performer>&, Ended ended) { unfinished += !ended.finished; };
  drive_all({peer.address, {}, std::chrono::hours(1), 3}, performers, stop);
  raiser.join();
  EXPECT_EQ(given, 3u);
  EXPECT_EQ(unfinished, 3u);
  drive_all({peer.address, {}, std::chrono::hours(1), 3}, performers, stop);  // raised before it began
  EXPECT_EQ(given, 3u);
}

TEST(Driver, WhatAPerformerThrowsIsThrownOn) {
  const auto listener = echo_listener();
  EXPECT_THROW(play(listener->address(),
                    [](Scripted&, std::size_t, const std::string&) { throw std::logic_error("a fault of ours"); }),
               std::logic_error);
}

}  // namespace
}  // namespace upspec
