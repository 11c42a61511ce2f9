// What the Monitor says of field sections and their order; windows are monitor_flow_test.cpp's, WebSocket frames
// websocket_watch_test.cpp's.
#include "upgrade/monitor.hpp"

#include <gtest/gtest.h>

#include "upgrade/monitor_testing.hpp"

namespace upspec {
namespace {

using D = Dialogue;
using h2::ErrorCode;
using h2::FieldSection;

constexpr auto client = Side::client;
constexpr auto server = Side::server;
const FieldSection ok = {{":status", "200"}};
const FieldSection ws = websocket_request();
const FieldSection yes = websocket_accept();
const FieldSection xc = connect_request();
const FieldSection xc_yes = connect_accept();
const FieldSection posted = with(with(ws, ":method", "POST"), "content-length", "5");

void expect_told(const std::vector<Told>& rows, Side under_test = Side::server, bool needs_setting = true) {
  for (const auto& row : rows) {
    Dialogue dialogue(under_test, needs_setting);
    row.tell(dialogue);
    EXPECT_EQ(dialogue.ids(), row.ids) << row.what << "\n" << texts(dialogue.breaches());
  }
}

TEST(MonitorOfAServer, ASmoothExchangeInEachDialectReportsNothing) {
  expect_told({
      {"upgrade", "",
       [](D& d) {
         d.open().ack(client).ack(server).ws_frame(client, {}).ws_frame(server, {});
         d.ws_frame(server, {true, 0, 8, {}, ws::close_payload(1000)}).ends(server).ends(client);
       }},
      {"connect", "",
       [](D& d) { d.announce().ask(xc).answer(xc_yes).says(client, "a").ws_frame(server, {}).ends(server); }},
      {"h2c", "",
       [](D& d) { d.announce().ask(h2c_request()).answer(h2c_accept()).says(server, "any octets").ends(server); }},
      {"a decline", "",
       [](D& d) { d.announce().ask(ws).answer(ok).says(server, "sorry", true).resets(server, ErrorCode::no_error); }},
      {"interim answers", "", [](D& d) { d.announce().ask(ws).answer({{":status", "103"}}).answer(yes); }},
      {"trailers", "",
       [](D& d) { d.ask(get_request(), true).answer(ok).says(server, "x").answer({{"x-sum", "1"}}, true); }},
      {"a tester's own faults are not judged", "",
       [](D& d) {
         d.announce().ask(with(ws, "connection", "x")).says(client, "early").answer({{":status", "400"}}, true);
       }},
  });
}

TEST(MonitorOfAServer, AnAcceptNeedsTheAnnouncement) {
  const std::vector<Told> rows = {
      {"upgrade", "NEG-01", [](D& d) { d.settings(server, {}).ask(ws).answer(yes); }},
      {"0", "NEG-01", [](D& d) { d.settings(server, {{h2::setting::enable_upgrade, 0}}).ask(ws).answer(yes); }},
      {"another value", "NEG-01", [](D& d) { d.settings(server, {{h2::setting::enable_upgrade, 2}}); }},
      {"a decline needs none", "", [](D& d) { d.settings(server, {}).ask(ws).answer({{":status", "400"}}, true); }},
      {"announced later", "", [](D& d) { d.settings(server, {}).announce().ask(ws).answer(yes); }},
      {"connect", "XC-01", [](D& d) { d.settings(server, {}).ask(xc).answer(xc_yes); }},
      {"connect, another value", "XC-01",
       [](D& d) { d.settings(server, {{h2::setting::enable_connect_protocol, 7}}); }},
      {"0 after 1", "NEG-04", [](D& d) { d.announce().settings(server, {{h2::setting::enable_upgrade, 0}}); }},
      {"connect, 0 after 1", "XC-04",
       [](D& d) { d.announce().settings(server, {{h2::setting::enable_connect_protocol, 0}}); }},
      {"1 after 0, 1 after 1", "",
       [](D& d) { d.settings(server, {{h2::setting::enable_upgrade, 0}}).announce().announce(); }},
      {"a client's values mean nothing", "",
       [](D& d) { d.settings(client, {{h2::setting::enable_upgrade, 1}, {h2::setting::enable_upgrade, 0}, {8, 9}}); }},
  };
  expect_told(rows);
  expect_told({{"negotiation none", "", [](D& d) { d.settings(server, {}).ask(ws).answer(yes); }}}, server, false);
}

TEST(MonitorOfAServer, AnAcceptSaysThatTheRequestWasRight) {
  expect_told({
      {"connection field", "REQ-05", [](D& d) { d.announce().ask(with(ws, "connection", "x")).answer(yes); }},
      {"CONNECT", "REQ-04", [](D& d) { d.announce().ask(with(ws, ":method", "CONNECT")).answer(yes); }},
      {"framing attribute", "ATT-02",
       [](D& d) { d.announce().ask(with(ws, ":upgrade", "websocket; te")).answer(yes); }},
      {"grammar", "REQ-08", [](D& d) { d.announce().ask(with(ws, ":upgrade", "websocket;")).answer(yes); }},
      {"no path", "XC-06", [](D& d) { d.announce().ask(without(xc, ":path")).answer(xc_yes); }},
      {"refused by right", "",
       [](D& d) { d.announce().ask(with(ws, "connection", "x")).resets(server, ErrorCode::protocol_error); }},
  });
}

TEST(MonitorOfAServer, TheAcceptIsRight) {
  expect_told({
      {"not offered", "RES-01", [](D& d) { d.announce().ask(ws).answer(with(yes, ":upgrade", "h2c")); }},
      {"END_STREAM", "RES-02", [](D& d) { d.announce().ask(ws).answer(yes, true); }},
      {"content-length", "RES-03", [](D& d) { d.announce().ask(ws).answer(with(yes, "content-length", "0")); }},
      {"framing attribute", "RES-04",
       [](D& d) { d.announce().ask(ws).answer(with(yes, ":upgrade", "websocket; te")); }},
      {"101 to an ordinary request", "RES-06", [](D& d) { d.announce().ask(get_request(), true).answer(yes); }},
      {"101 in connect", "XC-16", [](D& d) { d.announce().ask(xc).answer({{":status", "101"}}); }},
      {"digest", "WS-01", [](D& d) { d.announce().ask(ws).answer(with(yes, "sec-websocket-accept", "x")); }},
      {"subprotocol", "WS-05", [](D& d) { d.announce().ask(ws).answer(with(yes, "sec-websocket-protocol", "x")); }},
      {"empty subprotocol", "WS-05",
       [](D& d) { d.announce().ask(ws).answer(with(yes, "sec-websocket-protocol", "")); }},
      {"capitals in a name", "RES-01", [](D& d) { d.announce().ask(ws).answer(with(yes, "X-Note", "1")); }},
      {"a name that is no token", "RES-01", [](D& d) { d.announce().ask(ws).answer(with(yes, "x note", "1")); }},
      {"space at the end of a value", "RES-01", [](D& d) { d.announce().ask(ws).answer(with(yes, "x-note", "1 ")); }},
      {"extension", "WS-12", [](D& d) { d.announce().ask(ws).answer(with(yes, "sec-websocket-extensions", "x")); }},
      {"subprotocol in connect", "WS-05",
       [](D& d) { d.announce().ask(xc).answer(with(xc_yes, "sec-websocket-protocol", "x")); }},
  });
}

TEST(MonitorOfAServer, OtherAnswersHaveTheirRules) {
  expect_told({
      {":upgrade in 200", "RES-08", [](D& d) { d.announce().ask(ws).answer(with(ok, ":upgrade", "websocket"), true); }},
      {":upgrade in 103", "RES-08",
       [](D& d) { d.announce().ask(ws).answer({{":status", "103"}, {":upgrade", "websocket"}}); }},
      {"426 without", "RES-09", [](D& d) { d.announce().ask(ws).answer({{":status", "426"}}, true); }},
      {"426 with", "", [](D& d) { d.announce().ask(ws).answer({{":status", "426"}, {":upgrade", "h2c"}}, true); }},
      {"426 to an ordinary request", "RES-09",
       [](D& d) { d.announce().ask(get_request(), true).answer({{":status", "426"}, {":upgrade", "h2c"}}, true); }},
      {":upgrade in trailers", "REQ-06",
       [](D& d) { d.ask(get_request(), true).answer(ok).answer({{":upgrade", "x"}}, true); }},
      {"NO_ERROR before the answer", "RES-12", [](D& d) { d.announce().ask(ws).resets(server, ErrorCode::no_error); }},
      {"NO_ERROR within it", "RES-12",
       [](D& d) { d.announce().ask(ws).answer(ok).resets(server, ErrorCode::no_error); }},
      {"NO_ERROR after it", "",
       [](D& d) { d.announce().ask(ws).answer(ok, true).resets(server, ErrorCode::no_error); }},
      {"another code", "", [](D& d) { d.announce().ask(ws).answer(ok).resets(server, ErrorCode::cancel); }},
      {"DATA before the accept", "TUN-01", [](D& d) { d.announce().ask(ws).says(server, "x"); }},
      {"DATA before the answer", "RES-12", [](D& d) { d.announce().ask(get_request(), true).says(server, "x"); }},
      {"empty DATA before it", "", [](D& d) { d.announce().ask(get_request(), true).says(server, ""); }},
  });
}

// RFC 9113 8.1.1, and RFC 9110 6.4.1 for the answers that have no content.
TEST(MonitorOfAServer, AResponseIsAsLongAsItSays) {
  expect_told({
      {"as long", "",
       [](D& d) { d.announce().ask(ws).answer(with(ok, "content-length", "2")).says(server, "ab", true); }},
      {"shorter", "RES-12",
       [](D& d) { d.announce().ask(ws).answer(with(ok, "content-length", "2")).says(server, "a", true); }},
      {"longer", "RES-12",
       [](D& d) {
         d.announce().ask(get_request(), true).answer(with(ok, "content-length", "1")).says(server, "ab", true);
       }},
      {"nothing of it", "RES-12",
       [](D& d) { d.announce().ask(xc).answer({{":status", "404"}, {"content-length", "2"}}, true); }},
      {"shorter, before trailers", "RES-12",
       [](D& d) {
         d.ask(get_request(), true)
             .answer(with(ok, "content-length", "2"))
             .says(server, "a")
             .answer({{"x", "y"}}, true);
       }},
      {"broken off", "",
       [](D& d) {
         d.ask(get_request(), true).answer(with(ok, "content-length", "2")).resets(server, ErrorCode::cancel);
       }},
      {"HEAD", "",
       [](D& d) { d.ask(with(get_request(), ":method", "HEAD"), true).answer(with(ok, "content-length", "2"), true); }},
      {"304", "", [](D& d) { d.ask(get_request(), true).answer({{":status", "304"}, {"content-length", "2"}}, true); }},
      {"of an interim response", "",
       [](D& d) { d.ask(get_request(), true).answer({{":status", "103"}, {"content-length", "2"}}).answer(ok, true); }},
      {"a tunnel", "",
       [](D& d) {
         d.ask({{":method", "CONNECT"}, {":authority", "a:1"}}).answer(with(ok, "content-length", "2")).ends(server);
       }},
  });
}

TEST(MonitorOfAServer, AChannelCarriesDataOnly) {
  expect_told({
      {"HEADERS", "RES-11", [](D& d) { d.open().answer({{"x", "1"}}); }},
      {"HEADERS in connect", "TUN-05", [](D& d) { d.announce().ask(xc).answer(xc_yes).answer({{"x", "1"}}); }},
      {"the tester's HEADERS", "", [](D& d) { d.open().ask({{"x", "1"}}); }},
      {"HEADERS after END_STREAM", "TUN-13", [](D& d) { d.open().ends(server).answer({{"x", "1"}}); }},
      {"DATA after END_STREAM", "TUN-13", [](D& d) { d.open().ends(server).says(server, "x"); }},
      {"DATA after its reset", "TUN-13", [](D& d) { d.open().resets(server, ErrorCode::cancel).says(server, "x"); }},
      {"HEADERS after its reset", "TUN-13",
       [](D& d) { d.announce().ask(ws).resets(server, ErrorCode::cancel).answer(ok); }},
      {"DATA that crosses the tester's reset", "",
       [](D& d) { d.open().resets(client, ErrorCode::cancel).ws_frame(server, {}); }},
      {"WINDOW_UPDATE after END_STREAM", "",
       [](D& d) { d.open().ends(server).frame(server, h2::window_update(1, 5)); }},
      {"a reset of no stream", "TUN-04", [](D& d) { d.announce().resets(server, ErrorCode::cancel, 7); }},
      {"a reset before the request is whole", "",
       [](D& d) {
         d.announce().frame(client, h2::headers(1, as_octets("\x82"), 0)).resets(server, ErrorCode::protocol_error);
       }},
      {"a reset of a closed one", "",
       [](D& d) { d.open().ends(server).ends(client).resets(server, ErrorCode::no_error); }},
      {"PUSH_PROMISE where none is allowed", "TUN-05",
       [](D& d) {
         d.settings(client, {{h2::setting::enable_push, 0}}).open();
         d.frame(server, h2::push_promise(1, 2, d.encoder(server).encode(get_request()), h2::flag::end_headers));
       }},
      {"PUSH_PROMISE where it is", "",
       [](D& d) {
         d.open().frame(server, h2::push_promise(1, 2, d.encoder(server).encode(get_request()), h2::flag::end_headers));
       }},
      {"PUSH_PROMISE of an upgrade", "REQ-07",
       [](D& d) {
         d.open().frame(server, h2::push_promise(1, 2, d.encoder(server).encode(ws), h2::flag::end_headers));
       }},
      {"PRIORITY, an unknown type", "",
       [](D& d) { d.open().frame(server, h2::priority(1, 0, 1)).frame(server, {0x42, 0xff, 1, {1, 2}}); }},
  });
}

TEST(MonitorOfAServer, TheSameBreachOfAStreamIsReportedOnce) {
  Dialogue d;
  d.open().ends(server).says(server, "x").says(server, "y");
  ASSERT_EQ(d.breaches().size(), 1u);
  EXPECT_EQ(d.breaches()[0].stream, 1u);
  d.ask(ws, false, 3).answer(yes, false, 3).ends(server, 3).says(server, "z", false, 3);
  EXPECT_EQ(d.breaches().size(), 2u);
}

TEST(MonitorOfAServer, HostileBreachesAreBounded) {
  Dialogue d;
  for (std::uint32_t stream = 1; stream < 40000; ++stream) d.resets(server, ErrorCode::cancel, stream);
  EXPECT_LE(d.breaches().size(), 1000u);
}

TEST(MonitorOfAServer, WhatCannotBeReadIsNotJudged) {
  const Octets broken = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
  Dialogue d;
  d.announce().frame(client, h2::headers(1, broken, h2::flag::end_headers)).answer(yes).says(server, "x", true);
  EXPECT_EQ(d.ids(), "") << "the tester's block";
  d.ask(get_request(), true, 3).answer(yes, false, 3);
  EXPECT_EQ(d.ids(), "") << "its later ones: the table is lost";

  Dialogue e;
  e.announce()
      .ask(ws)
      .frame(server, h2::headers(1, broken, h2::flag::end_headers))
      .says(server, "x", true)
      .says(server, "y");
  EXPECT_EQ(e.ids(), "") << "the server's block";

  Dialogue padding;  // more padding than payload
  padding.announce().frame(client, {1, h2::flag::end_headers | h2::flag::padded, 1, {200, 1, 2}}).answer(yes);
  EXPECT_EQ(padding.ids(), "") << "a block in a frame that cannot be read";
}

TEST(MonitorOfAServer, ABlockInPiecesIsOneSection) {
  Dialogue d;
  const auto block = d.announce().encoder(client).encode(ws);
  const OctetView view(block);
  d.frame(client, h2::headers(1, view.first(3), 0)).frame(client, h2::continuation(1, {}, 0));
  d.frame(client, h2::continuation(1, view.subspan(3), h2::flag::end_headers)).answer(yes);
  EXPECT_EQ(d.ids(), "");
  d.answer({{"x", "1"}});
  EXPECT_EQ(d.ids(), "RES-11");
}

TEST(MonitorOfAClient, AsksOnlyWhatWasAnnounced) {
  expect_told(
      {
          {"upgrade", "NEG-02", [](D& d) { d.settings(server, {}).ask(ws); }},
          {"connect", "XC-02", [](D& d) { d.settings(server, {}).ask(xc); }},
          {"too early", "NEG-02", [](D& d) { d.ask(ws).announce(); }},
          {"in time", "", [](D& d) { d.announce().ask(ws).ask(xc, false, 3); }},
          {"value 2", "NEG-02", [](D& d) { d.settings(server, {{h2::setting::enable_upgrade, 2}}).ask(ws); }},
          // NEG-04, XC-04: what a client does with a 0 after 1 is not judged; it may not even have come when it asked.
          {"the tester takes it back", "",
           [](D& d) { d.announce().settings(server, {{h2::setting::enable_upgrade, 0}}).ask(ws); }},
          {"the tester takes it back, connect", "",
           [](D& d) { d.announce().settings(server, {{h2::setting::enable_connect_protocol, 0}}).ask(xc); }},
          {"the tester never gave it", "NEG-02",
           [](D& d) { d.settings(server, {{h2::setting::enable_upgrade, 0}}).ask(ws); }},
          {"twice :protocol is no early asking", "XC-07",
           [](D& d) { d.announce().ask(first(xc, ":protocol", "websocket")); }},
      },
      client);
  expect_told({{"negotiation none", "", [](D& d) { d.settings(server, {}).ask(ws); }}}, client, false);
}

TEST(MonitorOfAClient, SendsNoChannelOctetBeforeTheAcceptOrAfterADecline) {
  expect_told(
      {
          {"early", "BODY-04", [](D& d) { d.announce().ask(ws).says(client, "x"); }},
          {"content", "", [](D& d) { d.announce().ask(posted).says(client, "12345"); }},
          {"content and more", "BODY-04",
           [](D& d) { d.announce().ask(posted).says(client, "123").says(client, "456"); }},
          {"empty DATA", "", [](D& d) { d.announce().ask(ws).says(client, ""); }},
          {"after 103", "BODY-04", [](D& d) { d.announce().ask(ws).answer({{":status", "103"}}).says(client, "x"); }},
          {"after a decline", "RES-10", [](D& d) { d.announce().ask(ws).answer(ok).says(client, "x"); }},
          {"END_STREAM after a decline", "", [](D& d) { d.announce().ask(ws).answer(ok).ends(client); }},
          {"content after a decline", "",
           [](D& d) { d.announce().ask(posted).answer(ok).says(client, "12345", true); }},
      },
      client);
}

TEST(MonitorOfAClient, FollowsTheRulesOfSectionsAndStreams) {
  expect_told(
      {
          {"connection field", "REQ-05", [](D& d) { d.announce().ask(with(ws, "connection", "x")); }},
          {":upgrade in trailers", "REQ-06",
           [](D& d) { d.announce().ask(posted).says(client, "12345").ask({{":upgrade", "x"}}, true); }},
          {"a server that speaks first on its stream", "",
           [](D& d) { d.announce().says(server, "x").frame(server, h2::rst_stream(1, 8)).ask(ws); }},
          {"plain trailers", "",
           [](D& d) { d.ask(with(get_request(), ":method", "POST")).says(client, "1").ask({{"x", "1"}}, true); }},
          {"HEADERS on the channel", "RES-11", [](D& d) { d.open().ask({{"x", "1"}}); }},
          {"PUSH_PROMISE", "TUN-05",
           [](D& d) {
             d.open().frame(client,
                            h2::push_promise(1, 2, d.encoder(client).encode(get_request()), h2::flag::end_headers));
           }},
          {"the refusal of a pushed response", "",
           [](D& d) {
             d.open().frame(server,
                            h2::push_promise(1, 2, d.encoder(server).encode(get_request()), h2::flag::end_headers));
             d.resets(client, ErrorCode::refused_stream, 2);
           }},
          {"the tester's answers are not judged", "",
           [](D& d) { d.announce().ask(ws).answer(with(yes, "connection", "x"), true).answer({{"x", "1"}}); }},
      },
      client);
}

}  // namespace
}  // namespace upspec
