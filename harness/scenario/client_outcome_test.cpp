// The outcomes that a client's answer can have: each row of protocol.md section 1 as a client says it.
#include "scenario/client_outcome.hpp"

#include <gtest/gtest.h>

#include "base/text.hpp"
#include "peer/client_words_testing.hpp"
#include "ws/frame.hpp"

namespace upspec {
namespace {

using State = Judgement::State;

// A server's end that was asked on stream 1 and has taken the request.
struct Asked1 {
  Actor actor{[] {
    ActorOptions options;
    options.link = "server";
    options.monitor.under_test = Side::client;
    options.side = Side::server;
    return options;
  }()};
  ClientWords client;
  Cursor cursor;

  Asked1() {
    actor.start(0);
    hears("hello offer");
    Sight(actor, cursor, 1).take_item();
  }
  // Words of a client, and "fin" and "close-frame".
  void hears(std::string_view all) {
    for (const auto word : words(all)) {
      if (word == "fin") {
        actor.closed(Closing::fin, 1);
      } else if (word == "close-frame") {
        actor.receive(h2::serialise(h2::data(1, close_frame())), 1);
      } else {
        actor.receive(client.say(word), 1);
      }
    }
  }
  static Octets close_frame() {
    return ws::serialise({true, 0, static_cast<std::uint8_t>(ws::Opcode::close),
                          std::array<std::uint8_t, 4>{1, 2, 3, 4}, ws::close_payload(1002, "")});
  }
  Judgement judged(std::string_view outcome) {
    Cursor tried = cursor;
    Sight sight(actor, tried, 1);
    return judge({std::string(outcome), 0, 1}, Dialect::upgrade, sight);
  }
};

// "met RST_STREAM(CANCEL)": the state, and what it was.
std::string after(std::string_view outcome, std::string_view heard) {
  Asked1 one;
  one.hears(heard);
  const auto judged = one.judged(outcome);
  constexpr std::array<std::string_view, 4> names = {"met", "note", "waiting", "missed"};
  return cat(names.at(static_cast<std::size_t>(judged.state)), judged.what.empty() ? "" : " ", judged.what);
}

TEST(ClientOutcome, Malformed) {
  EXPECT_EQ(after("malformed", ""), "waiting");
  EXPECT_EQ(after("malformed", "rst:PROTOCOL_ERROR"), "met RST_STREAM(PROTOCOL_ERROR)");
  EXPECT_EQ(after("malformed", "rst:CANCEL"), "note RST_STREAM(CANCEL)");
  EXPECT_EQ(after("malformed", "goaway:PROTOCOL_ERROR"), "note GOAWAY(PROTOCOL_ERROR)");
  EXPECT_EQ(after("malformed", "fin"), "note the connection was closed");
  EXPECT_EQ(after("malformed", "end"), "waiting");
  EXPECT_EQ(after("malformed", "end fin"), "note the connection was closed");
  EXPECT_EQ(after("malformed", "data:hello rst:PROTOCOL_ERROR"), "missed DATA with octets of the channel");
}

TEST(ClientOutcome, FailsHandshake) {
  EXPECT_EQ(after("fails-handshake", ""), "waiting");
  EXPECT_EQ(after("fails-handshake", "rst:INTERNAL_ERROR"), "met RST_STREAM(INTERNAL_ERROR)");
  EXPECT_EQ(after("fails-handshake", "close-frame"), "waiting") << "an end has to follow";
  EXPECT_EQ(after("fails-handshake", "close-frame end"), "note END_STREAM");
  EXPECT_EQ(after("fails-handshake", "close-frame rst:CANCEL"), "met RST_STREAM(CANCEL)");
  EXPECT_EQ(after("fails-handshake", "end"), "note END_STREAM");
  EXPECT_EQ(after("fails-handshake", "fin"), "note the connection was closed");
  EXPECT_TRUE(after("fails-handshake", "data:hello").starts_with("missed DATA"));
}

TEST(ClientOutcome, GivesUp) {
  EXPECT_EQ(after("gives-up", ""), "waiting");
  EXPECT_EQ(after("gives-up", "end"), "met END_STREAM");
  EXPECT_EQ(after("gives-up", "rst:NO_ERROR"), "met RST_STREAM(NO_ERROR)");
  EXPECT_EQ(after("gives-up", "data:x end"), "missed DATA with octets of the channel");
  EXPECT_EQ(after("gives-up", "fin"), "note the connection was closed");
  EXPECT_EQ(after("gives-up", "goaway:NO_ERROR fin"), "met the connection was closed") << "in order";
}

TEST(ClientOutcome, StreamAndConnectionErrors) {
  EXPECT_EQ(after("stream-error", "data:x end"), "waiting");
  EXPECT_EQ(after("connection-error", "goaway:PROTOCOL_ERROR"),
            "waiting GOAWAY(PROTOCOL_ERROR), but the connection is still open");
}

}  // namespace
}  // namespace upspec
