// A play that waits for connections: the client role.
#include <gtest/gtest.h>

#include "base/text.hpp"
#include "peer/client_words_testing.hpp"
#include "scenario/load_testing.hpp"
#include "scenario/play.hpp"

namespace upspec {
namespace {

// A play of role client with these steps, and what its client says on each connection.
struct Waiting {
  std::vector<Case> cases;
  Play play;
  std::map<std::size_t, ClientWords> clients;
  Moment now = 0;

  explicit Waiting(std::string_view steps, std::string_view about = "checks=\"TUN-01\" dialect=\"upgrade\"")
      : cases(load(cat("<case id=\"c\" ", about, ">", steps, "</case>"), "subject=\"s\" role=\"client\"").value()),
        play(cases.front(), {}, shipped_registry()) {}

  std::optional<std::size_t> comes() { return play.accepted(++now); }
  void says(std::size_t link, std::string_view words) { play.receive(link, clients[link].say(words), ++now); }
  void leaves(std::size_t link) { play.closed(link, Closing::fin, ++now); }
  // What the harness has written on that link, one line a frame.
  std::string hears(std::size_t link) {
    h2::FrameReader reader;
    while (const auto write = play.take_output(link)) reader.feed(*write);
    std::string all;
    while (const auto frame = reader.next()) all += cat(all.empty() ? "" : "\n", h2::describe(*frame));
    return all;
  }
  CaseResult result() {
    EXPECT_TRUE(play.done());
    return play.result();
  }
};

constexpr std::string_view expect_get = "<expect><headers>\n:method: GET\n</headers></expect>";

TEST(PlayAccept, WaitsForAConnectionAndAnnouncesTheCasesDialect) {
  Waiting one(expect_get);
  ASSERT_EQ(one.play.links(), 1u);
  EXPECT_EQ(one.play.wish(0), Play::Wish::accept);
  EXPECT_EQ(one.comes(), 0u);
  EXPECT_EQ(one.play.wish(0), Play::Wish::keep);
  EXPECT_EQ(one.hears(0), "SETTINGS ENABLE_UPGRADE=1");
  one.says(0, "hello get");
  EXPECT_EQ(one.result().verdict, Verdict::pass);
}

TEST(PlayAccept, WhatTheCaseSaysOfTheAnnouncementHolds) {
  const auto announced = [](std::string_view steps, std::string_view about) {
    Waiting one(steps, about);
    one.comes();
    return one.hears(0);
  };
  const auto zero = "<connect><settings>ENABLE_UPGRADE=0</settings></connect><alive/>";
  EXPECT_EQ(announced(zero, "checks=\"NEG-02\" dialect=\"upgrade\""), "SETTINGS ENABLE_UPGRADE=0");
  EXPECT_EQ(announced("<alive/>", "checks=\"NEG-02\" dialect=\"upgrade\" announced=\"no\""), "SETTINGS");
  EXPECT_EQ(announced("<alive/>", "checks=\"XC-02\" dialect=\"connect\""), "SETTINGS ENABLE_CONNECT_PROTOCOL=1");
}

TEST(PlayAccept, TheConnectionThatAsksIsMeant) {
  Waiting one(expect_get);
  EXPECT_EQ(one.comes(), 0u);
  one.says(0, "hello");  // a browser connects ahead
  EXPECT_EQ(one.comes(), 1u);
  one.says(1, "hello get");
  EXPECT_EQ(one.result().verdict, Verdict::pass);
}

TEST(PlayAccept, AConnectionThatLeavesUnaskedMayComeAgain) {
  Waiting one(expect_get);
  one.comes();
  one.leaves(0);  // somebody has looked whether the port is open
  EXPECT_FALSE(one.play.done());
  EXPECT_EQ(one.comes(), 1u);
  one.says(1, "hello get");
  EXPECT_EQ(one.result().verdict, Verdict::pass);
}

TEST(PlayAccept, NobodyComes) {
  Waiting one(expect_get);
  one.play.turned_away("the TLS handshake failed: unknown ca", 1);
  one.play.deadline(2);
  EXPECT_EQ(one.result().verdict, Verdict::fail);
  EXPECT_EQ(one.result().outcome, "no connection in time");
  EXPECT_NE(one.result().message.find("unknown ca"), std::string::npos);
}

TEST(PlayAccept, AnotherProtocolIsSaid) {
  Waiting one(expect_get);
  one.comes();
  one.play.receive(0, as_octets("GET / HTTP/1.1\r\n\r\n"), 1);
  EXPECT_EQ(one.result().verdict, Verdict::fail);
  EXPECT_NE(one.result().message.find("does not speak HTTP/2"), std::string::npos);
}

TEST(PlayAccept, AFloodOfConnectionsEnds) {
  Waiting one(expect_get);
  std::size_t taken = 0;
  while (taken < 1000 && one.comes()) ++taken;
  EXPECT_EQ(taken, 64u);
}

TEST(PlayAccept, AliveIsTheAnswerToAPing) {
  Waiting one("<alive/>");
  one.comes();
  one.says(0, "hello");
  const auto output = one.hears(0);
  EXPECT_FALSE(one.play.done());
  EXPECT_NE(output.find("PING"), std::string::npos) << output;
  one.leaves(0);
  EXPECT_EQ(one.result().verdict, Verdict::fail);
}

TEST(PlayAccept, TheMonitorJudgesTheClient) {
  Waiting one(expect_get, "checks=\"NEG-02\" dialect=\"upgrade\" announced=\"no\"");
  one.comes();
  one.says(0, "hello offer");
  EXPECT_EQ(one.result().verdict, Verdict::fail);
  EXPECT_EQ(one.result().requirement, "NEG-02");
}

}  // namespace
}  // namespace upspec
