// Way 12: HTTP/1.1 in front, HTTP/2 behind.
#include <gtest/gtest.h>

#include <string>

#include "peer/proxy_testing.hpp"
#include "ws/handshake.hpp"

namespace upspec {
namespace {

using namespace std::string_literals;
using Fields = h2::FieldSection;

const std::string start = "GET /p HTTP/1.1\r\nHost: a.example\r\n";
const std::string raw_offer = start + "Connection: upgrade, X, keep-alive\r\nUpgrade: p\r\nX: 1\r\n\r\n";
const std::string key = "dGhlIHNhbXBsZSBub25jZQ==";

ProxyOptions way_12() { return {.way = Way::h1_to_h2}; }

h2::FieldSection accept_p() { return {{":status", "101"}, {":upgrade", "p; y"}, {"y", "2"}}; }

TEST(Proxy12, AnOfferBecomesAChannelInPiecesOfAnySize) {
  for (const std::size_t piece : {1u, 3u, 1000u}) {
    ProxyTable table(way_12(), piece);
    EXPECT_EQ(table.client(raw_offer + "early"), "");
    EXPECT_EQ(table.origin(), "GET");
    EXPECT_EQ(table.behind().last_section(), (Fields{{":method", "GET"},
                                                     {":scheme", "http"},
                                                     {":authority", "a.example"},
                                                     {":path", "/p"},
                                                     {":upgrade", "p; x"},
                                                     {"x", "1"},
                                                     {"via", "1.1 upspec"}}));
    EXPECT_EQ(table.answer(1, {{":status", "103"}}), "HTTP/1.1 103 \r\nVia: 2.0 upspec\r\n\r\n");
    EXPECT_EQ(table.answer(1, accept_p()),
              "HTTP/1.1 101 Switching Protocols\r\nUpgrade: p\r\nConnection: upgrade, y\r\ny: 2\r\nVia: 2.0 "
              "upspec\r\n\r\n");
    EXPECT_EQ(table.origin(), "data:early");
    EXPECT_EQ(table.answer({data(1, "to the client")}), "to the client");
    table.client_ends();
    EXPECT_EQ(table.origin(), "end");
    EXPECT_EQ(table.answer({data(1, "last", true)}), "last[closed]");
    EXPECT_EQ(table.proxy().wish(), ProxyTable::Wish::over);
    EXPECT_EQ(table.origin(), "goaway:NO_ERROR[closed]");
    EXPECT_TRUE(table.proxy().finished());
  }
}

// XC-15
TEST(Proxy12, AWebsocketBecomesAnExtendedConnectWhereOnlyThatIsAnnounced) {
  ProxyTable table(way_12());
  table.origin_settings = {{h2::setting::enable_connect_protocol, 1}};
  table.client(start + "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: " + key +
               "\r\nSec-WebSocket-Version: 13\r\n\r\n");
  EXPECT_EQ(table.origin(), "CONNECT");
  EXPECT_EQ(table.behind().field(":protocol"), "websocket");
  EXPECT_EQ(table.behind().field("sec-websocket-key"), "(none)");
  EXPECT_EQ(table.answer(1, {{":status", "200"}}),
            cat("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n"
                "Sec-WebSocket-Accept: ",
                ws::accept_for(key), "\r\nVia: 2.0 upspec\r\n\r\n"));
  EXPECT_EQ(table.client("octets"), "");
  EXPECT_EQ(table.origin(), "data:octets");
}

// PXY-16, XC-15, PXY-17, PXY-19
TEST(Proxy12, WithoutAnAnnouncementTheRequestGoesOnWithout) {
  ProxyTable table(way_12());
  table.origin_settings = {};
  table.client(raw_offer);
  EXPECT_EQ(table.origin(), "GET end");
  EXPECT_EQ(table.behind().last_section(), (Fields{{":method", "GET"},
                                                   {":scheme", "http"},
                                                   {":authority", "a.example"},
                                                   {":path", "/p"},
                                                   {"via", "1.1 upspec"}}));
  EXPECT_EQ(table.answer(1, {{":status", "200"}, {"content-length", "2"}}),
            "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nVia: 2.0 upspec\r\n\r\n");
  EXPECT_EQ(table.answer({data(1, "hi", true)}), "hi");
  // Kept, and the same connection behind.
  table.client(start + "\r\n");
  EXPECT_EQ(table.origin(), "GET end");
  EXPECT_EQ(table.answer(3, {{":status", "204"}}, true), "HTTP/1.1 204 No Content\r\nVia: 2.0 upspec\r\n\r\n");
}

TEST(Proxy12, Content) {
  ProxyTable table(way_12(), 5);
  const auto post = "POST /p HTTP/1.1\r\nHost: a\r\n"s;
  const auto ok = Fields{{":status", "200"}};
  table.client(post + "Transfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n" + post +
               "Content-Length: 2\r\n\r\nhi");
  auto words = table.origin();
  EXPECT_EQ(table.behind().field("content-length"), "(none)");
  EXPECT_TRUE(words.starts_with("POST data:h") && words.ends_with(" end")) << words;
  EXPECT_EQ(table.answer(1, ok), "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nVia: 2.0 upspec\r\n\r\n");
  EXPECT_EQ(table.answer({data(1, "1234567", true)}), "7\r\n1234567\r\n0\r\n\r\n");
  words = table.origin();  // the second request waited
  EXPECT_TRUE(words.starts_with("POST data:h") && words.ends_with(" end")) << words;
  EXPECT_EQ(table.behind().field("content-length"), "2");
  // HTTP/1.0 gets no chunks: the end is FIN.
  table.answer(3, {{":status", "200"}, {"content-length", "0"}}, true);
  table.client("GET / HTTP/1.0\r\n\r\n");
  EXPECT_EQ(table.origin(), "GET end");
  EXPECT_EQ(table.answer(5, {{":status", "103"}}), "");
  EXPECT_EQ(table.answer(5, ok), "HTTP/1.1 200 OK\r\nVia: 2.0 upspec\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(table.answer({data(5, "hi", true)}), "hi[closed]");
}

// BODY-02, PXY-11
TEST(Proxy12, OctetsBehindAnOfferAreNeverAnotherRequest) {
  const auto offer =
      start + "Connection: upgrade\r\nUpgrade: p\r\nContent-Length: 5\r\n\r\nhelloGET /stolen HTTP/1.1\r\n\r\n";
  ProxyTable table(way_12());
  table.client(offer);
  EXPECT_EQ(table.origin(), "GET data:hello");
  EXPECT_EQ(table.answer(1, {{":status", "200"}, {"content-length", "0"}}, true),
            "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nVia: 2.0 upspec\r\nConnection: close\r\n\r\n[closed]");
  EXPECT_EQ(table.origin(), "end goaway:NO_ERROR[closed]");
  ProxyTable open(way_12());
  open.client(offer);
  open.origin();
  open.answer(1, accept_p());
  EXPECT_EQ(open.origin(), "data:GET /stolen HTTP/1.1\r\n\r\n");
}

// PXY-09
TEST(Proxy12, AnAbortGoesThroughBothWays) {
  for (const bool from_client : {true, false}) {
    ProxyTable table(way_12());
    table.client(raw_offer);
    table.answer(1, accept_p());
    EXPECT_EQ(table.origin(), "GET");
    if (from_client) {
      table.client_ends(Closing::reset);
      EXPECT_EQ(table.origin(), "rst:CONNECT_ERROR goaway:NO_ERROR[closed]");
    } else {
      EXPECT_EQ(table.answer({data(1, "last"), h2::rst_stream(1, 8)}), "last[RST]");
    }
    EXPECT_TRUE(table.proxy().finished());
  }
  ProxyTable lost(way_12());
  lost.client(raw_offer);
  lost.answer(1, accept_p());
  EXPECT_EQ(lost.origin_ends(Closing::fin), "[RST]");
}

// PXY-07, PXY-22
TEST(Proxy12, ABadAnswerIsABadGateway) {
  for (const auto& answer : std::vector<Fields>{{{":status", "101"}},
                                                {{":status", "101"}, {":upgrade", "q"}},
                                                {{":status", "101"}, {":upgrade", "p; host"}},
                                                {{":status", "200"}, {":upgrade", "p"}},
                                                {{":status", "200"}, {"connection", "close"}},
                                                {{":status", "200"}, {"x", "a\r\nb"}},
                                                {{"x", "a"}}}) {
    ProxyTable table(way_12());
    table.client(raw_offer);
    EXPECT_EQ(table.answer(1, answer), "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n");
    EXPECT_EQ(table.origin(), "GET rst:CANCEL");
  }
  ProxyTable table(way_12());
  table.connects = false;
  table.client(raw_offer);
  EXPECT_EQ(table.origin_refuses(), "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n");
  table.client(raw_offer);
  EXPECT_TRUE(table.proxy().is_awaited(1));
  table.proxy().timed_out(1);
  EXPECT_EQ(table.run(), "HTTP/1.1 504 Gateway Timeout\r\nContent-Length: 0\r\n\r\n");
}

TEST(Proxy12, WhatIsMalformedIsRefusedAndNothingFollowsIt) {
  for (const auto& request :
       {"GET /p HTTP/1.1\r\n\r\n"s, "GET /p HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"s, "GET /p HTTP/1.1\nHost: a\n\n"s,
        "GET /p HTTP/1.1\r\nHost: a\r\nx : y\r\n\r\n"s,
        "GET /p HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n"s,
        "GET /p HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n"s, start + "Connection: host\r\n\r\n",
        start + "Connection: upgrade\r\nUpgrade: a b\r\n\r\n"}) {
    ProxyTable table(way_12());
    EXPECT_EQ(table.client(request + "GET /stolen HTTP/1.1\r\nHost: a\r\n\r\n"),
              "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n[closed]")
        << request;
    EXPECT_EQ(table.proxy().links(), 0u);
  }
}

// PXY-10
TEST(Proxy12, OctetsStopWhereNobodyReads) {
  ProxyTable table(way_12());
  table.client(raw_offer);
  table.answer(1, accept_p());
  table.origin();
  table.client_reads = false;
  for (std::size_t sent = 0; sent < 65'000; sent += 13'000) table.answer({data(1, std::string(13'000, 'y'))});
  EXPECT_LT(table.behind().window_given(1), 70'000u);
  table.client_reads = true;
  EXPECT_EQ(table.run().size(), 65'000u);

  std::size_t given = 0;
  for (; table.proxy().wants_input() && given < (1u << 22); given += 16384) table.client(std::string(16384, 'x'));
  EXPECT_LT(given, 300'000u);
  table.answer({h2::window_update(0, 1u << 24), h2::window_update(1, 1u << 24)});
  EXPECT_TRUE(table.proxy().wants_input());
  table.origin();
  std::size_t heard = 0;
  for (const auto& frame : table.behind().frames())
    if (frame.is(h2::FrameType::data)) heard += frame.payload.size();
  EXPECT_EQ(heard, given);
}

}  // namespace
}  // namespace upspec
