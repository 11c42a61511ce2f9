// A play on both sides of the reference proxy: the case language of role proxy, from XML to a verdict.
#include "run/proxy_memory.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>

#include "base/text.hpp"
#include "scenario/suite.hpp"
#include "scenario/xml.hpp"

namespace upspec {
namespace {

const Suite& suite() {
  static const auto loaded = load_suite(UPSPEC_SOURCE_DIR "/cases");
  if (!loaded) throw std::runtime_error(loaded.error().text);
  return *loaded;
}

Situation situation() {
  Situation one;
  one.authority = "proxy.test";
  one.paths = {{"websocket", "/echo"}, {"raw", "/raw"}, {"h2c", "/"}};
  return one;
}

CaseResult play_one(const Case& one) { return play_proxy_in_memory(one, {}, situation(), suite().registry).result; }

// "pass", or the verdict with its message.
std::string told(const CaseResult& result) {
  return result.verdict == Verdict::pass ? "pass" : cat(result.id, ": ", result.message);
}

// One case with these steps in one way and dialect.
CaseResult play_steps(std::string_view steps, std::string_view way = "21", std::string_view dialect = "upgrade",
                      std::string_view checks = "PXY-08 SEC-06") {
  const auto text = cat(R"(<cases subject="s" role="proxy"><case id="c" way=")", way, R"(" dialect=")", dialect,
                        R"(" checks=")", checks, R"(" stands-on="">)", steps, "</case></cases>");
  static const auto messages = read_file(UPSPEC_SOURCE_DIR "/cases/messages.xml");
  const auto cases = load_cases(text, "test.xml", messages, suite().registry);
  if (!cases) throw std::invalid_argument(cases.error().text);
  return play_one(cases->front());
}

TEST(ProxyPlay, EveryShippedCasePassesAgainstTheReference) {
  std::size_t played = 0;
  for (const auto& one : suite().cases) {
    const bool for_another = std::ranges::find(one.needs, "no-upgrades") != one.needs.end();  // the self-test has it
    if (one.role != "proxy" || one.unannounced || for_another) continue;
    ++played;
    EXPECT_EQ(told(play_one(one)), "pass") << one.id;
  }
  EXPECT_GE(played, 18u);
}

TEST(ProxyPlay, AChannelInEveryWayAndDialect) {
  for (const auto* way : {"21", "12", "22"})
    for (const auto* dialect : {"upgrade", "connect"})
      EXPECT_EQ(told(play_steps(R"(<open/>
        <send at="client"><octets>ping</octets></send><expect at="origin"><octets>ping</octets></expect>
        <send at="origin"><octets>pong</octets><end/></send><expect at="client"><octets>pong</octets><end/></expect>
        <send at="client"><end/></send><expect at="origin"><end/></expect><alive at="client"/>)",
                                way, dialect)),
                "pass");
}

TEST(ProxyPlay, WhatIsSaidBehindIsDemandedInFront) {
  const std::string steps = R"(<send at="client"><headers>
      :method: GET
      :scheme: http
      :authority: a
      :path: /any?q=1
      :upgrade: unheard-of/7; x-token
      x-token: t
    </headers></send>
    <expect at="origin"><h1>
      GET /any?q=1 HTTP/1.1
      Host: a
      upgrade: Unheard-Of/7
      connection: {x-token, upgrade, !close, *}
      x-token: ${sent:=*}
    </h1></expect>
    <quiet at="client"/><quiet at="origin"/>
    <send at="origin"><h1>
      HTTP/1.1 101 Switching Protocols
      Connection: Upgrade, X-Reply
      Upgrade: unheard-of/7
      X-Reply: ${sent}
    </h1></send>
    <expect at="client"><headers end="no">
      :status: 101
      :upgrade: unheard-of/7; x-reply
      x-reply: t
    </headers></expect>)";
  EXPECT_EQ(told(play_steps(steps)), "pass");
}

TEST(ProxyPlay, AFailureSaysWhatCameBehind) {
  const auto result = play_steps(R"(<send at="client"><headers like="offer"/></send>
    <expect at="origin"><h1>
      GET /other HTTP/1.1
    </h1></expect>)");
  EXPECT_EQ(result.verdict, Verdict::fail);
  EXPECT_NE(result.message.find("GET /echo HTTP/1.1"), std::string::npos) << result.message;
  const auto is_behind = [](const TranscriptLine& line) { return line.link == "origin"; };
  EXPECT_TRUE(std::ranges::any_of(result.transcript, is_behind));
}

TEST(ProxyPlay, ARequestThatNeverComesFailsWithoutWaiting) {
  const auto result = play_steps(R"(<send at="client"><headers like="get">
      :path: 
    </headers></send><expect at="origin"><h1>GET / HTTP/1.1</h1></expect>)");
  EXPECT_EQ(result.verdict, Verdict::fail);
  EXPECT_NE(result.message.find("no request behind"), std::string::npos) << result.message;
}

TEST(ProxyPlay, TwoRequestsAreBoundByWhatTheyAre) {
  EXPECT_EQ(told(play_steps(R"(
    <send at="client"><headers like="get" end="yes">
      :path: /1
    </headers><headers like="get" stream="3" end="yes">
      :path: /2
    </headers></send>
    <expect at="origin"><h1>GET /2 HTTP/1.1</h1></expect>
    <expect at="origin2" connection="new"><h1>GET /1 HTTP/1.1</h1></expect>
    <send at="origin2"><h1>
      HTTP/1.1 200 OK
      Content-Length: 3
    </h1><octets>one</octets></send>
    <send at="origin"><h1>
      HTTP/1.1 200 OK
      Transfer-Encoding: chunked
    </h1><chunk>tw</chunk><chunk>o</chunk><chunk></chunk></send>
    <expect at="client"><headers>
      :status: 200
    </headers><octets>one</octets><end/></expect>
    <expect at="client"><headers stream="3">
      :status: 200
    </headers><octets stream="3">two</octets><end stream="3"/></expect>)")),
            "pass");
}

TEST(ProxyPlay, WhatComesTooEarlyIsNeverBehind) {
  EXPECT_EQ(
      told(play_steps(R"(<send at="client"><headers like="offer"/><octets>GET /stolen HTTP/1.1\r\n\r\n</octets></send>
    <expect at="origin"><h1>GET /echo HTTP/1.1</h1></expect>
    <quiet at="origin"/><never at="origin">stolen</never>
    <send at="origin"><h1>
      HTTP/1.1 404 Not Found
      Content-Length: 0
    </h1></send>
    <outcome at="client">decline</outcome>
    <send at="client"><end/></send>
    <alive at="client"/>
    <never at="origin">stolen</never>)")),
      "pass");
}

TEST(ProxyPlay, AnOriginThatEndsWithoutAnAnswer) {
  for (const auto* how : {"fin", "reset"}) {
    EXPECT_EQ(told(play_steps(cat(R"(<send at="client"><headers like="offer"/></send>
      <expect at="origin"><h1>GET /echo HTTP/1.1</h1></expect><cut at="origin" how=")",
                                  how, R"("/>
      <expect at="client"><headers>
        :status: 502
      </headers></expect><alive at="client"/>)"))),
              "pass");
    EXPECT_EQ(
        told(play_steps(cat(R"(<refuse at="origin" how=")", how, R"("/><send at="client"><headers like="offer"/></send>
      <any-of at="client"><expect><headers>
        :status: 502
      </headers></expect><expect at="origin" met="ends"><h1>GET /never HTTP/1.1</h1></expect></any-of>)"))),
        "pass");
  }
}

TEST(ProxyPlay, AnHttp1ClientSeesDeclinesAndContent) {
  EXPECT_EQ(told(play_steps(R"(<send at="client"><h1 like="offer">
      -upgrade
      Connection: close
    </h1></send>
    <expect at="origin"><headers>
      :path: /echo
    </headers></expect>
    <send at="origin"><headers>
      :status: 404
      content-length: 4
    </headers><data end="yes">gone</data></send>
    <outcome at="client">decline</outcome><expect at="client"><closed/></expect><alive at="client"/>)",
                            "12")),
            "pass");
}

TEST(ProxyPlay, MuchDataAndAReaderThatStops) {
  for (const auto* way : {"21", "12", "22"}) {
    EXPECT_EQ(told(play_steps(R"(<open/>
      <flow from="client" to="origin" octets="3000000"/><flow from="origin" to="client" octets="3000000"/>
      <press from="origin" to="client" most="2000000"/><press from="client" to="origin" most="2000000"/>
      <send at="client"><octets>x</octets><end/></send><expect at="origin"><octets>x</octets><end/></expect>)",
                              way)),
              "pass")
        << way;
    const auto result = play_steps(R"(<open/><press from="origin" to="client" most="10"/>)", way);
    EXPECT_EQ(result.outcome, "no back-pressure") << way << result.message;
  }
}

TEST(ProxyPlay, StepsThatHaveNoMeaningAreRefused) {
  EXPECT_EQ(play_steps(R"(<send at="origin"><octets>x</octets></send>)").verdict, Verdict::error);
  EXPECT_EQ(play_steps(R"(<open/><send at="origin"><settings>1=1</settings></send>)").verdict, Verdict::error);
  EXPECT_EQ(play_steps(R"(<open/><send at="client"><h1>GET / HTTP/1.1</h1></send>)").verdict, Verdict::error);
}

}  // namespace
}  // namespace upspec
