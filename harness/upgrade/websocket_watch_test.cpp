#include "upgrade/websocket_watch.hpp"

#include <gtest/gtest.h>

#include "base/splits.hpp"
#include "upgrade/monitor_testing.hpp"

namespace upspec {
namespace {

using ws::Frame;
using ws::Opcode;

Frame made(Opcode opcode, std::string_view payload = {}, bool fin = true) {
  return {fin, 0, static_cast<std::uint8_t>(opcode), {}, to_octets(payload)};
}
Frame masked(Frame frame) {
  frame.mask = {{1, 2, 3, 4}};
  return frame;
}
Frame reserved(std::uint8_t rsv) {
  auto frame = made(Opcode::text, "x");
  frame.rsv = rsv;
  return frame;
}
Frame close(std::uint16_t code) { return made(Opcode::close, as_text(ws::close_payload(code))); }

struct Row {
  const char* what;
  std::vector<Frame> frames;  // of a server
  const char* ids;
};

const std::vector<Row> rows = {
    {"a message", {made(Opcode::text, "hello")}, ""},
    {"a fragmented one with a Ping between",
     {made(Opcode::text, "a", false), made(Opcode::ping, "x"), made(Opcode::continuation, "b", false),
      made(Opcode::continuation)},
     ""},
    {"Close without code", {made(Opcode::close)}, ""},
    {"Close, by the registry", {close(1012)}, ""},
    {"Close, private", {close(4999)}, ""},
    {"masked", {masked(made(Opcode::text, "x"))}, "WS-08"},
    {"nothing to continue", {made(Opcode::continuation, "x")}, "WS-09"},
    {"nothing left to continue", {made(Opcode::text, "x"), made(Opcode::continuation, "x")}, "WS-09"},
    {"the last message is not over", {made(Opcode::text, "x", false), made(Opcode::binary, "x")}, "WS-09"},
    {"a frame after Close", {close(1000), made(Opcode::text, "x")}, "WS-10"},
    {"a second Close", {close(1000), close(1000)}, "WS-10"},
    {"reserved opcode", {{true, 0, 3, {}, {}}}, "WS-11"},
    {"reserved control opcode", {{true, 0, 11, {}, {}}}, "WS-11"},
    {"fragmented Ping", {made(Opcode::ping, "x", false)}, "WS-11"},
    {"a Ping of 125", {made(Opcode::ping, std::string(125, 'x'))}, ""},
    {"a Ping of 126", {made(Opcode::ping, std::string(126, 'x'))}, "WS-11"},
    {"Close of one octet", {made(Opcode::close, "x")}, "WS-11"},
    {"Close 1005", {close(1005)}, "WS-11"},
    {"Close 1006", {close(1006)}, "WS-11"},
    {"Close 999", {close(999)}, "WS-11"},
    {"RSV1", {reserved(4)}, "WS-12"},
    {"RSV3", {reserved(1)}, "WS-12"},
};

TEST(WebSocketWatch, EachRuleOfAServersFramesHasItsId) {
  for (const auto& row : rows) {
    Octets octets;
    for (const auto& frame : row.frames) append(octets, ws::serialise(frame));
    for_each_split(octets, [&](const Pieces& pieces) {
      WebSocketWatch watch(false, false);
      std::vector<Breach> breaches;
      for (const auto piece : pieces) watch.saw(piece, breaches);
      EXPECT_EQ(ids(breaches), row.ids) << row.what << "\n" << texts(breaches);
    });
  }
}

TEST(WebSocketWatch, AClientMasksAndAnExtensionMayUseReservedBits) {
  std::vector<Breach> breaches;
  WebSocketWatch watch(true, true);
  watch.saw(ws::serialise(masked(reserved(4))), breaches);
  EXPECT_EQ(ids(breaches), "");
  watch.saw(ws::serialise(made(Opcode::text, "x")), breaches);
  EXPECT_EQ(ids(breaches), "WS-08");
}

TEST(WebSocketWatch, TheMonitorWatchesWhatTheSideUnderTestSaysInAWebSocket) {
  Dialogue of_server, in_connect, of_tester, of_client, raw, declined, halves;
  of_server.open().ws_frame(Side::server, masked({}));
  in_connect.announce().ask(connect_request()).answer(connect_accept()).ws_frame(Side::server, masked({}));
  of_tester.open().ws_frame(Side::client, {});
  of_client = Dialogue(Side::client);
  of_client.open().ws_frame(Side::server, masked({})).ws_frame(Side::client, {});
  raw.announce().ask(h2c_request()).answer(h2c_accept()).ws_frame(Side::server, masked({}));
  declined.announce().ask(websocket_request()).answer({{":status", "200"}}).ws_frame(Side::server, masked({}));
  halves.open().says(Side::server, "\x81").says(Side::server, "").says(Side::server, "\x80").says(Side::server, "mask");
  EXPECT_EQ(of_server.ids(), "WS-08");
  EXPECT_EQ(of_server.breaches().front().stream, 1u);
  EXPECT_EQ(in_connect.ids(), "WS-08");
  EXPECT_EQ(of_tester.ids(), "") << "the tester may break rules";
  EXPECT_EQ(of_client.ids(), "WS-08");
  EXPECT_EQ(raw.ids(), "") << "no WebSocket";
  EXPECT_EQ(declined.ids(), "") << "no channel";
  EXPECT_EQ(halves.ids(), "WS-08") << "frame borders mean nothing";
}

}  // namespace
}  // namespace upspec
