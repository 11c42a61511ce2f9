// The table of protocol.md section 1, row by row.
#include "scenario/outcome.hpp"

#include <gtest/gtest.h>

#include "scenario/exchange_testing.hpp"

namespace upspec {
namespace {

constexpr auto upgrade = Dialect::upgrade;
constexpr auto connect = Dialect::connect;
constexpr auto cancel = static_cast<std::uint32_t>(h2::ErrorCode::cancel);

struct Row {
  const char* server;  // what it says
  std::string came;    // "met", "note", "waiting", "missed"; with " over" when the connection's end met it
  const char* left = "nothing";
};

std::string said(const Judgement& one) {
  constexpr std::array<const char*, 4> names = {"met", "note", "waiting", "missed"};
  return cat(names.at(static_cast<std::size_t>(one.state)), one.connection_over ? " over" : "");
}

void expect_judged(const std::string& name, Dialect dialect, const std::vector<Row>& rows, std::uint32_t code = 0) {
  for (const auto& row : rows) {
    Asked1 one(dialect);
    one.hears(row.server);
    Sight sight(one.actor, one.cursor, 1);
    const auto judged = judge({name, code, 1}, dialect, sight);
    EXPECT_EQ(said(judged), row.came) << name << " of " << row.server << ": " << judged.what;
    if (row.came == "met" || row.came == "note") {
      EXPECT_EQ(one.left(), row.left) << name << " takes what belongs to it from " << row.server;
    }
    if (row.came != "waiting") {
      EXPECT_NE(judged.what, "") << name << " of " << row.server;
    }
  }
}

TEST(Outcome, Accept) {
  expect_judged("accept", upgrade,
                {{"101", "met"},
                 {"100 103 101", "met"},
                 {"101 data:x", "met", "DATA \"x\""},
                 {"101.", "missed"},
                 {"200.", "missed"},
                 {"200", "missed"},
                 {"404.", "missed"},
                 {"data:x", "missed"},
                 {"rst:REFUSED_STREAM", "missed"},
                 {"", "waiting"},
                 {"100", "waiting"},
                 {"fin", "missed"},
                 {"100 reset", "missed"},
                 {"garbage", "missed"}});
  expect_judged("accept", connect,
                {{"200", "met"},
                 {"204", "met"},
                 {"103 200 data:x", "met", "DATA \"x\""},
                 {"200.", "missed"},
                 {"101", "missed"},
                 {"300", "missed"},
                 {"404.", "missed"},
                 {"", "waiting"}});
}

TEST(Outcome, TheFormOfAnAcceptIsItsOwn) {
  for (const auto& [section, met] : std::vector<std::pair<h2::FieldSection, bool>>{
           {{{":status", "101"}, {":upgrade", "websocket"}}, true},
           {{{":status", "101"}}, false},
           {{{":status", "101"}, {":upgrade", "h2c"}}, false},
           {{{":status", "101"}, {":upgrade", "websocket"}, {"connection", "x"}}, false}}) {
    Asked1 one;
    one.hears_section(section);
    Sight sight(one.actor, one.cursor, 1);
    EXPECT_EQ(judge({"accept", 0, 1}, upgrade, sight).state, met ? Judgement::State::met : Judgement::State::missed);
  }
}

TEST(Outcome, Decline) {
  const std::vector<Row> both = {{"404.", "met"},
                                 {"404 data:x end", "met"},
                                 {"404 data:x trailers", "met"},
                                 {"100 404.", "met"},
                                 {"302.", "met"},
                                 {"500.", "met"},
                                 {"404. rst:NO_ERROR", "met"},
                                 {"404. rst:CANCEL", "met", "RST_STREAM(CANCEL)"},
                                 {"404", "waiting"},
                                 {"404 data:x", "waiting"},
                                 {"404 fin", "missed"},
                                 {"404 rst:NO_ERROR", "missed"},
                                 {"rst:REFUSED_STREAM", "note"},
                                 {"rst:PROTOCOL_ERROR", "missed"},
                                 {"rst:CANCEL", "missed"},
                                 {"101", "missed"},
                                 {"", "waiting"},
                                 {"100", "waiting"},
                                 {"fin", "missed"},
                                 {"goaway:PROTOCOL_ERROR", "waiting"},
                                 {"goaway:PROTOCOL_ERROR fin", "missed"},
                                 {"data:x", "missed"}};
  expect_judged("decline", upgrade, both);
  expect_judged("decline", connect, both);
  expect_judged("decline", upgrade, {{"200.", "met"}, {"200 data:x end", "met"}});
  expect_judged("decline", connect, {{"200.", "missed"}, {"200", "missed"}, {"204.", "missed"}});
}

TEST(Outcome, Malformed) {
  for (const auto dialect : {upgrade, connect}) {
    expect_judged("malformed", dialect,
                  {{"rst:PROTOCOL_ERROR", "met"},
                   {"400.", "met"},
                   {"431 data:x end", "met"},
                   {"103 400.", "met"},
                   {"400. rst:NO_ERROR", "met"},
                   {"400 rst:PROTOCOL_ERROR", "met"},
                   {"500.", "note"},
                   {"502 data:x end", "note"},
                   {"rst:CANCEL", "note"},
                   {"rst:REFUSED_STREAM", "note"},
                   {"goaway:PROTOCOL_ERROR", "note over", "GOAWAY(PROTOCOL_ERROR)"},
                   {"goaway:PROTOCOL_ERROR fin", "note over"},
                   {"fin", "note over"},
                   {"reset", "note over"},
                   {"103 fin", "note over"},
                   {"goaway:NO_ERROR", "waiting"},
                   {"goaway:INTERNAL_ERROR", "waiting"},
                   {"101", "missed"},
                   {"200", "missed"},
                   {"200.", "missed"},
                   {"302.", "missed"},
                   {"100", "waiting"},
                   {"", "waiting"},
                   {"400", "waiting"},
                   {"400 fin", "missed"},
                   {"garbage", "missed"},
                   {"data:x", "missed"}});
  }
}

TEST(Outcome, RefusedIsWhatDeclineOrMalformedAllow) {
  const std::vector<Row> both = {{"rst:PROTOCOL_ERROR", "met"},
                                 {"400.", "met"},
                                 {"302.", "met"},
                                 {"500.", "met"},
                                 {"103 404 data:x end", "met"},
                                 {"rst:REFUSED_STREAM", "note"},
                                 {"rst:CANCEL", "note"},
                                 {"goaway:PROTOCOL_ERROR", "note over"},
                                 {"fin", "note over"},
                                 {"101", "missed"},
                                 {"", "waiting"},
                                 {"100", "waiting"}};
  expect_judged("refused", upgrade, both);
  expect_judged("refused", connect, both);
  expect_judged("refused", upgrade, {{"200.", "met"}});
  expect_judged("refused", connect, {{"200", "missed"}, {"200.", "missed"}});
}

TEST(Outcome, StreamError) {
  for (const auto dialect : {upgrade, connect}) {
    expect_judged("stream-error", dialect,
                  {{"rst:CANCEL", "met"},
                   {"101 data:x rst:CANCEL", "met"},
                   {"200. rst:CANCEL", "met"},
                   {"rst:PROTOCOL_ERROR", "note"},
                   {"goaway:CANCEL", "note over"},
                   {"data:x goaway:CANCEL", "note over"},
                   {"fin", "note over"},
                   {"reset", "note over"},
                   {"goaway:PROTOCOL_ERROR", "waiting"},
                   {"goaway:PROTOCOL_ERROR fin", "note over"},
                   {"goaway:NO_ERROR", "waiting"},
                   {"", "waiting"},
                   {"200.", "waiting"},
                   {"data:x", "waiting"},
                   {"garbage", "missed"}},
                  cancel);
  }
}

TEST(Outcome, ConnectionError) {
  for (const auto dialect : {upgrade, connect}) {
    expect_judged("connection-error", dialect,
                  {{"goaway:CANCEL fin", "met over"},
                   {"goaway:CANCEL reset", "met over"},
                   {"goaway:NO_ERROR goaway:CANCEL fin", "met over"},
                   {"101 data:x goaway:CANCEL fin", "met over"},
                   {"goaway:PROTOCOL_ERROR fin", "note over"},
                   {"fin", "note over"},
                   {"reset", "note over"},
                   {"goaway:NO_ERROR fin", "note over"},
                   {"goaway:CANCEL", "waiting"},
                   {"rst:CANCEL", "waiting"},
                   {"404.", "waiting"},
                   {"", "waiting"},
                   {"garbage", "missed"}},
                  cancel);
  }
}

TEST(Outcome, SomeMayEndTheConnectionAsWell) {
  EXPECT_EQ(code_that_may_end_the_connection({"malformed", 0, 1}), 1u);
  EXPECT_EQ(code_that_may_end_the_connection({"refused", 0, 1}), 1u);
  EXPECT_EQ(code_that_may_end_the_connection({"stream-error", cancel, 1}), cancel);
  for (const auto* name : {"accept", "decline", "connection-error"}) {
    EXPECT_EQ(code_that_may_end_the_connection({name, 0, 1}), std::nullopt) << name;
  }
}

TEST(Outcome, EachIsDescribed) {
  for (const auto* name : {"accept", "decline", "malformed", "refused", "stream-error", "connection-error"}) {
    EXPECT_NE(describe({name, cancel, 1}, upgrade), "") << name;
  }
  EXPECT_EQ(describe({"stream-error", cancel, 1}, upgrade), "a stream error: RST_STREAM(CANCEL)");
  EXPECT_NE(describe({"accept", 0, 1}, upgrade), describe({"accept", 0, 1}, connect));
}

TEST(Outcome, OtherStreamsAreNotLookedAt) {
  Asked1 one;
  one.hears("3:404. 3:rst:CANCEL");
  Sight sight(one.actor, one.cursor, 1);
  EXPECT_EQ(judge({"decline", 0, 1}, upgrade, sight).state, Judgement::State::waiting);
}

}  // namespace
}  // namespace upspec
