#include "peer/reference_server.hpp"

#include <gtest/gtest.h>

#include "base/base64.hpp"
#include "base/splits.hpp"
#include "peer/frames_client.hpp"

namespace upspec {
namespace {

using h2::FieldSection;
using h2::Frame;

const std::string greeting = "200 data:upspec reference server\n end";
const std::string hello = websocket_frame(ws::Opcode::text, "hello");
const std::string hello_back = "data:\x81\x05hello";

TEST(ReferenceServer, AnswersOrdinaryRequests) {
  FramesClient client;
  EXPECT_EQ(client.request(1, get(), true), greeting);
  EXPECT_EQ(client.request(3, with_value(get("/any"), ":method", "HEAD"), true), "200 end");
  EXPECT_EQ(client.request(5, with_value(get("/any"), ":method", "POST")), "");
  EXPECT_EQ(client.send({client.data(5, "some "), client.data(5, "words", true)}), "200 data:some words end");
  EXPECT_EQ(client.field("content-length"), "10");
}

TEST(ReferenceServer, AnnouncesBothDialectsInItsFirstFrame) {
  const FramesClient client;
  const auto settings = h2::read_settings(client.frames().front().payload).value();
  EXPECT_EQ(std::ranges::count(settings, h2::Setting{h2::setting::enable_upgrade, 1}), 1);
  EXPECT_EQ(std::ranges::count(settings, h2::Setting{h2::setting::enable_connect_protocol, 1}), 1);
  EXPECT_EQ(std::ranges::count(settings, h2::Setting{h2::setting::max_concurrent_streams, 100}), 1);
}

TEST(ReferenceServer, EchoesWebSocketMessagesInBothDialects) {
  for (const auto dialect : {Dialect::upgrade, Dialect::connect}) {
    FramesClient client;
    EXPECT_EQ(client.request(1, websocket_offer(dialect)), dialect == Dialect::upgrade ? "101" : "200");
    EXPECT_EQ(client.send({client.data(1, hello)}), hello_back);
    EXPECT_EQ(client.send({client.data(1, websocket_frame(ws::Opcode::close, "\x03\xe8"))}),
              "data:\x88\x02\x03\xe8 end");
    EXPECT_EQ(client.send({client.data(1, "", true)}), "");
    EXPECT_EQ(client.request(3, get(), true), greeting);
  }
}

TEST(ReferenceServer, EchoesOctetsAndTheirEndInBothDialects) {
  for (const auto dialect : {Dialect::upgrade, Dialect::connect}) {
    FramesClient client;
    EXPECT_EQ(client.request(1, raw_offer(dialect)), dialect == Dialect::upgrade ? "101" : "200");
    EXPECT_EQ(client.send({client.data(1, "ab"), client.data(1, "c")}), "data:abc");
    EXPECT_EQ(client.send({client.data(1, "d", true)}), "data:d end");
  }
}

TEST(ReferenceServer, AcceptsInAnyCutOfTheOctets) {
  FramesClient writer;
  Octets octets;
  for (const auto& frame : {writer.headers(1, websocket_offer()), FramesClient::data(1, hello)})
    append(octets, h2::serialise(frame));
  for (std::size_t piece = 1; piece <= octets.size(); ++piece) {
    FramesClient client;
    EXPECT_EQ(client.send_octets(octets, piece), "101 " + hello_back) << piece;
  }
}

// Section 5

TEST(ReferenceServer, ContentComesBeforeTheChannel) {
  FramesClient client;
  const auto offer = with_value(raw_offer(), "content-length", "5");
  EXPECT_EQ(client.request(1, offer), "");
  EXPECT_EQ(client.send({client.data(1, "abcd")}), "");
  EXPECT_EQ(client.send({client.data(1, "eXY")}), "101 data:XY");
}

TEST(ReferenceServer, ExpectIsAnsweredBeforeTheContent) {
  FramesClient client;
  const auto offer = with_value(with_value(raw_offer(), "content-length", "2"), "expect", "100-continue");
  EXPECT_EQ(client.request(1, offer), "100");
  EXPECT_EQ(client.send({client.data(1, "ab", true)}), "101 end");
  EXPECT_EQ(client.send({client.headers(3, offer), client.data(3, "ab")}), "100 101");
}

TEST(ReferenceServer, EarlyEndIsMalformed) {
  FramesClient client;
  EXPECT_EQ(client.request(1, with_value(raw_offer(), "content-length", "5"), true), "rst:PROTOCOL_ERROR");
  client.request(3, with_value(raw_offer(), "content-length", "5"));
  EXPECT_EQ(client.send({client.data(3, "abcd", true)}), "rst:PROTOCOL_ERROR");
  client.request(5, with_value(with_value(get(), ":method", "POST"), "content-length", "5"));
  EXPECT_EQ(client.send({client.data(5, "abcd", true)}), "rst:PROTOCOL_ERROR");
  EXPECT_EQ(client.request(7, get(), true), greeting);
}

TEST(ReferenceServer, OctetsPastTheContentAreThrownAwayOnADecline) {
  FramesClient client;
  const auto offer = with_value(with_value(raw_offer(), ":path", "/"), "content-length", "2");
  client.request(1, offer);
  EXPECT_EQ(client.send({client.data(1, "abPRI * HTTP/2.0")}), greeting + " rst:NO_ERROR");
  EXPECT_EQ(client.send({client.data(1, "more")}), "");
  EXPECT_EQ(client.request(3, get(), true), greeting);
}

TEST(ReferenceServer, HeadersOnAChannelAreAStreamError) {
  FramesClient client;
  client.request(1, raw_offer());
  EXPECT_EQ(client.request(1, {{"x", "y"}}, true), "rst:PROTOCOL_ERROR");
  client.request(3, websocket_offer());
  client.send({client.data(3, "", true)});
  EXPECT_EQ(client.request(3, {{"x", "y"}}, true), "rst:STREAM_CLOSED");
  EXPECT_EQ(client.request(5, get(), true), greeting);
}

TEST(ReferenceServer, UpgradeInTrailersIsMalformed) {
  FramesClient client;
  client.request(1, with_value(get(), ":method", "POST"));
  EXPECT_EQ(client.send({client.data(1, "a"), client.headers(1, {{":upgrade", "websocket"}}, true)}),
            "rst:PROTOCOL_ERROR");
  client.request(3, with_value(get(), ":method", "POST"));
  EXPECT_EQ(client.send({client.data(3, "a"), client.headers(3, {{"x", "y"}}, true)}), "200 data:a end");
}

// What is declined, and how

TEST(ReferenceServer, DeclinesAsTheSameRequestWithoutTheOffer) {
  const FieldSection unknown = with_value(websocket_offer(), ":upgrade", "unheard-of");
  const FieldSection elsewhere = with_value(websocket_offer(), ":path", "/elsewhere");
  const FieldSection nameless = with_value(with_value(get(), ":upgrade", "h2c"), "http2-settings", "");
  for (const auto& offer : {unknown, elsewhere, nameless}) {
    FramesClient client;
    EXPECT_EQ(client.request(1, offer), greeting + " rst:NO_ERROR");
    EXPECT_EQ(client.request(3, offer, true), greeting);
  }
}

TEST(ReferenceServer, RefusesAWrongWebSocketHandshake) {
  FramesClient client;
  EXPECT_EQ(client.request(1, with_value(websocket_offer(), "sec-websocket-version", "8"), true), "426 end");
  EXPECT_EQ(client.request(3, with_value(websocket_offer(), "sec-websocket-version", "8")), "426 end rst:NO_ERROR");
  EXPECT_EQ(client.field(":upgrade"), "websocket");
  EXPECT_EQ(client.field("sec-websocket-version"), "13");
  EXPECT_EQ(client.request(5, with_value(websocket_offer(), "sec-websocket-key", "short")), "400 end rst:NO_ERROR");
  EXPECT_EQ(client.request(7, without(websocket_offer(), "sec-websocket-key")), "400 end rst:NO_ERROR");
  EXPECT_EQ(client.request(9, with_value(websocket_offer(), ":method", "POST")), "400 end rst:NO_ERROR");
}

TEST(ReferenceServer, RefusesInDialectConnect) {
  FramesClient client;
  const auto offer = websocket_offer(Dialect::connect);
  EXPECT_EQ(client.request(1, with_value(offer, ":protocol", "unheard-of")), "501 end rst:NO_ERROR");
  EXPECT_EQ(client.request(3, with_value(offer, ":path", "/raw")), "501 end rst:NO_ERROR");
  EXPECT_EQ(client.request(5, without(offer, ":authority")), "400 end rst:NO_ERROR");
  EXPECT_EQ(client.request(7, with_value(offer, "sec-websocket-version", "8")), "400 end rst:NO_ERROR");
  EXPECT_EQ(client.field(":upgrade"), "(none)");
  EXPECT_EQ(client.request(9, {{":method", "CONNECT"}, {":authority", "test:80"}}), "501 end rst:NO_ERROR");
}

TEST(ReferenceServer, ChoosesTheClientsFirstSubprotocolThatItKnows) {
  FramesClient client;
  client.request(1, with_value(websocket_offer(), "sec-websocket-protocol", "other, superchat, chat"));
  EXPECT_EQ(client.field("sec-websocket-protocol"), "superchat");
  client.request(3, with_value(websocket_offer(), "sec-websocket-protocol", "other"));
  EXPECT_EQ(client.field("sec-websocket-protocol"), "(none)");
}

TEST(ReferenceServer, AServerThatAnnouncesNothingTakesNothing) {
  FramesClient client(ServerOptions{.upgrade = false, .connect = false});
  EXPECT_EQ(client.request(1, websocket_offer()), "rst:PROTOCOL_ERROR");
  EXPECT_EQ(client.request(3, websocket_offer(Dialect::connect)), "rst:PROTOCOL_ERROR");
  EXPECT_EQ(client.request(5, get(), true), greeting);
}

// RFC 9113, where nghttp2 alone would say something else

TEST(ReferenceServer, LateFramesAreStreamClosed) {
  FramesClient client;
  client.request(1, raw_offer());
  client.send({client.data(1, "", true)});
  EXPECT_EQ(client.send({client.data(1, "late")}), "rst:STREAM_CLOSED");
  client.request(3, raw_offer());
  client.send({h2::rst_stream(3, 8)});
  EXPECT_EQ(client.send({client.data(3, "late")}), "rst:STREAM_CLOSED");
  EXPECT_EQ(client.request(5, get(), true), greeting);
}

TEST(ReferenceServer, OneStreamTooManyIsRefusedAlone) {
  FramesClient client;
  std::uint32_t id = 1;
  for (int i = 0; i < 100; ++i, id += 2) EXPECT_EQ(client.request(id, raw_offer()), "101");
  EXPECT_EQ(client.request(id, raw_offer()), "rst:REFUSED_STREAM");
  EXPECT_EQ(client.send({client.data(1, "a")}), "data:a");
  client.send({client.data(1, "", true)});
  EXPECT_EQ(client.request(id + 2, raw_offer()), "101");
}

TEST(ReferenceServer, WindowUpdateOfZeroIsTheStreamsError) {
  FramesClient client;
  client.request(1, raw_offer());
  EXPECT_EQ(client.send({h2::window_update(1, 0)}), "rst:PROTOCOL_ERROR");
  EXPECT_EQ(client.send({h2::window_update(0, 0)}), "goaway:PROTOCOL_ERROR");
  EXPECT_TRUE(client.server().finished());
}

TEST(ReferenceServer, ConnectionErrorsEndTheConnection) {
  const std::vector<Frame> wrong = {h2::push_promise(1, 2, {}, h2::flag::end_headers), h2::data(5, as_octets("idle")),
                                    h2::rst_stream(7, 8), h2::continuation(1, {}, h2::flag::end_headers)};
  for (const auto& frame : wrong) {
    FramesClient client;
    client.request(1, raw_offer());
    EXPECT_EQ(client.send({frame}), "goaway:PROTOCOL_ERROR");
    EXPECT_TRUE(client.server().finished());
  }
  FramesClient client;
  EXPECT_EQ(client.send({h2::data(1, Octets(16385))}), "goaway:FRAME_SIZE_ERROR");
}

TEST(ReferenceServer, AWrongPrefaceIsAConnectionError) {
  ReferenceServer server({});
  server.receive(as_octets("GET / HTTP/1.1\r\n\r\n"));
  EXPECT_FALSE(server.take_output().empty());
  EXPECT_TRUE(server.finished());
}

TEST(ReferenceServer, EndlessHeaderBlocksEnd) {
  FramesClient client;
  Octets flood = h2::serialise(h2::headers(1, {}, 0));
  for (int i = 0; i < 20000; ++i) append(flood, h2::serialise(h2::continuation(1, {}, 0)));
  EXPECT_EQ(client.send_octets(flood), "goaway:ENHANCE_YOUR_CALM");
}

// Section 9. The inner client speaks in frames too.

const std::string inner_settings = "AAMAAABkAAQAAP__";  // MAX_CONCURRENT_STREAMS=100, INITIAL_WINDOW_SIZE=65535

FieldSection h2c_offer(std::string_view method = "GET", std::string settings = inner_settings) {
  auto offer = request_for(Dialect::upgrade, {"h2c", "http", "test", "/", {"http2-settings"}, {}});
  offer.push_back({"http2-settings", std::move(settings)});
  return with_value(offer, ":method", std::string(method));
}

// What the server said in the channel, in words as FramesClient has them; settings and windows too, as "SETTINGS" ...
std::string inner_words(const FramesClient& client, std::uint32_t stream) {
  h2::FrameReader reader;
  for (const auto& frame : client.frames())
    if (frame.is(h2::FrameType::data) && frame.stream == stream) reader.feed(frame.payload);
  std::vector<std::string> words;
  while (auto frame = reader.next()) {
    auto line = h2::describe(*frame);
    words.push_back(line.substr(0, line.find(" ", line.find("stream=") == line.npos ? 0 : line.find("stream="))));
  }
  return join(words, ", ");
}

std::string inner_preface(const std::vector<h2::Frame>& frames) {
  auto octets = to_octets(h2::preface);
  append(octets, h2::serialise(h2::settings({})));
  for (const auto& frame : frames) append(octets, h2::serialise(frame));
  return to_text(octets);
}

TEST(ReferenceServer, H2cAnswersTheRequestOnInnerStreamOne) {
  for (const auto* method : {"GET", "POST", "HEAD"}) {
    FramesClient client;
    EXPECT_EQ(client.request(1, with_value(h2c_offer(method), "content-length", "3")), "");
    client.send({client.data(1, "abc"), client.data(1, inner_preface({}))});
    EXPECT_EQ(client.field(":status"), "101");
    const auto words = inner_words(client, 1);
    EXPECT_EQ(words.substr(0, 8), "SETTINGS") << words;
    EXPECT_NE(words.find("HEADERS stream=1"), words.npos);
    EXPECT_EQ(words.find("DATA stream=1") != words.npos, std::string_view(method) != "HEAD");
  }
}

TEST(ReferenceServer, H2cSettingsApplyFromTheFirstFrame) {
  const auto none = base64url(h2::settings_payload({{h2::setting::initial_window_size, 0}}));
  FramesClient client;
  client.request(1, h2c_offer("GET", none));
  EXPECT_EQ(inner_words(client, 1).find("DATA"), std::string::npos);
  client.send({client.data(1, inner_preface({h2::window_update(1, 5)}))});
  EXPECT_NE(inner_words(client, 1).find("DATA stream=1"), std::string::npos);
}

TEST(ReferenceServer, H2cWithoutRightSettingsIsDeclined) {
  const auto half = base64url(Octets(3));
  const auto too_large = base64url(h2::settings_payload({{h2::setting::initial_window_size, 0x80000000}}));
  FramesClient client;
  EXPECT_EQ(client.request(1, h2c_offer("GET", "!")), "400 end rst:NO_ERROR");
  EXPECT_EQ(client.request(3, h2c_offer("GET", inner_settings + "==")), "400 end rst:NO_ERROR");
  EXPECT_EQ(client.request(5, h2c_offer("GET", half)), "400 end rst:NO_ERROR");
  EXPECT_EQ(client.request(7, h2c_offer("GET", too_large)), "400 end rst:NO_ERROR");
  auto twice = h2c_offer();
  twice.push_back({"http2-settings", inner_settings});
  EXPECT_EQ(client.request(9, twice), greeting + " rst:NO_ERROR");
  EXPECT_EQ(client.request(11, without(h2c_offer(), "http2-settings")), greeting + " rst:NO_ERROR");
}

TEST(ReferenceServer, InnerTroubleStaysInside) {
  FramesClient client;
  client.request(1, h2c_offer());
  client.send({client.data(1, "GET / HTTP/1.1\r\n\r\n")});
  EXPECT_NE(inner_words(client, 1).find("GOAWAY"), std::string::npos);
  EXPECT_TRUE(client.frames().back().has(h2::flag::end_stream));  // H2C-06, H2C-09
  EXPECT_EQ(client.request(3, get(), true), greeting);
  client.request(5, h2c_offer());
  client.send({h2::rst_stream(5, 8)});
  EXPECT_EQ(client.request(7, get(), true), greeting);
}

TEST(ReferenceServer, NestingIsBounded) {
  FramesClient client;
  client.request(1, h2c_offer());
  h2::FieldEncoder encoder;
  const auto block = encoder.encode(h2c_offer());
  client.send({client.data(1, inner_preface({h2::headers(3, block, h2::flag::end_headers)}))});
  const auto words = inner_words(client, 1);
  EXPECT_NE(words.find("RST_STREAM stream=3"), words.npos) << words;  // NEG-05 inside: nothing was announced
}

// The windows

TEST(ReferenceServer, MovesAnyAmountAndHoldsALittle) {
  FramesClient client;
  client.request(1, raw_offer());
  const std::string piece(1000, 'x');
  std::size_t back = 0;
  for (int i = 0; i < 400; ++i) {
    client.send({client.data(1, piece), h2::window_update(0, 1000), h2::window_update(1, 1000)});
  }
  for (const auto& frame : client.frames())
    if (frame.is(h2::FrameType::data)) back += frame.payload.size();
  EXPECT_EQ(back, 400000u);
}

TEST(ReferenceServer, AStalledChannelKeepsItsWindowAndNoOther) {
  FramesClient client({h2::Setting{h2::setting::initial_window_size, 0}});
  client.request(1, raw_offer());
  const std::string piece(16384, 'x');
  std::size_t given_back = 0;
  for (int i = 0; i < 8; ++i) {
    client.send({client.data(1, piece)});
    given_back = 0;
    for (const auto& frame : client.frames())
      if (frame.is(h2::FrameType::window_update) && frame.stream == 1) given_back += *h2::read_window_update(frame);
    if (65535 + given_back < static_cast<std::size_t>(i + 2) * 16384) break;  // the window is closed: as it should be
  }
  EXPECT_LE(given_back, 3u * 65536);
  EXPECT_EQ(client.request(3, with_value(get(), ":method", "HEAD"), true), "200 end");
}

}  // namespace
}  // namespace upspec
