#include "peer/h1_actor.hpp"

#include <gtest/gtest.h>

#include "base/text.hpp"

namespace upspec {
namespace {

using Kind = StreamItem::Kind;

// What came of an exchange, in one line: "[GET / HTTP/1.1] \"hello\" whole FIN".
std::string told(const H1Actor& actor, std::uint32_t exchange = 1) {
  const auto* stream = actor.stream(exchange);
  if (!stream) return "none";
  std::string all;
  for (const auto& item : stream->items) {
    if (!all.empty()) all += ' ';
    if (item.kind == Kind::section) all += cat("[", item.line, "]");
    if (item.kind == Kind::octets) all += quoted(as_text(item.octets));
    if (item.kind == Kind::whole) all += "whole";
    if (item.kind == Kind::end) all += "FIN";
    if (item.kind == Kind::abort) all += "RST";
  }
  return all;
}

std::string ids(const H1Actor& actor) {
  std::string all;
  for (const auto& breach : actor.breaches()) all += cat(all.empty() ? "" : " ", breach.requirement);
  return all;
}

H1Actor origin(std::string_view text) {
  H1Actor actor("origin", Side::server);
  actor.receive(as_octets(text), 1);
  return actor;
}
void says(H1Actor& actor, std::string_view head) { actor.send_head(head, head.size(), 2); }

constexpr std::string_view upgrade = "GET /chat HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n";
constexpr std::string_view switching = "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n";

TEST(H1Actor, ARequestIsASectionWithItsFieldsInLowerCase) {
  const auto actor = origin("GET /a HTTP/1.1\r\nHost: x\r\nX-Note: Y\r\n\r\n");
  EXPECT_EQ(told(actor), "[GET /a HTTP/1.1] whole");
  const h2::FieldSection fields{{":method", "GET"}, {":path", "/a"}, {"host", "x"}, {"x-note", "Y"}};
  EXPECT_EQ(actor.stream(1)->items.front().fields, fields);
  EXPECT_EQ(actor.transcript().front().text, "GET /a HTTP/1.1\n  Host: x\n  X-Note: Y");
}

TEST(H1Actor, ContentIsReadWhateverFramesIt) {
  EXPECT_EQ(told(origin("POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello")), "[POST / HTTP/1.1] \"hello\" whole");
  EXPECT_EQ(told(origin("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n")),
            "[POST / HTTP/1.1] \"hello\" whole");
}

TEST(H1Actor, EveryRequestOfAConnectionIsAnExchange) {
  auto actor = origin("GET /1 HTTP/1.1\r\n\r\n");
  says(actor, "HTTP/1.1 204 No Content\r\n\r\n");
  actor.receive(as_octets("GET /2 HTTP/1.1\r\n\r\n"), 3);
  EXPECT_EQ(actor.exchanges(), 2u);
  EXPECT_TRUE(actor.is_answered(1));
  EXPECT_FALSE(actor.is_answered(2));
  EXPECT_EQ(told(actor, 2), "[GET /2 HTTP/1.1] whole");
  EXPECT_EQ(ids(actor), "");
}

TEST(H1Actor, AfterTheSwitchComeTheChannelsOctetsAndFin) {
  auto actor = origin(upgrade);
  says(actor, switching);
  actor.receive(as_octets("GET / HTTP/1.1\r\n\r\n"), 3);
  actor.receive(as_octets("more"), 3);
  actor.closed(Closing::fin, 4);
  EXPECT_EQ(told(actor), R"([GET /chat HTTP/1.1] whole "GET / HTTP/1.1\r\n\r\nmore" FIN)");
  EXPECT_EQ(as_text(actor.messages()), upgrade);
  EXPECT_EQ(ids(actor), "");
}

TEST(H1Actor, OctetsBeforeTheAnswerAreABreach) {
  auto actor = origin(cat(upgrade, "early"));
  EXPECT_EQ(told(actor), R"([GET /chat HTTP/1.1] whole "early")");
  EXPECT_EQ(ids(actor), "PXY-11");
}

TEST(H1Actor, A101BeforeTheContentIsWholeSwitchesBehindIt) {
  auto actor = origin("POST / HTTP/1.1\r\nConnection: upgrade\r\nUpgrade: x\r\nContent-Length: 5\r\n\r\nhe");
  says(actor, switching);
  actor.receive(as_octets("lloping"), 3);
  EXPECT_EQ(told(actor), R"([POST / HTTP/1.1] "hello" whole "ping")");
  EXPECT_EQ(ids(actor), "");
}

TEST(H1Actor, OctetsBehindADeclineThatAreNoRequest) {
  auto actor = origin(upgrade);
  says(actor, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
  actor.receive(as_octets("\x81\x80\r\n"), 3);
  EXPECT_NE(actor.broken(), "");
  EXPECT_EQ(ids(actor), "PXY-11");
}

TEST(H1Actor, ReuseOfAConnectionThatWasToCloseOrIsNotDone) {
  auto closing = origin(upgrade);
  says(closing, "HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
  closing.receive(as_octets("GET / HTTP/1.1\r\n\r\n"), 3);
  EXPECT_EQ(ids(closing), "PXY-14");

  auto unfinished = origin(upgrade);
  says(unfinished, "HTTP/1.1 404 Not Found\r\nContent-Length: 5\r\n\r\n");
  unfinished.send(as_octets("he"), 2);
  unfinished.receive(as_octets("GET / HTTP/1.1\r\n\r\n"), 3);
  EXPECT_EQ(ids(unfinished), "PXY-14");
}

TEST(H1Actor, WhatIsNoRequestIsSaidAndEndsTheReading) {
  const auto actor = origin("GET /a HTTP/1.1\r\nx: a\rGET /b HTTP/1.1\r\n\r\n");
  EXPECT_TRUE(actor.over());
  EXPECT_EQ(ids(actor), "PXY-13 SEC-06");
  EXPECT_TRUE(actor.has_received("GET /b"));
}

TEST(H1Actor, AClientReadsInterimFinalAndTheNextAnswer) {
  H1Actor actor("client", Side::client);
  says(actor, "GET / HTTP/1.1\r\n\r\n");
  says(actor, "HEAD / HTTP/1.1\r\n\r\n");
  actor.receive(as_octets("HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"), 1);
  actor.receive(as_octets("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"), 1);
  actor.closed(Closing::fin, 2);
  EXPECT_EQ(told(actor, 1), "[HTTP/1.1 103 Early Hints] [HTTP/1.1 200 OK] \"ok\" whole");
  EXPECT_EQ(told(actor, 2), "[HTTP/1.1 200 OK] whole FIN");
}

TEST(H1Actor, AClientsSwitchAndItsFirstOctetsInOnePiece) {
  H1Actor actor("client", Side::client);
  says(actor, upgrade);
  actor.receive(as_octets(cat(switching, "hello")), 1);
  actor.closed(Closing::reset, 2);
  EXPECT_TRUE(actor.switched());
  EXPECT_EQ(told(actor), "[HTTP/1.1 101 Switching Protocols] \"hello\" RST");
}

TEST(H1Actor, AnAnswerWithoutALengthEndsWithTheConnection) {
  H1Actor actor("client", Side::client);
  says(actor, "GET / HTTP/1.1\r\n\r\n");
  actor.receive(as_octets("HTTP/1.1 200 OK\r\n\r\nhello"), 1);
  EXPECT_EQ(told(actor), "[HTTP/1.1 200 OK] \"hello\"");
  actor.closed(Closing::fin, 2);
  EXPECT_EQ(told(actor), "[HTTP/1.1 200 OK] \"hello\" whole FIN");
}

TEST(H1Actor, WritesWhatItIsToldWholeCutOrSplit) {
  auto actor = origin(upgrade);
  actor.send_head("HTTP/1.1 101 x\r\n\r\n", 9, 2);
  actor.flush();
  EXPECT_EQ(as_text(*actor.take_output()), "HTTP/1.1 ");
  EXPECT_FALSE(actor.is_answered(1));
  actor.send(as_octets("ab"), 2);
  actor.flush(1);
  EXPECT_EQ(as_text(*actor.take_output()), "a");
  EXPECT_EQ(as_text(*actor.take_output()), "b");
  EXPECT_EQ(actor.take_output(), std::nullopt);
}

TEST(H1Actor, TheSameInEverySplit) {
  const std::string text =
      cat("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n0\r\n\r\n", upgrade, "x");
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    auto actor = origin(std::string_view(text).substr(0, cut));
    actor.receive(as_octets(std::string_view(text).substr(cut)), 2);
    EXPECT_EQ(told(actor, 1), "[POST / HTTP/1.1] \"he\" whole") << cut;
    EXPECT_EQ(told(actor, 2), "[GET /chat HTTP/1.1] whole \"x\"") << cut;
  }
}

}  // namespace
}  // namespace upspec
