#include "peer/reference_client.hpp"

#include <gtest/gtest.h>

#include "peer/frames_server.hpp"
#include "peer/section_edit.hpp"
#include "ws/frame.hpp"

namespace upspec {
namespace {

using Phase = ReferenceClient::Phase;
using h2::FieldSection;

const Octets no_mask_hello = to_octets(std::string_view("\x81\x05hello"));

// Section 2

TEST(ReferenceClient, WaitsForTheSetting) {
  FramesServer server(client_of(Dialect::upgrade, "websocket"), {});
  EXPECT_EQ(server.take(), "");
  EXPECT_EQ(server.phase(), Phase::waiting);
  EXPECT_EQ(server.send({h2::settings({{h2::setting::enable_upgrade, 1}})}), "request");  // NEG-07
  EXPECT_EQ(server.field(":upgrade"), "websocket");
}

TEST(ReferenceClient, TakesTheDialectThatIsAnnounced) {
  auto options = client_of(Dialect::upgrade, "websocket");
  options.dialect.reset();
  FramesServer connect(options);
  EXPECT_EQ(connect.field(":protocol"), "websocket");
  FramesServer upgrade(options, {{h2::setting::enable_upgrade, 1}});
  EXPECT_EQ(upgrade.field(":upgrade"), "websocket");
}

TEST(ReferenceClient, WrongValuesAreConnectionErrors) {
  for (const auto id : {h2::setting::enable_upgrade, h2::setting::enable_connect_protocol}) {
    FramesServer server(client_of(Dialect::upgrade, "websocket"), {});
    EXPECT_EQ(server.send({h2::settings({{id, 2}})}), "goaway:PROTOCOL_ERROR");
    EXPECT_EQ(server.phase(), Phase::failed);
    EXPECT_TRUE(server.client().finished());
  }
}

// Ordinary requests and declines

TEST(ReferenceClient, AsksForAnOrdinaryAnswer) {
  FramesServer server(client_of(Dialect::upgrade, "none"), {});
  EXPECT_EQ(server.request().front(), (h2::Field{":method", "GET"}));
  EXPECT_EQ(server.field(":upgrade"), "(none)");
  server.answer({{":status", "103"}});
  server.answer({{":status", "200"}, {"content-length", "5"}});
  EXPECT_EQ(server.data("hello", true), "goaway:NO_ERROR");
  EXPECT_EQ(server.phase(), Phase::answered);
  EXPECT_EQ(server.client().status(), 200);
  EXPECT_EQ(server.client().content(), "hello");
}

TEST(ReferenceClient, ClosesItsSideAfterADecline) {
  for (const auto dialect : {Dialect::upgrade, Dialect::connect}) {
    FramesServer server(client_of(dialect, "websocket"));
    server.take();
    EXPECT_EQ(server.answer({{":status", "404"}}), "end");  // RES-10
    EXPECT_EQ(server.data("not here", true), "goaway:NO_ERROR");
    EXPECT_EQ(server.phase(), Phase::answered);
    EXPECT_EQ(server.client().content(), "not here");
  }
}

TEST(ReferenceClient, MalformedAnswersAreReset) {
  const auto right = [](Dialect dialect) {
    FramesServer server(client_of(dialect, "websocket"));
    return accept_of(server.request());
  };
  const auto upgrade = right(Dialect::upgrade);
  const auto changed = [](FieldSection section, std::string_view name, std::string value) {
    set(section, name, std::move(value));
    return section;
  };
  const auto added = [](FieldSection section, std::string name, std::string value) {
    section.insert(section.begin() + 1, {std::move(name), std::move(value)});
    return section;
  };
  const auto dropped = [](FieldSection section, std::string_view name) {
    drop(section, name);
    return section;
  };
  const std::vector<FieldSection> wrong = {
      dropped(upgrade, ":upgrade"),
      added(upgrade, ":upgrade", "websocket"),
      changed(upgrade, ":upgrade", "websocket;"),
      changed(upgrade, ":upgrade", "h2c"),
      changed(upgrade, "connection", "upgrade"),
      dropped(upgrade, "sec-websocket-accept"),
      changed(upgrade, "sec-websocket-accept", "wrong"),
      changed(upgrade, "sec-websocket-protocol", "chat"),
      changed(upgrade, "sec-websocket-extensions", "permessage-deflate"),
      changed(upgrade, "Server", "x"),
      {{":status", "200"}, {":upgrade", "websocket"}},
      {{":status", "103"}, {":upgrade", "websocket"}},
      {{":status", "abc"}},
  };
  for (const auto& section : wrong) {
    FramesServer server(client_of(Dialect::upgrade, "websocket"));
    server.take();
    EXPECT_EQ(server.answer(section), "rst:PROTOCOL_ERROR goaway:NO_ERROR") << section[1].value;
    EXPECT_EQ(server.phase(), Phase::failed);
    EXPECT_FALSE(server.client().trouble().empty());
    EXPECT_EQ(server.data("\x81\x05hello"), "");
    EXPECT_TRUE(server.client().take_messages().empty());
  }
  FramesServer ended(client_of(Dialect::upgrade, "websocket"));
  ended.take();
  EXPECT_EQ(ended.answer(upgrade, true), "rst:PROTOCOL_ERROR goaway:NO_ERROR");
  FramesServer connect(client_of(Dialect::connect, "websocket"));
  connect.take();
  EXPECT_EQ(connect.answer({{":status", "101"}}), "rst:PROTOCOL_ERROR goaway:NO_ERROR");
  FramesServer ordinary(client_of(Dialect::upgrade, "none"));
  ordinary.take();
  EXPECT_EQ(ordinary.answer({{":status", "101"}, {":upgrade", "websocket"}}), "rst:PROTOCOL_ERROR goaway:NO_ERROR");
}

TEST(ReferenceClient, ContentAgainstItsLengthIsMalformed) {
  FramesServer server(client_of(Dialect::upgrade, "none"));
  server.answer({{":status", "200"}, {"content-length", "5"}});
  EXPECT_EQ(server.data("hell", true), "rst:PROTOCOL_ERROR goaway:NO_ERROR");
  EXPECT_EQ(server.phase(), Phase::failed);
}

// The channel

TEST(ReferenceClient, CarriesMessagesAndClosesInOrder) {
  for (const auto dialect : {Dialect::upgrade, Dialect::connect}) {
    FramesServer server(client_of(dialect, "websocket"));
    EXPECT_EQ(server.take(), "");
    EXPECT_EQ(server.answer({{":status", "103"}}), "");  // RES-07
    EXPECT_EQ(server.answer(accept_of(server.request())), "");
    EXPECT_EQ(server.phase(), Phase::open);
    server.client().send(as_octets("hi"));
    EXPECT_EQ(server.take().substr(0, 5), "data:");
    ws::FrameReader reader;
    reader.feed(server.frames().back().payload);
    const auto frame = reader.next();
    ASSERT_TRUE(frame && frame->mask);
    EXPECT_EQ(as_text(frame->payload), "hi");
    server.data(as_text(no_mask_hello));
    EXPECT_EQ(server.client().take_messages(), (std::vector<Octets>{to_octets(std::string_view("hello"))}));
    server.client().end();
    EXPECT_EQ(server.phase(), Phase::open);
    server.data("\x88\x02\x03\xe8", true);
    EXPECT_EQ(server.phase(), Phase::closed);
    EXPECT_TRUE(server.client().finished());
  }
}

TEST(ReferenceClient, EndsThatAreNotInOrderAreTrouble) {
  const auto opened = [] {
    FramesServer server(client_of(Dialect::upgrade, "websocket"));
    server.answer(accept_of(server.request()));
    return server;
  };
  auto without_close = opened();
  without_close.data("", true);
  EXPECT_EQ(without_close.phase(), Phase::failed);
  auto reset = opened();
  reset.send({h2::rst_stream(1, 10)});
  EXPECT_NE(reset.client().trouble().find("CONNECT_ERROR"), std::string::npos);
  auto masked = opened();
  EXPECT_EQ(masked
                .data("\x81\x80"
                      "abcd")
                .substr(0, 5),
            "data:");  // a Close with 1002
  masked.data("", true);
  EXPECT_EQ(masked.phase(), Phase::failed);
  auto headers = opened();
  EXPECT_EQ(headers.answer({{"x", "y"}}, true), "rst:PROTOCOL_ERROR goaway:NO_ERROR");  // RES-11
  auto pushed = opened();
  EXPECT_EQ(pushed.send({h2::push_promise(1, 2, {}, h2::flag::end_headers)}), "goaway:PROTOCOL_ERROR");  // REQ-07
  auto gone = opened();
  gone.client().peer_ended();
  EXPECT_EQ(gone.phase(), Phase::failed);
  EXPECT_TRUE(gone.client().finished());
}

TEST(ReferenceClient, HoldsLittleThatIsNotTaken) {
  FramesServer server(client_of(Dialect::connect, "upspec-echo"));
  server.answer(accept_of(server.request()));
  std::size_t given_back = 0;
  const std::string piece(16384, 'x');
  for (std::size_t sent = 0; sent + piece.size() <= 65535 + given_back && sent < (8u << 20); sent += piece.size()) {
    server.data(piece);
    given_back = 0;
    for (const auto& frame : server.frames())
      if (frame.is(h2::FrameType::window_update) && frame.stream == 1) given_back += *h2::read_window_update(frame);
  }
  EXPECT_LE(given_back, 2u << 20);
  EXPECT_GE(given_back, 1u << 19);
  EXPECT_FALSE(server.client().take_messages().empty());
}

}  // namespace
}  // namespace upspec
