// Way 21: HTTP/2 in front, HTTP/1.1 behind.
#include <gtest/gtest.h>

#include <string>

#include "peer/proxy_testing.hpp"
#include "ws/handshake.hpp"

namespace upspec {
namespace {

using namespace std::string_literals;

const std::string raw_switch = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: p\r\nConnection: upgrade\r\n\r\n";
const std::string empty_200 = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

std::string raw_request(const std::string& more = "") {
  return "GET /p HTTP/1.1\r\nHost: a.example\r\nUpgrade: p\r\nConnection: upgrade\r\n" + more +
         "Via: 2.0 upspec\r\n\r\n";
}

// A channel of protocol `p` on stream 1.
void open_channel(ProxyTable& table, std::uint32_t stream = 1, std::size_t link = 0) {
  EXPECT_EQ(table.ask(stream, upgrade("p")), "");
  EXPECT_EQ(table.origin(link), raw_request());
  EXPECT_EQ(table.answer(raw_switch, link), "101");
}

TEST(Proxy21, AnOfferBecomesAChannelInPiecesOfAnySize) {
  for (const std::size_t piece : {1u, 2u, 7u, 1000u}) {
    ProxyTable table({}, piece);
    EXPECT_EQ(table.ask(1, upgrade("P/1; b; A, q; b", {{"b", "1"}, {"a", "2"}, {"cookie", "x"}, {"cookie", "y"}})), "");
    EXPECT_EQ(table.origin(),
              "GET /p HTTP/1.1\r\nHost: a.example\r\nUpgrade: P/1, q\r\nConnection: upgrade, b, a\r\n"
              "b: 1\r\na: 2\r\ncookie: x; y\r\nVia: 2.0 upspec\r\n\r\n");
    EXPECT_EQ(table.answer("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"), "103");
    EXPECT_EQ(table.answer("HTTP/1.1 101 Ok\r\nUpgrade: p/1\r\nConnection: close, X, Upgrade\r\nX: 3\r\nY: 4\r\n\r\n"),
              "101");
    EXPECT_EQ(
        table.front().last_section(),
        (h2::FieldSection{{":status", "101"}, {":upgrade", "p/1; x"}, {"x", "3"}, {"y", "4"}, {"via", "1.1 upspec"}}));
    table.client({data(1, "to the origin")});
    EXPECT_EQ(table.origin(), "to the origin");
    table.answer("to the client");
    EXPECT_EQ(table.client({data(1, "", true)}), "");
    EXPECT_EQ(table.origin(), "[FIN]");
    EXPECT_EQ(table.origin_ends(), "end");
    EXPECT_EQ(table.origin(), "");
    EXPECT_EQ(table.proxy().wish(0), ProxyTable::Wish::over);
  }
}

TEST(Proxy21, AnExtendedConnectGetsAFreshKeyAndChecksTheDigest) {
  ProxyTable table;
  table.ask(1, connect("websocket", {{"sec-websocket-version", "13"}}));
  table.ask(3, connect("websocket", {{"sec-websocket-version", "13"}}));
  const auto key_in = [](const std::string& text) {
    const auto at = text.find("Sec-WebSocket-Key: ");
    return at == std::string::npos ? "" : text.substr(at + 19, 24);
  };
  const auto first = key_in(table.origin(0));
  const auto second = key_in(table.origin(1));
  EXPECT_TRUE(ws::is_key(first) && ws::is_key(second));
  EXPECT_NE(first, second);
  const auto accept = "HTTP/1.1 101 Ok\r\nUpgrade: websocket\r\nConnection: upgrade\r\nSec-WebSocket-Accept: "s;
  EXPECT_EQ(table.answer(accept + ws::accept_for(first) + "\r\n\r\n", 0), "200");
  EXPECT_EQ(table.front().last_section(), (h2::FieldSection{{":status", "200"}, {"via", "1.1 upspec"}}));
  EXPECT_EQ(table.answer(accept + ws::accept_for(first) + "\r\n\r\n", 1), "502 end rst:NO_ERROR");  // XC-13
  EXPECT_EQ(table.origin(1), "[RST]");
  EXPECT_EQ(table.answer("octets", 0), "data:octets");
}

// PXY-06, PXY-07, XC-14
TEST(Proxy21, OtherAnswersAreDeclinesOrBadGateways) {
  struct Row {
    h2::FieldSection request;
    std::string answer;
    std::string heard;
  };
  const auto ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"s;
  for (const auto& [request, answer, heard] : std::vector<Row>{
           {upgrade("p"), ok, "200 data:hi end rst:NO_ERROR"},
           {upgrade("p"), "HTTP/1.1 404 No\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
            "404 data:hi end rst:NO_ERROR"},
           {upgrade("p"), "HTTP/1.1 204 No\r\n\r\n", "204 end rst:NO_ERROR"},
           {upgrade("p"), "HTTP/1.1 101 Ok\r\nConnection: upgrade\r\n\r\n", "502 end rst:NO_ERROR"},
           {upgrade("p"), "HTTP/1.1 101 Ok\r\nConnection: upgrade\r\nUpgrade: q\r\n\r\n", "502 end rst:NO_ERROR"},
           {upgrade("p"), "HTTP/1.1 426 No\r\nUpgrade: q\r\nContent-Length: 0\r\n\r\n", "426 end rst:NO_ERROR"},
           {upgrade("p"), "garbage\r\n\r\n", "502 end rst:NO_ERROR"},
           {upgrade("p"), "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n",
            "502 end rst:NO_ERROR"},
           {get_request(), raw_switch, "502 end rst:NO_ERROR"},  // PXY-07: 101 that nobody asked for
           {connect("websocket"), ok, "502 end rst:NO_ERROR"},
           {connect("websocket"), "HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n", "401 end rst:NO_ERROR"},
           {connect("q"), "HTTP/1.1 101 Ok\r\nConnection: upgrade\r\nUpgrade: q\r\n\r\n", "200"},
       }) {
    for (const std::size_t piece : {1u, 1000u}) {
      ProxyTable table({}, piece);
      table.ask(1, request);
      auto words = table.answer(answer);
      EXPECT_EQ(words == "200 data:h data:i end rst:NO_ERROR"   ? "200 data:hi end rst:NO_ERROR"
                : words == "404 data:h data:i end rst:NO_ERROR" ? "404 data:hi end rst:NO_ERROR"
                                                                : words,
                heard)
          << quoted(answer);
    }
  }
}

// PXY-11, BODY-05
TEST(Proxy21, EarlyOctetsWaitForTheSwitchAndAreThrownAwayOnADecline) {
  const auto request = upgrade("p", {{"content-length", "5"}});
  ProxyTable table;
  table.ask(1, request);
  table.client({data(1, "hel"), data(1, "loGET /stolen HTTP/1.1\r\n\r\n")});
  EXPECT_EQ(table.origin(), raw_request("content-length: 5\r\n") + "hello");
  EXPECT_EQ(table.answer(raw_switch + "first words"), "101 data:first words");
  EXPECT_EQ(table.origin(), "GET /stolen HTTP/1.1\r\n\r\n");

  ProxyTable declined;
  declined.ask(1, request);
  declined.client({data(1, "helloGET /stolen HTTP/1.1\r\n\r\n")});
  EXPECT_EQ(declined.answer(empty_200), "200 end rst:NO_ERROR");
  EXPECT_EQ(declined.ask(3, get_request(), true), "");
  EXPECT_EQ(declined.origin(), raw_request("content-length: 5\r\n") +
                                   "helloGET /p HTTP/1.1\r\nHost: a.example\r\nVia: 2.0 upspec\r\n\r\n");
  EXPECT_EQ(declined.answer(empty_200), "200 end");
}

// PXY-12
TEST(Proxy21, ContentGoesBehindWholeAlsoWhenTheSwitchComesEarly) {
  ProxyTable table;
  table.ask(1, upgrade("p", {{"content-length", "10"}, {"expect", "100-continue"}}));
  EXPECT_EQ(table.origin(), raw_request("content-length: 10\r\nexpect: 100-continue\r\n"));
  EXPECT_EQ(table.answer("HTTP/1.1 100 Continue\r\n\r\n"), "100");
  table.client({data(1, "01234")});
  EXPECT_EQ(table.origin(), "01234");
  EXPECT_EQ(table.answer(raw_switch + "early"), "101 data:early");
  table.client({data(1, "56789channel")});
  EXPECT_EQ(table.origin(), "56789channel");
}

TEST(Proxy21, ContentOfOrdinaryRequestsIsCountedOrChunked) {
  ProxyTable table;
  auto post = get_request();
  post[0].value = "POST";
  EXPECT_EQ(table.ask(1, post), "");
  table.client({data(1, "hello"), data(1, "", true)});
  EXPECT_EQ(table.origin(),
            "POST /p HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\nVia: 2.0 upspec\r\n\r\n"
            "5\r\nhello\r\n0\r\n\r\n");
  EXPECT_EQ(table.answer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"), "200 data:hi end");
  post.push_back({"content-length", "5"});
  table.ask(3, post);
  table.client({data(3, "hello", true)});
  EXPECT_EQ(table.origin(), "POST /p HTTP/1.1\r\nHost: a.example\r\ncontent-length: 5\r\nVia: 2.0 upspec\r\n\r\nhello");
  EXPECT_EQ(table.answer("HTTP/1.1 200 OK\r\n\r\nuntil"), "200 data:until");
  EXPECT_EQ(table.origin_ends(), "end");
  // RFC 9113 8.1.1
  EXPECT_EQ(table.client({table.front().headers(5, post), data(5, "hell", true)}), "rst:PROTOCOL_ERROR");
  EXPECT_EQ(table.client({table.front().headers(7, post), data(7, "hello!", true)}), "rst:PROTOCOL_ERROR");
}

// PXY-13, REQ-05, ATT-02
TEST(Proxy21, WhatIsMalformedNeverReachesTheOrigin) {
  const std::vector<h2::FieldSection> requests = {
      get_request("/p\r\nx: y"),
      get_request("/p q"),
      get_request("/p", {{"x", "a\r\nb"}}),
      get_request("/p", {{"x", "a\0b"s}}),
      get_request("/p", {{"x y", "a"}}),
      get_request("/p", {{"connection", "close"}}),
      upgrade("p; host"),
      upgrade("p\r\nx"),
      upgrade("p;"),
      upgrade("p", {{"content-length", "5"}, {"content-length", "6"}}),
      connect("p\r\n"),
      connect("p q"),
  };
  ProxyTable table;
  std::uint32_t stream = 1;
  for (const auto& request : requests) {
    EXPECT_EQ(table.ask(stream, request, true), "rst:PROTOCOL_ERROR") << quoted(request.back().value);
    stream += 2;
  }
  EXPECT_EQ(table.proxy().links(), 0u);
  ProxyTable plain({.upgrade = false, .connect = false});
  EXPECT_EQ(plain.ask(1, upgrade("p")), "rst:PROTOCOL_ERROR");  // NEG-05
  EXPECT_EQ(plain.ask(3, connect("p")), "rst:PROTOCOL_ERROR");
}

// PXY-09
TEST(Proxy21, TheEndOfOneDirectionLeavesTheOther) {
  ProxyTable table;
  open_channel(table);
  EXPECT_EQ(table.client({data(1, "last", true)}), "");
  EXPECT_EQ(table.origin(), "last[FIN]");
  EXPECT_EQ(table.answer("more"), "data:more");
  EXPECT_EQ(table.origin_ends(), "end");

  open_channel(table, 3, 1);
  EXPECT_EQ(table.answer("last", 1), "data:last");
  EXPECT_EQ(table.origin_ends(Closing::fin, 1), "end");
  table.client({data(3, "more")});
  EXPECT_EQ(table.origin(1), "more");
  table.client({data(3, "", true)});
  EXPECT_EQ(table.origin(1), "[closed]");
}

TEST(Proxy21, AnAbortGoesThroughBothWays) {
  ProxyTable table;
  open_channel(table);
  table.client({h2::rst_stream(1, 8)});
  EXPECT_EQ(table.origin(), "[RST]");
  open_channel(table, 3, 1);
  table.answer("queued", 1);
  EXPECT_EQ(table.origin_ends(Closing::reset, 1), "rst:CONNECT_ERROR");
  table.ask(5, connect("p"));
  EXPECT_EQ(table.answer(raw_switch, 2), "200");
  EXPECT_EQ(table.origin_ends(Closing::reset, 2), "rst:CANCEL");
  // The connection in front takes all of them with it.
  open_channel(table, 7, 3);
  table.client_ends(Closing::reset);
  EXPECT_EQ(table.origin(3), "[RST]");
  EXPECT_TRUE(table.proxy().finished());
}

// PXY-14
TEST(Proxy21, AConnectionIsUsedAgainOnlyAfterWholeMessages) {
  struct Row {
    std::string answer;
    bool again;
  };
  for (const auto& [answer, again] : std::vector<Row>{
           {empty_200, true},
           {"HTTP/1.1 200 OK\r\nConnection: Close\r\nContent-Length: 0\r\n\r\n", false},
           {"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", false},
           {empty_200 + "x", false},
       }) {
    ProxyTable table;
    table.ask(1, upgrade("p"));
    EXPECT_EQ(table.answer(answer), "200 end rst:NO_ERROR");
    table.ask(3, get_request(), true);
    EXPECT_EQ(table.proxy().links(), again ? 1u : 2u) << quoted(answer);
  }
  // The request was not complete.
  ProxyTable table;
  table.ask(1, upgrade("p", {{"content-length", "5"}}));
  EXPECT_EQ(table.answer(empty_200), "200 end rst:NO_ERROR");
  table.ask(3, get_request(), true);
  EXPECT_EQ(table.proxy().links(), 2u);
  // Octets, or FIN, while it was idle.
  EXPECT_EQ(table.answer(empty_200, 1), "200 end");
  table.answer("x", 1);
  table.ask(5, get_request(), true);
  EXPECT_EQ(table.proxy().links(), 3u);
}

TEST(Proxy21, AStaleConnectionIsAskedAgainElsewhere) {
  ProxyTable table;
  table.ask(1, get_request(), true);
  EXPECT_EQ(table.answer(empty_200), "200 end");
  table.origin();
  table.ask(3, get_request(), true);
  EXPECT_EQ(table.origin_ends(Closing::reset), "");
  EXPECT_EQ(table.proxy().links(), 2u);
  EXPECT_EQ(table.answer(empty_200, 1), "200 end");
  // Not one that may have changed something.
  table.ask(5, upgrade("p"));
  EXPECT_EQ(table.origin_ends(Closing::fin, 1), "502 end rst:NO_ERROR");
}

// PXY-22
TEST(Proxy21, AnOriginThatFailsIsABadGateway) {
  ProxyTable table;
  table.connects = false;
  table.ask(1, upgrade("p"));
  EXPECT_TRUE(table.proxy().is_awaited(0));
  EXPECT_EQ(table.origin_refuses(), "502 end rst:NO_ERROR");
  table.ask(3, get_request(), true);
  table.proxy().timed_out(1);
  EXPECT_EQ(table.run(), "504 end");
  table.connects = true;
  for (std::uint32_t stream = 5; const auto* said : {"", "HTTP/1.1 2", "HTTP/1.1 103 x\r\n\r\n"}) {
    table.ask(stream, get_request(), true);
    const auto link = table.proxy().links() - 1;
    table.answer(said, link);
    EXPECT_EQ(table.origin_ends(Closing::fin, link), "502 end") << said;
    stream += 2;
  }
  table.ask(21, get_request(), true);
  EXPECT_TRUE(table.proxy().is_awaited(5));
  table.proxy().timed_out(5);
  EXPECT_EQ(table.run(), "504 end");
  table.ask(23, get_request(), true);
  EXPECT_EQ(table.answer("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel", 6), "200 data:hel");
  EXPECT_EQ(table.origin_ends(Closing::fin, 6), "rst:INTERNAL_ERROR");
}

// PXY-10, SEC-03, TUN-07
TEST(Proxy21, OctetsStopWhereNobodyReadsAndAreAllThereInTheEnd) {
  ProxyTable table;
  open_channel(table);
  table.client({h2::settings({}), h2::window_update(0, 1u << 24)});
  // The client's window is 65,535 and is not given back.
  const std::string block(16384, 'x');
  std::size_t given = 0;
  while (table.proxy().wants_input(0) && given < (1u << 24)) {
    table.answer(block);
    given += block.size();
  }
  EXPECT_LT(given, 300'000u);
  std::size_t heard = 0;
  for (const auto& frame : table.front().frames())
    if (frame.is(h2::FrameType::data)) heard += frame.payload.size();
  EXPECT_EQ(heard, 65'535u);
  table.client({h2::window_update(1, 1u << 24)});
  heard = 0;
  for (const auto& frame : table.front().frames())
    if (frame.is(h2::FrameType::data)) heard += frame.payload.size();
  EXPECT_EQ(heard, given);
  EXPECT_TRUE(table.proxy().wants_input(0));

  // The origin does not read: the stream's window comes to its end.
  table.origin_reads = false;
  for (std::size_t sent = 0; sent < 65'000; sent += 13'000) table.client({data(1, std::string(13'000, 'y'))});
  const auto before = table.front().window_given(1);
  EXPECT_LT(before, 70'000u);
  table.origin_reads = true;
  EXPECT_EQ(table.origin().size(), 65'000u);
  table.client({h2::ping(as_octets("12345678"))});
  EXPECT_GE(table.front().window_given(1), 32'000u);
}

TEST(Proxy21, ManyStreamsEachWithAConnectionOfItsOwn) {
  ProxyTable table;
  for (std::uint32_t n = 0; n < 20; ++n) open_channel(table, 2 * n + 1, n);
  for (std::uint32_t n = 0; n < 20; ++n) {
    table.client({data(2 * n + 1, cat("word ", n))});
    EXPECT_EQ(table.origin(n), cat("word ", n));
  }
  for (std::uint32_t n = 0; n < 20; ++n) EXPECT_EQ(table.answer(cat("back ", n), n), cat("data:back ", n));
  EXPECT_EQ(table.proxy().links(), 20u);
}

// SEC-01
TEST(Proxy21, RapidResetEndsInOrder) {
  ProxyTable table({.limits = {.most_links = 50}});
  table.connects = false;
  for (std::uint32_t stream = 1; stream < 100; stream += 2)  // gone before a connection was asked for
    table.client({table.front().headers(stream, upgrade("p")), h2::rst_stream(stream, 8)});
  EXPECT_EQ(table.proxy().links(), 0u);
  std::string heard;
  for (std::uint32_t stream = 101; stream < 400 && heard.find("goaway") == std::string::npos; stream += 2) {
    heard += table.ask(stream, upgrade("p"));
    EXPECT_EQ(table.proxy().wish(table.proxy().links() - 1), ProxyTable::Wish::open);
    heard += table.client({h2::rst_stream(stream, 8)});
    EXPECT_EQ(table.proxy().wish(table.proxy().links() - 1), ProxyTable::Wish::over);
  }
  EXPECT_NE(heard.find("goaway:NO_ERROR"), std::string::npos);
  EXPECT_EQ(table.proxy().links(), 50u);
}

// RES-11, TUN-05, BODY-10
TEST(Proxy21, HeadersOnAChannelEndIt) {
  ProxyTable table;
  open_channel(table);
  EXPECT_EQ(table.client({table.front().headers(1, {{"x", "y"}}, true)}), "rst:PROTOCOL_ERROR");
  EXPECT_EQ(table.origin(), "[RST]");
}

// PXY-23
TEST(Proxy21, FramingFieldsInASwitchFrameNothing) {
  for (const auto* field : {"Content-Length: 2", "Transfer-Encoding: chunked"}) {
    ProxyTable table;
    table.ask(1, upgrade("p"));
    EXPECT_EQ(table.answer(cat("HTTP/1.1 101 Ok\r\nUpgrade: p\r\nConnection: upgrade\r\n", field, "\r\n\r\nhello")),
              "101 data:hello");
    EXPECT_EQ(table.front().field("content-length"), "(none)");
  }
}

TEST(Proxy21, EndlessInterimAnswersEndAsABadGateway) {
  ProxyTable table;
  table.ask(1, get_request(), true);
  std::string heard;
  for (int n = 0; n < 200 && heard.find("502") == std::string::npos; ++n)
    heard += table.answer("HTTP/1.1 103 x\r\n\r\n") + " ";
  EXPECT_NE(heard.find("502 end"), std::string::npos);
}

}  // namespace
}  // namespace upspec
