#include "upgrade/handshake.hpp"

#include <gtest/gtest.h>

#include "upgrade/monitor_testing.hpp"
#include "upgrade/sections_testing.hpp"

namespace upspec {
namespace {

const h2::FieldSection ws = websocket_request();
constexpr auto key = "sec-websocket-key";
constexpr auto version = "sec-websocket-version";
constexpr auto settings = "http2-settings";

// RFC 6455 4.2.1.
TEST(Handshake, OfWebSocketInUpgrade) {
  const auto told = [](const h2::FieldSection& request) {
    return ids(check_handshake(request, Dialect::upgrade, "WebSocket"));
  };
  EXPECT_EQ(told(ws), "");
  EXPECT_EQ(told(with(ws, ":method", "POST")), "WS-07");
  EXPECT_EQ(told(without(ws, key)), "WS-03");
  EXPECT_EQ(told(last(ws, key, "dGhlIHNhbXBsZSBub25jZQ==")), "WS-03");
  EXPECT_EQ(told(with(ws, key, "")), "WS-03");
  EXPECT_EQ(told(with(ws, key, "c2hvcnQ=")), "WS-03");
  EXPECT_EQ(told(without(ws, version)), "WS-04");
  EXPECT_EQ(told(last(ws, version, "13")), "WS-04");
  EXPECT_EQ(told(with(ws, version, "8")), "WS-04");
  EXPECT_EQ(told(with(ws, version, "013")), "WS-04");
}

// RFC 8441 5: the key is not looked at.
TEST(Handshake, OfWebSocketInConnect) {
  const auto told = [](const h2::FieldSection& request) {
    return ids(check_handshake(request, Dialect::connect, "websocket"));
  };
  const auto xc = with(connect_request(), version, "13");
  EXPECT_EQ(told(xc), "");
  EXPECT_EQ(told(with(xc, key, "any")), "");
  EXPECT_EQ(told(without(xc, version)), "");
  EXPECT_EQ(told(with(xc, version, "12")), "WS-04");
}

// RFC 7540 3.2.1.
TEST(Handshake, OfH2c) {
  const auto told = [](const h2::FieldSection& request) {
    return ids(check_handshake(request, Dialect::upgrade, "h2c"));
  };
  const auto h2c = h2c_request();
  EXPECT_EQ(told(h2c), "");
  EXPECT_EQ(told(with(h2c, settings, "")), "");
  EXPECT_EQ(told(without(h2c, settings)), "H2C-02");
  EXPECT_EQ(told(last(h2c, settings, "AAMAAABk")), "H2C-02");
  EXPECT_EQ(told(with(h2c, settings, "AAMAAABkAAQ")), "H2C-03");
  EXPECT_EQ(told(with(h2c, settings, "AAMAAAB+")), "H2C-03");
}

TEST(Handshake, AnyOtherProtocolIsItsOwnAffair) {
  const h2::FieldSection request = {{":method", "POST"}, {":upgrade", "upspec-echo"}};
  EXPECT_TRUE(check_handshake(request, Dialect::upgrade, "upspec-echo").empty());
}

// A decline may follow anything.
TEST(Handshake, TheMonitorTellsItOfAnAccept) {
  const auto old = with(ws, version, "8");
  Dialogue accepted, declined;
  EXPECT_EQ(accepted.announce().ask(old).answer(websocket_accept()).ids(), "WS-04");
  EXPECT_EQ(declined.announce().ask(old).answer({{":status", "400"}, {version, "13"}}, true).ids(), "");
}

// What comes on a stream that its sender has reset answers nothing.
TEST(Handshake, BehindAResetOnlyThatIsTold) {
  Dialogue d;
  d.announce().ask(with(ws, version, "8")).resets(Side::server, h2::ErrorCode::protocol_error);
  EXPECT_EQ(d.answer(websocket_accept()).ids(), "TUN-13");
}

TEST(Handshake, A2xxToAnExtendedConnectHasNoEnd) {
  Dialogue ended, open, declined, overlooked;
  const auto xc = connect_request();
  EXPECT_EQ(ended.announce().ask(xc).answer(connect_accept(), true).ids(), "XC-08");
  EXPECT_EQ(open.announce().ask(xc).answer(connect_accept()).ends(Side::server).ids(), "");
  EXPECT_EQ(declined.announce().ask(xc).answer({{":status", "404"}}, true).ids(), "");
  EXPECT_EQ(overlooked.announce().ask(with(xc, ":method", "HEAD")).answer(connect_accept(), true).ids(), "");
}

}  // namespace
}  // namespace upspec
