#include "scenario/play.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "scenario/play_testing.hpp"

namespace upspec {
namespace {

constexpr std::string_view offer = "<send><headers like=\"offer\"/></send>";
constexpr std::string_view raw = "<send><headers like=\"raw-offer\"/></send>";
constexpr std::string_view accept = "<outcome>accept</outcome>";
constexpr std::string_view malformed = "<outcome>malformed</outcome>";

Script answering(std::string_view words) {
  Script server;
  server.answers[1] = std::string(words);
  return server;
}

TEST(Play, ACaseWhoseStepsAllHoldPasses) {
  const auto played = play_steps(cat(offer, accept, "<quiet/><alive/>"), answering("101"));
  EXPECT_EQ(played.result.verdict, Verdict::pass) << played.result.message;
  EXPECT_EQ(played.result.outcome, "accept: the accept, :status 101");
  EXPECT_EQ(played.result.message, "");
  EXPECT_EQ(played.result.id, "s/c");
  EXPECT_EQ(played.result.requirements.at(0).id, "TUN-01");
  EXPECT_EQ(played.ids(), "");
  EXPECT_FALSE(played.waited);
  EXPECT_GT(played.result.transcript.size(), 6u);
}

TEST(Play, AnEchoGoesThereAndBack) {
  auto server = answering("accept");
  server.echoes = true;
  const auto played =
      play_steps(cat(raw, accept,
                     "<send><octets>hello</octets><end/></send><expect><octets>hello</octets><end/></expect><alive/>"),
                 server);
  EXPECT_EQ(played.result.verdict, Verdict::pass) << played.result.message;
}

TEST(Play, AnExpectationThatIsMissedSaysWhatWasExpectedAndSeen) {
  const auto played =
      play_steps(cat(offer, "<expect><headers>:status: 101</headers></expect>"), answering("404."), "RES-01 TUN-01");
  const auto& result = played.result;
  EXPECT_EQ(result.verdict, Verdict::fail);
  EXPECT_EQ(result.requirement, "RES-01") << "the first that the case checks";
  EXPECT_EQ(result.expected, "HEADERS on stream 1, :status \"101\"");
  EXPECT_EQ(result.seen, "HEADERS :status \"404\" END_STREAM (HEADERS :status \"404\" END_STREAM: :status is \"404\")");
  EXPECT_EQ(result.message, cat("expected ", result.expected, "; came: ", result.seen));
}

TEST(Play, AlternativesAreTriedInTheirOrder) {
  const auto either =
      cat(offer, "<any-of>", accept, "<outcome met=\"with-note\" about=\"it is shy\">decline</outcome></any-of>");
  EXPECT_EQ(play_steps(either, answering("101")).result.verdict, Verdict::pass);
  const auto declined = play_steps(either, answering("404.")).result;
  EXPECT_EQ(declined.verdict, Verdict::note);
  EXPECT_EQ(declined.message, "it is shy (a 404 response)");
  EXPECT_EQ(declined.outcome, "decline: a 404 response");
  const auto reset = play_steps(either, answering("rst:CANCEL")).result;
  EXPECT_EQ(reset.verdict, Verdict::fail);
  EXPECT_NE(reset.expected.find(", or a complete final response"), std::string::npos) << reset.expected;
}

TEST(Play, AnOutcomeMayHaveANoteOfItsOwnOrLeaveNothingToTest) {
  const auto noted = play_steps(cat(offer, malformed), answering("500."), "REQ-01").result;
  EXPECT_EQ(noted.verdict, Verdict::note);
  EXPECT_EQ(noted.message, "a 500 response");
  const auto skipped =
      play_steps(cat(offer, "<any-of>", accept,
                     "<outcome met=\"not-testable\" about=\"no room\">decline</outcome></any-of><alive/>"),
                 answering("503."))
          .result;
  EXPECT_EQ(skipped.verdict, Verdict::skip);
  EXPECT_EQ(skipped.message, "not testable: no room (a 503 response)");
}

TEST(Play, ADeadlineNamesTheAwaitedEvent) {
  struct Row {
    const char* what;
    std::string steps;
    const char* words;
    const char* expected;
    const char* seen;
  };
  for (const auto& row : {
           Row{"an outcome", cat(offer, accept), "", "the accept: :status 101", "nothing, and no more in time"},
           Row{"an interim answer and silence", cat(offer, malformed), "100", "refused as malformed",
               "HEADERS :status \"100\", and no more"},
           Row{"an answer without an end", cat(offer, malformed), "400", "refused as malformed",
               "HEADERS :status \"400\", and no more in time"},
           Row{"octets", cat(raw, accept, "<expect><octets>ab</octets></expect>"), "accept data:a", "the octets \"ab\"",
               "DATA \"a\", and no more"},
           Row{"a window", cat(raw, accept, "<send><octets>${repeat(70000,x)}</octets></send>"), "accept",
               "WINDOW_UPDATE, to send DATA on stream 1", "no more in time"},
           Row{"a connection error", cat(offer, "<outcome>connection-error(CANCEL)</outcome>"), "rst:CANCEL",
               "a connection error", "RST_STREAM(CANCEL)"},
       }) {
    const auto played = play_steps(row.steps, answering(row.words));
    EXPECT_TRUE(played.waited) << row.what;
    EXPECT_EQ(played.result.verdict, Verdict::fail) << row.what;
    EXPECT_NE(played.result.expected.find(row.expected), std::string::npos)
        << row.what << ": " << played.result.expected;
    EXPECT_NE(played.result.seen.find(row.seen), std::string::npos) << row.what << ": " << played.result.seen;
  }
}

TEST(Play, ADeadlineNamesAlsoWhatEveryConnectionHas) {
  Script silent;
  silent.greets = false;
  EXPECT_NE(play_steps("<alive/>", silent).result.expected.find("SETTINGS"), std::string::npos);
  Script deaf;
  deaf.answers_pings = false;
  EXPECT_EQ(play_steps("<quiet/>", deaf).result.expected, "an answer to PING");
  EXPECT_EQ(play_steps("<alive/>", deaf).result.expected,
            "the connection alive: PING answered, and GET / on stream 1 answered");
  Script mute;
  mute.answers[1] = "200";
  EXPECT_EQ(play_steps("<alive/>", mute).result.expected,
            "the connection alive: PING answered, and GET / on stream 1 answered");
}

TEST(Play, AConnectionThatEndsBeforeItBeganFails) {
  const auto cases = load_steps("<alive/>").value();
  Play play(cases.at(0), {}, shipped_registry());
  play.connected(0, 1);
  play.closed(0, Closing::fin, 2);
  ASSERT_TRUE(play.done());
  EXPECT_EQ(play.result().verdict, Verdict::fail);
  EXPECT_NE(play.result().seen.find("the connection was closed"), std::string::npos);
}

TEST(Play, QuietAndAliveAndNeverMindWhatTheySay) {
  EXPECT_EQ(play_steps(cat(raw, accept, "<quiet/>"), answering("accept data:x")).result.verdict, Verdict::fail);
  EXPECT_EQ(play_steps(cat(raw, accept, "<quiet/>"), answering("accept window:5 0:window:5")).result.verdict,
            Verdict::pass);
  EXPECT_EQ(play_steps(cat(raw, accept, "<quiet stream=\"3\"/>"), answering("accept data:x")).result.verdict,
            Verdict::pass);
  EXPECT_EQ(
      play_steps(cat(raw, accept, "<never>secret</never>"), answering("accept data:a data:secret")).result.verdict,
      Verdict::fail);
  EXPECT_EQ(play_steps(cat(raw, accept, "<never>secret</never>"), answering("accept data:public")).result.verdict,
            Verdict::pass);
  for (const auto* words : {"rst:REFUSED_STREAM", "200 rst:CANCEL", "fin"}) {
    EXPECT_EQ(play_steps("<alive/>", answering(words)).result.verdict, Verdict::fail) << words;
  }
  EXPECT_EQ(play_steps("<alive/>", answering("103 404 data:x end")).result.verdict, Verdict::pass);
}

TEST(Play, ABreachOfAnIdThatTheCaseChecksFailsIt) {
  const auto wrong = cat(offer, "<expect><headers>:status: 200</headers></expect>");
  const auto server = answering("200 rst:NO_ERROR");  // RES-12
  const auto cited = play_steps(wrong, server, "RES-12");
  EXPECT_EQ(cited.result.verdict, Verdict::fail);
  EXPECT_EQ(cited.result.requirement, "RES-12");
  EXPECT_EQ(cited.result.message, "stream 1: RST_STREAM(NO_ERROR) before the response is complete");
  EXPECT_EQ(cited.result.expected, shipped_registry().find("RES-12")->text.sentence);
  EXPECT_EQ(cited.ids(), "");
  const auto uncited = play_steps(wrong, server);
  EXPECT_EQ(uncited.result.verdict, Verdict::pass);
  EXPECT_EQ(uncited.ids(), "RES-12");
}

TEST(Play, AShouldThatIsNotFollowedIsANote) {
  const auto required = cat(offer, "<expect><headers>:status: 426</headers></expect>");
  const auto breach = play_steps(required, answering("426."), "RES-09 TUN-01").result;
  EXPECT_EQ(breach.verdict, Verdict::note);
  EXPECT_EQ(breach.message, "stream 1: 426 without :upgrade");
  const auto missed = play_steps(required, answering("404."), "RES-09").result;
  EXPECT_EQ(missed.verdict, Verdict::note);
  EXPECT_NE(missed.message.find("expected HEADERS"), std::string::npos);
}

TEST(Play, AConnectionThatEndedByRightMakesTheRestMoot) {
  const auto rest = cat(offer, malformed, "<quiet/><alive/>");
  const auto goaway = play_steps(rest, answering("goaway:PROTOCOL_ERROR fin"), "REQ-01").result;
  EXPECT_EQ(goaway.verdict, Verdict::note);
  EXPECT_EQ(goaway.message, "GOAWAY(PROTOCOL_ERROR)");
  EXPECT_EQ(play_steps(rest, answering("reset"), "REQ-01").result.verdict, Verdict::note);
  const auto both = play_steps(rest, answering("rst:PROTOCOL_ERROR goaway:PROTOCOL_ERROR"), "REQ-01").result;
  EXPECT_EQ(both.verdict, Verdict::note);
  EXPECT_EQ(both.message, "the connection was ended too (GOAWAY(PROTOCOL_ERROR))");
  const auto wrong = play_steps(rest, answering("rst:PROTOCOL_ERROR goaway:INTERNAL_ERROR fin"), "REQ-01").result;
  EXPECT_EQ(wrong.verdict, Verdict::fail) << "not by right";
  EXPECT_EQ(play_steps(cat(offer, accept, "<alive/>"), answering("101 fin")).result.verdict, Verdict::fail)
      << "not by right";
}

TEST(Play, AConnectionErrorIsWaitedForAndTheConnectionIsShutMeanwhile) {
  const auto steps = cat(offer, "<outcome>connection-error(PROTOCOL_ERROR)</outcome><alive/>");
  EXPECT_EQ(play_steps(steps, answering("goaway:PROTOCOL_ERROR fin")).result.verdict, Verdict::pass);
  EXPECT_EQ(play_steps(steps, answering("fin")).result.verdict, Verdict::note);
  const auto polite = play_steps(steps, answering("goaway:PROTOCOL_ERROR"));  // it waits for our end
  EXPECT_EQ(polite.result.verdict, Verdict::pass) << polite.result.message;
  EXPECT_EQ(polite.wishes.at(0), Play::Wish::shut);
}

TEST(Play, WhatStandsOnUpgradesWaitsForTheAnnouncement) {
  auto what = load_steps(cat(offer, accept), "NEG-01").value().at(0);
  what.awaits = Case::Awaits::its_dialect;
  auto server = answering("101");
  server.announces.clear();
  const auto never = play(what, server).result;
  EXPECT_EQ(never.verdict, Verdict::fail);
  EXPECT_EQ(never.outcome, "not announced");
  EXPECT_EQ(never.expected, "SETTINGS with ENABLE_UPGRADE=1 (RFC 9113 5.5)");

  server.announces_later = {{h2::setting::enable_upgrade, 1}};
  const auto later = play(what, server);
  EXPECT_EQ(later.result.verdict, Verdict::pass) << later.result.message;
  EXPECT_EQ(later.servers.at(0).requests.size(), 1u);

  server.announces_later = {{h2::setting::enable_connect_protocol, 1}};
  EXPECT_EQ(play(what, server).result.outcome, "not announced");
  auto probe = load_steps("<quiet/>", "NEG-01").value().at(0);
  probe.awaits = Case::Awaits::any_dialect;
  EXPECT_EQ(play(probe, server).result.verdict, Verdict::pass);
}

TEST(Play, OneStreamAtATimeIsEnoughForOneAfterTheOther) {
  Script server;
  server.announces.push_back({h2::setting::max_concurrent_streams, 1});
  const auto get = "<send><headers like=\"get\" end=\"yes\"/></send>";
  EXPECT_EQ(play_steps(cat(get, "<alive/>"), server).result.verdict, Verdict::pass);
  server.answers[1] = "200";  // and no end
  EXPECT_EQ(play_steps(cat(get, "<alive/>"), server).result.verdict, Verdict::skip);
}

TEST(Play, TooFewStreamsAreASkip) {
  auto server = answering("101");
  server.announces.push_back({h2::setting::max_concurrent_streams, 1});
  const auto alive = play_steps(cat(offer, accept, "<alive/>"), server).result;
  EXPECT_EQ(alive.verdict, Verdict::skip);
  EXPECT_EQ(alive.message, "needs 2 streams at a time; the implementation allows 1");
  const auto second =
      play_steps(cat(offer, accept, "<send><headers like=\"offer\" stream=\"3\"/></send>"), server).result;
  EXPECT_EQ(second.verdict, Verdict::skip);
  server.answers[1] = "404.";
  EXPECT_EQ(play_steps(cat(offer, "<outcome>decline</outcome><alive/>"), server).result.verdict, Verdict::pass);
}

TEST(Play, ASplitSendIsWrittenOctetByOctet) {
  const auto played =
      play_steps(cat("<send split=\"1\"><headers like=\"offer\" cut=\"10 1\"/></send>", accept), answering("101"));
  EXPECT_EQ(played.result.verdict, Verdict::pass) << played.result.message;
  const auto& writes = played.servers.at(0).writes;
  const auto single = std::ranges::count_if(writes, [](const Octets& write) { return write.size() == 1; });
  EXPECT_GT(single, 9 * 3 + 11);
}

TEST(Play, AStepMayOpenAnotherConnection) {
  const auto played = play_steps(
      cat(offer, accept, "<connect at=\"b\"><settings>INITIAL_WINDOW_SIZE=7</settings></connect>",
          "<send at=\"b\"><headers like=\"offer\"/></send><outcome at=\"b\">accept</outcome><alive at=\"b\"/><alive/>"),
      answering("101"));
  EXPECT_EQ(played.result.verdict, Verdict::pass) << played.result.message;
  ASSERT_EQ(played.servers.size(), 2u);
  EXPECT_EQ(played.servers[0].requests.size(), 2u);
  EXPECT_EQ(played.servers[1].requests.size(), 2u);
  EXPECT_TRUE(std::ranges::any_of(played.result.transcript, [](const TranscriptLine& line) {
    return line.link == "b" && line.text.find("INITIAL_WINDOW_SIZE=7") != std::string::npos;
  }));
  const auto nobody = play_steps("<alive at=\"b\"/>").result;
  EXPECT_EQ(nobody.verdict, Verdict::error);
  EXPECT_EQ(nobody.message, "line 3: no connection is called \"b\"");
}

TEST(Play, ACutEndsAConnection) {
  for (const auto& [how, wish] : {std::pair{"fin", Play::Wish::shut}, std::pair{"reset", Play::Wish::abort}}) {
    const auto played = play_steps(cat("<alive/><cut how=\"", how, "\"/><connect at=\"b\"/><alive at=\"b\"/>"));
    EXPECT_EQ(played.wishes.at(0), wish) << how;
    EXPECT_EQ(played.result.verdict, Verdict::pass) << played.result.message;
  }
}

TEST(Play, TheFirstConnectionsSettingsAreTheCases) {
  Situation situation;
  situation.upgrade_setting = 0xf1ff;
  const auto played =
      play_steps("<connect><settings>ENABLE_UPGRADE=1</settings></connect><alive/>", {}, "TUN-01", situation);
  EXPECT_NE(played.result.transcript.at(1).text.find("0xf1ff=1"), std::string::npos)
      << played.result.transcript.at(1).text;
}

TEST(Play, NamesHaveTheValuesOfTheSituation) {
  Situation situation;
  situation.scheme = "https";
  situation.authority = "h:1";
  situation.paths = {{"websocket", "/echo"}};
  situation.fields = {{"x-run", "1"}};
  const auto played = play_steps(
      "<let name=\"n\">${authority}!</let><send><headers like=\"offer\">x-n: ${n}</headers></send>"
      "<expect><headers>sec-websocket-accept: ${got:=*}</headers></expect>"
      "<send><headers like=\"get\" stream=\"3\" end=\"yes\">x-got: ${got}</headers></send>",
      answering("101"), "TUN-01", situation);
  ASSERT_EQ(played.result.verdict, Verdict::pass) << played.result.message;
  const auto& first = played.servers[0].requests.at(0);
  EXPECT_EQ(*h2::find(first, ":scheme"), "https");
  EXPECT_EQ(*h2::find(first, ":path"), "/echo");
  EXPECT_EQ(*h2::find(first, "x-n"), "h:1!");
  EXPECT_EQ(*h2::find(first, "x-run"), "1");
  EXPECT_EQ(*h2::find(played.servers[0].requests.at(1), "x-got"),
            ws::accept_for(*h2::find(first, "sec-websocket-key")));
}

TEST(Play, OneSeedIsOneRun) {
  const auto key = [](std::uint64_t seed) {
    Situation situation;
    situation.seed = seed;
    const auto played = play_steps(cat(offer, accept), answering("101"), "TUN-01", situation);
    return *h2::find(played.servers[0].requests.at(0), "sec-websocket-key");
  };
  EXPECT_EQ(key(1), key(1));
  EXPECT_NE(key(1), key(2));
}

TEST(Play, WhatTheHarnessCannotDoIsAnError) {
  const auto cases = load_steps("<alive/>").value();
  Play play(cases.at(0), {}, shipped_registry());
  EXPECT_EQ(play.wish(0), Play::Wish::open);
  play.not_connected(0, "connection refused", 1);
  ASSERT_TRUE(play.done());
  EXPECT_EQ(play.result().verdict, Verdict::error);
  EXPECT_NE(play.result().message.find("connection refused"), std::string::npos);
}

TEST(Play, WhatTheServerAnnouncesIsSeen) {
  const auto cases = load_steps("<alive/>").value();
  Play play(cases.at(0), {}, shipped_registry());
  play.connected(0, 1);
  EXPECT_FALSE(play.seen().settings);
  const auto before = play.progress();
  ServerWords words;
  words.announcements = {{h2::setting::enable_upgrade, 1}, {h2::setting::enable_connect_protocol, 2}};
  play.receive(0, words.say("hello"), 2);
  EXPECT_TRUE(play.seen().settings);
  EXPECT_TRUE(play.seen().upgrade);
  EXPECT_FALSE(play.seen().connect) << "2 is not 1";
  EXPECT_EQ(play.progress(), before) << "no step is done yet";
}

TEST(Play, OctetsThatComeSlowlyAreProgressAndOthersAreNot) {
  const auto cases =
      load_steps(
          "<send><headers like=\"get\" end=\"yes\"/></send><expect><headers>:status: 200</headers></expect>"
          "<expect><octets>hello</octets></expect>")
          .value();
  Play play(cases.at(0), {}, shipped_registry());
  play.connected(0, 1);
  ServerWords words;
  play.receive(0, words.say("hello"), 2);
  play.receive(0, words.say("200", 1), 3);
  auto before = play.progress();
  for (const auto* piece : {"he", "l", "l"}) {
    play.receive(0, h2::serialise(h2::data(1, as_octets(piece))), 4);
    EXPECT_EQ(play.progress(), ++before) << piece;
  }
  play.receive(0, h2::serialise(h2::ping(as_octets("12345678"))), 5);
  EXPECT_EQ(play.progress(), before);
  EXPECT_FALSE(play.done());
}

}  // namespace
}  // namespace upspec
