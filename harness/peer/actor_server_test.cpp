// The actor as the server's end.
#include <gtest/gtest.h>

#include "base/splits.hpp"
#include "base/text.hpp"
#include "peer/actor.hpp"
#include "peer/client_words_testing.hpp"

namespace upspec {
namespace {

ActorOptions server_end(std::vector<h2::Setting> settings = {}) {
  ActorOptions options;
  options.link = "server";
  options.monitor.under_test = Side::client;
  options.settings = std::move(settings);
  options.side = Side::server;
  return options;
}

struct Desk {
  Actor actor;
  ClientWords client;
  h2::FrameReader reader;

  explicit Desk(std::vector<h2::Setting> settings = {{h2::setting::enable_upgrade, 1}})
      : actor(server_end(std::move(settings))) {
    actor.start(0);
  }
  void hears(std::string_view words) { actor.receive(client.say(words), 1); }
  std::string sends() {
    std::string all;
    while (const auto write = actor.take_output()) reader.feed(*write);
    while (const auto frame = reader.next()) all += cat(all.empty() ? "" : "\n", h2::describe(*frame));
    return all;
  }
};

TEST(ActorAsServer, BeginsWithSettingsAloneBeforeTheClientHasSaidAnything) {
  Desk desk;
  EXPECT_EQ(desk.sends(), "SETTINGS ENABLE_UPGRADE=1");
  EXPECT_FALSE(desk.actor.ready());
  desk.hears("hello");
  EXPECT_EQ(desk.sends(), "SETTINGS ACK");
  EXPECT_TRUE(desk.actor.ready());
}

TEST(ActorAsServer, ThePrefaceMayComeInPieces) {
  ClientWords client;
  const auto octets = client.say("hello get");
  for_each_split(octets, [&](const Pieces& pieces) {
    Actor actor(server_end());
    actor.start(0);
    for (const auto piece : pieces) actor.receive(piece, 1);
    EXPECT_TRUE(actor.ready());
    ASSERT_NE(actor.stream(1), nullptr);
    EXPECT_EQ(*h2::find(actor.stream(1)->request, ":method"), "GET");
  });
}

TEST(ActorAsServer, WhatIsNoPrefaceIsSaidAndNotRead) {
  for (const std::string_view text :
       {"GET / HTTP/1.1\r\nhost: a\r\n\r\n", "\x16\x03\x01", "PRI * HTTP/2.0\r\n\r\nSM\r\n\rx"}) {
    Desk desk;
    desk.actor.receive(as_octets(text), 1);
    EXPECT_TRUE(desk.actor.broken().starts_with("the peer does not speak HTTP/2: its first octets are not the client"))
        << desk.actor.broken();
    EXPECT_TRUE(desk.actor.over());
  }
}

TEST(ActorAsServer, AfterThePrefaceTheFirstFrameIsSettings) {
  Desk desk;
  auto octets = to_octets(h2::preface);
  append(octets, h2::serialise(h2::ping(Octets(8, 0))));
  desk.actor.receive(octets, 1);
  EXPECT_EQ(desk.actor.broken(),
            "the peer does not speak HTTP/2: its first octets are no SETTINGS frame (RFC 9113 3.4)");
}

TEST(ActorAsServer, AnswersOnTheClientsStreamsAndOpensEvenOnes) {
  Desk desk;
  EXPECT_FALSE(desk.actor.asked());
  desk.hears("hello offer");
  desk.sends();
  EXPECT_TRUE(desk.actor.asked());
  EXPECT_FALSE(desk.actor.opens(1));
  EXPECT_EQ(desk.actor.fresh_stream(), 2u);
  desk.actor.send_section(1, {{":status", "101"}, {":upgrade", "websocket"}}, false, {}, std::nullopt, std::nullopt, 2);
  desk.actor.flush();
  EXPECT_TRUE(desk.sends().starts_with("HEADERS stream=1"));
  EXPECT_EQ(desk.actor.open_streams(), 0u);
  EXPECT_EQ(*h2::find(desk.actor.stream(1)->request, ":upgrade"), "websocket");
}

TEST(ActorAsServer, TheMonitorJudgesTheClient) {
  Desk desk(std::vector<h2::Setting>{});  // no dialect is announced
  desk.hears("hello offer");
  ASSERT_EQ(desk.actor.monitor().breaches().size(), 1u);
  EXPECT_EQ(desk.actor.monitor().breaches().front().requirement, "NEG-02");
}

}  // namespace
}  // namespace upspec
