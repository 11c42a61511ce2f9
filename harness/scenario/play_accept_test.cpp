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

  explicit Waiting(std::string_view steps, std::string_view about = "checks=\"TUN-01\" dialect=\"upgrade\"",
                   bool reports = false)
      : cases(load(cat("<case id=\"c\" ", about, ">", steps, "</case>"), "subject=\"s\" role=\"client\"").value()),
        play(cases.front(), situation(reports), shipped_registry()) {}

  static Situation situation(bool reports) {
    Situation made;
    made.client_reports = reports;
    return made;
  }
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
  one.says(0, "hello offer");
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

// ---- A client's exchange ------------------------------------------------------------------------------------------

constexpr std::string_view refused_101 =
    "<expect><request/></expect><send><headers like=\"accept\">\n-:upgrade\n</headers></send>"
    "<outcome>malformed</outcome><alive/><client reports=\"failure\"/>";

struct Told : Waiting {
  explicit Told(std::string_view steps) : Waiting(steps, "checks=\"RES-05\" dialect=\"upgrade\"", true) {}
};

TEST(PlayClient, AnsweredAndRefusedAndGoneByRight) {
  Told one(refused_101);
  one.comes();
  one.says(0, "hello offer");
  EXPECT_NE(one.hears(0).find("HEADERS"), std::string::npos);
  one.says(0, "rst:PROTOCOL_ERROR goaway:NO_ERROR");
  one.leaves(0);  // before it has answered the PING
  EXPECT_FALSE(one.play.done());
  EXPECT_TRUE(one.play.awaits_report());
  one.play.client_ended({ClientReport::How::failure, "exited with status 1"}, 9);
  EXPECT_EQ(one.result().verdict, Verdict::pass) << one.result().message;
}

TEST(PlayClient, AProgramThatContradictsTheWireFails) {
  Told one(refused_101);
  one.comes();
  one.says(0, "hello offer rst:PROTOCOL_ERROR");
  one.leaves(0);
  one.play.client_ended({ClientReport::How::success, "exited with status 0"}, 9);
  EXPECT_EQ(one.result().verdict, Verdict::fail);
  EXPECT_EQ(one.result().outcome, "reports success");
}

TEST(PlayClient, AProgramThatDoesNotEndIsANote) {
  Told one(refused_101);
  one.comes();
  one.says(0, "hello offer rst:PROTOCOL_ERROR");
  one.leaves(0);
  one.play.deadline(9);
  EXPECT_EQ(one.result().verdict, Verdict::note);
}

TEST(PlayClient, OctetsAfterARefusableAnswerFail) {
  Told one(refused_101);
  one.comes();
  one.says(0, "hello offer data:hello");
  EXPECT_EQ(one.result().verdict, Verdict::fail);
  EXPECT_NE(one.result().message.find("DATA \"hello\""), std::string::npos) << one.result().message;
}

TEST(PlayClient, AProgramThatEndsWithoutAConnectionIsNotWaitedForLonger) {
  Told one(refused_101);
  one.comes();
  one.leaves(0);
  EXPECT_FALSE(one.play.done());
  one.play.client_ended({ClientReport::How::success, "exited with status 0"}, 9);
  EXPECT_EQ(one.result().verdict, Verdict::fail);
  EXPECT_NE(one.result().message.find("exited with status 0"), std::string::npos);
}

TEST(PlayClient, StreamsAreNumberedAsTheyCome) {
  Waiting one(
      "<expect><request/></expect><send><headers like=\"accept\"/></send>"
      "<expect><octets>x</octets><end/></expect>");
  one.comes();
  one.play.receive(0, one.clients[0].say("hello"), 1);
  one.play.receive(0, one.clients[0].say("offer", 15), 1);
  EXPECT_NE(one.hears(0).find("HEADERS stream=15"), std::string::npos);
  one.play.receive(0, one.clients[0].say("data:x end", 15), 1);
  EXPECT_EQ(one.result().verdict, Verdict::pass) << one.result().message;
}

TEST(PlayClient, QuietTakesAClientThatGoesWithoutAWord) {
  Waiting one("<quiet/>", "checks=\"NEG-02\" dialect=\"upgrade\" announced=\"no\"");
  one.comes();
  one.says(0, "hello");
  one.leaves(0);
  EXPECT_EQ(one.result().verdict, Verdict::pass);
}

}  // namespace
}  // namespace upspec
