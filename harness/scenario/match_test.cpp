#include "scenario/match.hpp"

#include <gtest/gtest.h>

#include "scenario/exchange_testing.hpp"
#include "scenario/load_testing.hpp"

namespace upspec {
namespace {

// The parts of an `<expect>`, as the loader reads them.
std::vector<ExpectPart> parts(std::string_view xml) {
  const auto cases = load_steps(cat("<expect>", xml, "</expect>"));
  if (!cases) throw std::invalid_argument(cases.error().text);
  return std::get<std::vector<ExpectPart>>(std::get<Expect>(cases->at(0).steps.at(0).what).alternatives.at(0).what);
}

struct Row {
  const char* server;  // what it says
  std::string expect;
  const char* came;  // "met", "waiting", or why it missed
};

std::string judged(Asked1& one, std::string_view expect) {
  Scope scope{{"key", one.server.key}};
  const auto judgement = match(parts(expect), one.actor, one.cursor, scope);
  if (judgement.state == Judgement::State::missed) return judgement.what;
  return judgement.state == Judgement::State::met ? "met" : "waiting";
}

void expect_rows(const std::vector<Row>& rows) {
  for (const auto& row : rows) {
    Asked1 one;
    one.hears(row.server);
    EXPECT_EQ(judged(one, row.expect), row.came) << row.expect << " of " << row.server;
  }
}

std::string headers(std::string_view lines, std::string_view attributes = "") {
  return cat("<headers ", attributes, ">\n", lines, "\n</headers>");
}

TEST(Match, Headers) {
  expect_rows({
      {"200.", headers(":status: 200"), "met"},
      {"200.", headers(":status: 404"), "HEADERS :status \"200\" END_STREAM: :status is \"200\""},
      {"200.", headers(":status: ~[2-5].."), "met"},
      {"200.", headers(":status: ~4.."), "HEADERS :status \"200\" END_STREAM: :status is \"200\""},
      {"200.", headers(":status: ~2"), "HEADERS :status \"200\" END_STREAM: :status is \"200\""},
      {"200.", headers(":status: *"), "met"},
      {"200.", headers("x: *"), "HEADERS :status \"200\" END_STREAM: x is missing"},
      {"200.", headers("!x"), "met"},
      {"200.", headers("!:status"), "HEADERS :status \"200\" END_STREAM: :status is there: \"200\""},
      {"101", headers("sec-websocket-accept: ${ws-accept(key)}"), "met"},
      {"200.", headers(":status: 200", "end=\"yes\""), "met"},
      {"200", headers(":status: 200", "end=\"yes\""), "HEADERS :status \"200\": it is without END_STREAM"},
      {"200.", headers(":status: 200", "end=\"no\""), "HEADERS :status \"200\" END_STREAM: it has END_STREAM"},
      {"3:200.", headers(":status: 200", "stream=\"3\""), "met"},
      {"3:200.", headers(":status: 200"), "waiting"},
      {"", headers(":status: 200"), "waiting"},
      {"fin", headers(":status: 200"), "the connection was closed"},
      {"rst:CANCEL", headers(":status: 200"), "RST_STREAM(CANCEL)"},
      {"data:x", headers(":status: 200"), "DATA \"x\""},
  });
}

TEST(Match, InterimAnswersMayComeBefore) {
  expect_rows({
      {"100 103 200.", headers(":status: 200"), "met"},
      {"103 200.", headers("!x"), "met"},
      {"103", headers("!x"), "waiting"},
      {"103 100 200.", headers(":status: 100"), "met"},
      {"103", headers(":status: 100"), "waiting"},
      {"200.", headers(":status: 100"), "HEADERS :status \"200\" END_STREAM: :status is \"200\""},
  });
}

TEST(Match, ListsTakeAnyOrderAndCase) {
  struct ListRow {
    const char* value;
    const char* pattern;
    bool met;
  };
  for (const auto& row :
       {ListRow{"a, b", "{b, a}", true}, ListRow{"Upgrade,X", "{x, upgrade}", true}, ListRow{"a", "{a, b}", false},
        ListRow{"a, b, c", "{a, b}", false}, ListRow{"a, b, c", "{a, *}", true}, ListRow{"b", "{a, *}", false},
        ListRow{"a, a", "{a}", false}, ListRow{"a, , b", "{a, b}", true}}) {
    Asked1 one;
    one.hears_section({{":status", "200"}, {"x", row.value}});
    EXPECT_EQ(judged(one, headers(cat("x: ", row.pattern))) == "met", row.met) << row.value << " " << row.pattern;
  }
}

TEST(Match, OneOfSeveralFieldsOfANameIsEnough) {
  Asked1 one;
  one.hears_section({{":status", "200"}, {"x", "1"}, {"x", "2"}});
  EXPECT_EQ(judged(one, headers("x: 2")), "met");
}

TEST(Match, ALongValueIsNoMatchOfAnExpression) {
  Asked1 one;
  one.hears_section({{":status", "200"}, {"x", std::string(60000, 'a')}});
  EXPECT_NE(judged(one, headers("x: ~(a|b)*")), "met");
}

TEST(Match, ACaptureGoesIntoTheScopeWhenItsSectionMatches) {
  Asked1 one;
  one.hears_section({{":status", "103"}, {"x", "1"}});
  one.hears_section({{":status", "200"}, {"x", "2"}});
  Scope scope;
  EXPECT_EQ(match(parts(headers(":status: 200\nx: ${it:=*}")), one.actor, one.cursor, scope).state,
            Judgement::State::met);
  EXPECT_EQ(scope.at("it"), "2");
}

TEST(Match, OctetsWhateverTheFrames) {
  expect_rows({
      {"101 data:he data: data:llo", headers(":status: 101") + "<octets>hello</octets>", "met"},
      {"data:hello", "<octets>hel</octets><octets>lo</octets>", "met"},
      {"data:hel", "<octets>hello</octets>", "waiting"},
      {"data:hex", "<octets>hello</octets>", "DATA \"hex\""},
      {"data:hel end", "<octets>hello</octets>", "only 3 of 5 octets: \"hel\""},
      {"data:hel fin", "<octets>hello</octets>", "only 3 of 5 octets: \"hel\""},
      {"data:hello end", "<octets>hello</octets><end/>", "met"},
      {"data:hello end", "<octets>hell</octets><end/>", "DATA \"hello\""},
      {"end", "<octets>hello</octets>", "END_STREAM"},
      {"data:a", "<octets/>", "met"},
      {"data:hel", "<octets least=\"3\"/><octets>hel</octets>", "met"},
      {"data:hel", "<octets least=\"4\"/>", "waiting"},
      {"data:hel", "<octets>he</octets><octets least=\"3\"/><octets>l</octets>", "met"},
      {"data:hel end", "<octets least=\"4\"/>", "only 3 octets"},
      {"end", "<octets least=\"4\"/>", "only 0 octets"},
      {"data:x", "<end/>", "DATA \"x\""},
      {"", "<end/>", "waiting"},
      {"200.", headers(":status: 200") + "<end/>", "met"},
  });
}

TEST(Match, WebSocketMessages) {
  const auto frame = [](std::uint8_t first, std::string_view payload) {
    return cat(static_cast<char>(first), static_cast<char>(payload.size()), payload);
  };
  struct WsRow {
    std::string octets;
    const char* expect;
    const char* came;
  };
  for (const auto& row : {
           WsRow{frame(0x81, "hello"), "<ws op=\"text\">hello</ws>", "met"},
           WsRow{frame(0x01, "he") + frame(0x89, "p") + frame(0x80, "llo"), "<ws op=\"text\">hello</ws>", "met"},
           WsRow{frame(0x8a, "x") + frame(0x81, "hello"), "<ws op=\"text\">hello</ws>", "met"},
           WsRow{frame(0x8a, "x"), "<ws op=\"pong\">x</ws>", "met"},
           WsRow{frame(0x8a, "y"), "<ws op=\"pong\">x</ws>", "WebSocket pong 1 octets 79"},
           WsRow{frame(0x88, "\x03\xe8"), "<ws op=\"close\" code=\"1000\"/>", "met"},
           WsRow{frame(0x88, "\x03\xe9"), "<ws op=\"close\"/>", "met"},
           WsRow{frame(0x88, "\x03\xe9"), "<ws op=\"close\" code=\"1000\"/>", "WebSocket close 1001"},
           WsRow{frame(0x81, "a") + frame(0x81, "b"), "<ws op=\"text\">a</ws><ws op=\"text\">b</ws>", "met"},
           WsRow{frame(0x81, "hello").substr(0, 4), "<ws op=\"text\">hello</ws>", "waiting"},
           WsRow{frame(0x01, "hello"), "<ws op=\"text\">hello</ws>", "waiting"},
           WsRow{frame(0x82, "hello"), "<ws op=\"text\">hello</ws>", "WebSocket binary fin 5 octets 68 65 6c 6c 6f"},
       }) {
    Asked1 one;
    one.hears_octets(row.octets);
    EXPECT_EQ(judged(one, row.expect), row.came) << row.expect;
  }
  Asked1 cut;
  cut.hears_octets(frame(0x81, "hello").substr(0, 4));
  cut.hears("end");
  EXPECT_EQ(judged(cut, "<ws op=\"text\">hello</ws>"), "octets that are no whole WebSocket message: 81 05 68 65");
}

TEST(Match, EndsOfStreamsAndConnections) {
  expect_rows({
      {"rst:CANCEL", "<rst/>", "met"},
      {"rst:CANCEL", "<rst code=\"CANCEL\"/>", "met"},
      {"rst:CANCEL", "<rst code=\"NO_ERROR\"/>", "RST_STREAM(CANCEL)"},
      {"", "<rst/>", "waiting"},
      {"goaway:CANCEL", "<goaway/>", "met"},
      {"goaway:NO_ERROR goaway:CANCEL", "<goaway code=\"CANCEL\"/>", "met"},
      {"goaway:NO_ERROR", "<goaway code=\"CANCEL\"/>", "waiting"},
      {"goaway:NO_ERROR", "<goaway/><goaway/>", "waiting"},
      {"goaway:NO_ERROR fin", "<goaway/><closed/>", "met"},
      {"reset", "<closed/>", "met"},
      {"", "<closed/>", "waiting"},
      {"", "<settings ack=\"yes\"/>", "met"},
  });
  Asked1 one;
  one.actor.send_settings({}, 1);
  EXPECT_EQ(judged(one, "<settings ack=\"yes\"/>"), "waiting");
  one.hears("ack");
  EXPECT_EQ(judged(one, "<settings ack=\"yes\"/>"), "met");
}

TEST(Match, ExpectationsAreDescribed) {
  const Scope scope{{"key", "k"}};
  EXPECT_EQ(describe(parts(headers(":status: 101\nx: ${key}\n!y\nz: *", "end=\"no\"") + "<end/>"), scope),
            "HEADERS on stream 1, :status \"101\", x \"k\", no y, z any value, without END_STREAM; then END_STREAM on "
            "stream 1");
  EXPECT_EQ(describe(parts("<rst code=\"CANCEL\" stream=\"3\"/>"), scope), "RST_STREAM(CANCEL) on stream 3");
  EXPECT_EQ(describe(parts(headers("x: {a, *}\ny: ~.")), scope),
            "HEADERS on stream 1, x the members a and perhaps others, y matching .");
  EXPECT_EQ(stream_of(parts("<goaway/><end stream=\"5\"/>")), 5u);
  EXPECT_EQ(stream_of(parts("<closed/>")), 1u);
}

}  // namespace
}  // namespace upspec
