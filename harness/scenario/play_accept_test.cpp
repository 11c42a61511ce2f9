// A play that waits for connections: the client role.
#include <gtest/gtest.h>

#include "base/text.hpp"
#include "peer/client_words_testing.hpp"
#include "scenario/load_testing.hpp"
#include "scenario/play.hpp"
#include "ws/frame.hpp"

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

constexpr std::string_view expect_request = "<expect><request/></expect>";

TEST(PlayAccept, WaitsForAConnectionAndAnnouncesTheCasesDialect) {
  Waiting one(expect_request);
  ASSERT_EQ(one.play.links(), 1u);
  EXPECT_EQ(one.play.wish(0), Play::Wish::accept);
  EXPECT_EQ(one.comes(), 0u);
  EXPECT_EQ(one.play.wish(0), Play::Wish::keep);
  EXPECT_EQ(one.hears(0), "SETTINGS ENABLE_UPGRADE=1");
  one.says(0, "hello offer");
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
  Waiting one(expect_request);
  EXPECT_EQ(one.comes(), 0u);
  one.says(0, "hello");  // a browser connects ahead
  EXPECT_EQ(one.comes(), 1u);
  one.says(1, "hello offer");
  EXPECT_EQ(one.result().verdict, Verdict::pass);
}

TEST(PlayAccept, AConnectionThatLeavesUnaskedMayComeAgain) {
  Waiting one(expect_request);
  one.comes();
  one.leaves(0);  // somebody has looked whether the port is open
  EXPECT_FALSE(one.play.done());
  EXPECT_EQ(one.comes(), 1u);
  one.says(1, "hello offer");
  EXPECT_EQ(one.result().verdict, Verdict::pass);
}

TEST(PlayAccept, NobodyComes) {
  Waiting one(expect_request);
  one.play.turned_away("the TLS handshake failed: unknown ca", 1);
  one.play.deadline(2);
  EXPECT_EQ(one.result().verdict, Verdict::fail);
  EXPECT_EQ(one.result().outcome, "no connection in time");
  EXPECT_NE(one.result().message.find("unknown ca"), std::string::npos);
}

TEST(PlayAccept, AnotherProtocolIsSaid) {
  Waiting one(expect_request);
  one.comes();
  one.play.receive(0, as_octets("GET / HTTP/1.1\r\n\r\n"), 1);
  EXPECT_EQ(one.result().verdict, Verdict::fail);
  EXPECT_NE(one.result().message.find("does not speak HTTP/2"), std::string::npos);
}

TEST(PlayAccept, AFloodOfConnectionsEnds) {
  Waiting one(expect_request);
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
  Waiting one(expect_request, "checks=\"NEG-02\" dialect=\"upgrade\" announced=\"no\"");
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

TEST(PlayClient, OneThatIsToFailSeesOurEnd) {
  Told one("<expect><request/></expect><send><rst code=\"CANCEL\"/></send><client reports=\"failure\"/>");
  one.comes();
  EXPECT_EQ(one.play.wish(0), Play::Wish::keep);
  one.says(0, "hello offer");
  EXPECT_TRUE(one.play.awaits_report());
  EXPECT_EQ(one.play.wish(0), Play::Wish::shut);
}

TEST(PlayClient, OctetsAfterARefusableAnswerFail) {
  Told one(refused_101);
  one.comes();
  one.says(0, "hello offer data:hello");
  EXPECT_EQ(one.result().verdict, Verdict::fail);
  EXPECT_NE(one.result().message.find("DATA with octets"), std::string::npos) << one.result().message;
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

// ---- Words of a server's end --------------------------------------------------------------------------------------

// What the harness says behind the accept of a channel, and the play.
struct Open : Waiting {
  explicit Open(std::string_view steps)
      : Waiting(cat("<expect><request/></expect><send><headers like=\"accept\"/></send>", steps)) {
    comes();
    says(0, "hello offer");
    first = hears(0);
  }
  std::string first;
};

TEST(PlayClient, AnOrdinaryRequestIsAnsweredAndCountsForNothing) {
  Waiting one("<expect><request/></expect><send><rst code=\"CANCEL\"/></send><alive/>");
  one.comes();
  one.says(0, "hello get");
  EXPECT_NE(one.hears(0).find("HEADERS stream=1 END_STREAM"), std::string::npos);
  one.says(0, "3:offer");
  EXPECT_NE(one.hears(0).find("RST_STREAM stream=3 CANCEL"), std::string::npos);
}

TEST(PlayClient, ARequestHasItsContentAndItsContinue) {
  Waiting one("<expect><request/></expect>");
  one.comes();
  const Ask ask{"websocket", "http", "a", "/", {}, {{"content-length", "5"}, {"expect", "100-continue"}}};
  one.says(0, "hello");
  one.hears(0);
  one.play.receive(0, one.clients[0].section(request_for(Dialect::upgrade, ask)), 3);
  EXPECT_NE(one.hears(0).find("HEADERS stream=1"), std::string::npos);  // 100
  one.says(0, "data:hel");
  EXPECT_FALSE(one.play.done());
  one.says(0, "data:lo");
  EXPECT_EQ(one.result().verdict, Verdict::pass);
}

TEST(PlayClient, OctetsGoInFramesOfASizeAndPadded) {
  Open one("<send><octets frame=\"2\" padding=\"3\">abc</octets><data beyond=\"frame-size\">x</data></send><alive/>");
  EXPECT_NE(one.first.find("2 octets \"ab\" (6 with padding)"), std::string::npos) << one.first;
  EXPECT_NE(one.first.find("1 octets \"c\" (5 with padding)"), std::string::npos) << one.first;
  EXPECT_NE(one.first.find("16385 octets"), std::string::npos) << one.first;
}

TEST(PlayClient, AMessageIsOfTheKindThatTheClientLikes) {
  Open one("<expect><ws op=\"message\">hi</ws></expect><send><ws op=\"message\">hi</ws></send><alive/>");
  ws::Frame frame;
  frame.opcode = 2;
  frame.mask.emplace();
  frame.payload = to_octets(std::string_view("hi"));
  one.play.receive(0, h2::serialise(h2::data(1, ws::serialise(frame))), 5);
  EXPECT_NE(one.hears(0).find("4 octets \"\\x82\\x02hi\""), std::string::npos);
}

TEST(PlayClient, AFrameInTheChannelAndTheEndPastOctets) {
  Open one("<expect><inner type=\"SETTINGS\"/></expect><expect><end past=\"octets\"/></expect>");
  one.play.receive(0, h2::serialise(h2::data(1, h2::serialise(h2::settings({{4, 1}})))), 5);
  one.says(0, "data:more end");
  EXPECT_EQ(one.result().verdict, Verdict::pass);
  Open other("<expect><inner type=\"SETTINGS\"/></expect>");
  other.play.receive(0, h2::serialise(h2::data(1, h2::serialise(h2::ping(as_octets("12345678"))))), 5);
  EXPECT_EQ(other.result().verdict, Verdict::fail);
}

// A client may leave a window unused that is too small for what it has to say.
TEST(PlayClient, AnAmountIsWaitedForAndNoLonger) {
  Open one("<expect><octets least=\"3\"/></expect><expect><octets>hello</octets></expect>");
  one.says(0, "data:he");
  EXPECT_FALSE(one.play.done());
  one.play.deadline(6);
  EXPECT_FALSE(one.play.done());
  one.says(0, "data:llo");
  EXPECT_EQ(one.result().verdict, Verdict::pass);
}

TEST(PlayClient, WindowsAreKept) {
  const auto given_back = [](std::string_view connect) {
    Waiting one(cat(connect, "<expect><request/></expect><alive/>"));
    one.comes();
    one.says(0, "hello offer");
    one.play.receive(0, h2::serialise(h2::data(1, Octets(16384, 'x'))), 5);
    return one.hears(0).find("WINDOW_UPDATE") != std::string::npos;
  };
  EXPECT_TRUE(given_back(""));
  EXPECT_FALSE(given_back("<connect windows=\"kept\"/>"));
}

}  // namespace
}  // namespace upspec
