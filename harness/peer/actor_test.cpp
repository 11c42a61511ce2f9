#include "peer/actor.hpp"

#include <gtest/gtest.h>

#include <utility>

#include "base/splits.hpp"
#include "base/text.hpp"
#include "peer/server_words_testing.hpp"

namespace upspec {
namespace {

using h2::FieldSection;

const FieldSection get = {{":method", "GET"}, {":scheme", "http"}, {":authority", "a"}, {":path", "/"}};

// An actor, and what is written to and read from it.
struct Desk {
  Actor actor;
  ServerWords server;
  h2::FrameReader reader;

  explicit Desk(std::vector<h2::Setting> settings = {}) : actor({"client", {}, std::move(settings)}) {
    actor.start(0);
    preface = actor.take_output().value_or(Octets{});
  }
  Octets preface;

  void hears(std::string_view words) { actor.receive(server.say(words), 1); }
  void hears_octets(std::string_view text) { actor.receive(as_octets(text), 1); }
  void hears_frame(const h2::Frame& frame) { actor.receive(h2::serialise(frame), 1); }
  // A Desk whose connection has begun.
  Desk& begun() {
    hears("hello");
    sends();
    return *this;
  }
  // The frames that the actor has written since, one line each.
  std::string sends() {
    std::string all;
    while (const auto write = actor.take_output()) reader.feed(*write);
    while (const auto frame = reader.next()) all += cat(all.empty() ? "" : "\n", h2::describe(*frame));
    return all;
  }
  void asks(std::uint32_t stream = 1) { actor.send_section(stream, get, false, {}, std::nullopt, std::nullopt, 2); }
};

TEST(Actor, BeginsWithThePrefaceAndSettingsInOneWrite) {
  Desk desk({{h2::setting::initial_window_size, 10}});
  const auto text = to_text(desk.preface);
  ASSERT_TRUE(text.starts_with(h2::preface));
  EXPECT_EQ(
      text.substr(h2::preface.size()),
      as_text(h2::serialise(h2::settings({{h2::setting::enable_push, 0}, {h2::setting::initial_window_size, 10}}))));
  EXPECT_FALSE(desk.actor.ready());
  desk.hears("hello");
  EXPECT_TRUE(desk.actor.ready());
  EXPECT_EQ(desk.actor.peer_settings().at(h2::setting::enable_upgrade), 1u);
}

TEST(Actor, AnswersSettingsAndPingAndKnowsItsOwnPings) {
  Desk desk;
  desk.hears_frame(h2::settings({}));
  EXPECT_EQ(desk.sends(), "SETTINGS ACK");
  EXPECT_FALSE(desk.actor.settings_acknowledged());
  desk.hears("ack");
  EXPECT_TRUE(desk.actor.settings_acknowledged());
  EXPECT_EQ(desk.sends(), "");
  desk.hears_frame(h2::ping(Octets{1, 2, 3, 4, 5, 6, 7, 8}));
  EXPECT_EQ(desk.sends(), "PING ACK 01 02 03 04 05 06 07 08");

  const auto first = desk.actor.send_ping(3);
  const auto second = desk.actor.send_ping(3);
  EXPECT_NE(first, second);
  Octets payload;
  append_number(payload, second, 8);
  desk.hears_frame(h2::ping(payload, true));
  EXPECT_FALSE(desk.actor.ping_answered(first));
  EXPECT_TRUE(desk.actor.ping_answered(second));
}

TEST(Actor, KnowsWhenThePeerSpeaksNoHttp2WhateverTheCuts) {
  const std::string_view http1 = "HTTP/1.1 400 Bad Request\r\n\r\n";
  for_each_split(as_octets(http1), [](const Pieces& pieces) {
    Desk desk;
    for (const auto piece : pieces) desk.actor.receive(piece, 1);
    EXPECT_TRUE(desk.actor.over());
    EXPECT_NE(desk.actor.broken().find("does not speak HTTP/2"), std::string::npos) << desk.actor.broken();
    EXPECT_EQ(desk.sends(), "");
  });
}

TEST(Actor, ReadsItsPeerWhateverTheCuts) {
  Desk whole;
  const auto octets =
      whole.server.say("hello 101 data:hello data:,world 3:404 3:data:x 3:end 5:rst:CANCEL goaway:NO_ERROR");
  for_each_split(octets, [](const Pieces& pieces) {
    Desk desk;
    for (const auto piece : pieces) desk.actor.receive(piece, 1);
    ASSERT_EQ(desk.actor.broken(), "");
    const auto& one = desk.actor.stream(1)->items;
    ASSERT_EQ(one.size(), 2u);
    EXPECT_EQ(as_text(one[1].octets), "hello,world");
    const auto& three = desk.actor.stream(3)->items;
    ASSERT_EQ(three.size(), 3u);
    EXPECT_EQ(three[2].kind, StreamItem::Kind::end);
    EXPECT_TRUE(desk.actor.stream(3)->over);
    EXPECT_EQ(desk.actor.stream(5)->items[0].code, 8u);
    EXPECT_EQ(desk.actor.goaways(), std::vector<std::uint32_t>{0});
    EXPECT_EQ(desk.actor.stream(7), nullptr);
  });
}

TEST(Actor, WhatCannotBeReadEndsTheReadingWithOneReason) {
  struct Row {
    h2::Frame frame;
    const char* why;
  };
  for (const auto& row :
       {Row{h2::headers(1, Octets{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, 4), "a field block that cannot be decoded"},
        Row{{1, 4 | 8, 1, {9}}, "a field block that cannot be read"},
        Row{h2::continuation(1, {}, 4), "CONTINUATION without HEADERS"},
        Row{{0, 8, 1, {9}}, "DATA that cannot be read"}, Row{{3, 0, 1, {0}}, "RST_STREAM that cannot be read"},
        Row{{4, 0, 0, {0}}, "SETTINGS that cannot be read"}, Row{{7, 0, 0, {0}}, "GOAWAY that cannot be read"}}) {
    Desk desk;
    desk.begun().hears_frame(row.frame);
    EXPECT_TRUE(desk.actor.broken().starts_with(row.why)) << desk.actor.broken();
    const auto lines = desk.actor.transcript().size();
    desk.hears("200.");
    EXPECT_EQ(desk.actor.transcript().size(), lines) << "nothing more is read";
  }
}

TEST(Actor, ABlockHeldOpenDelaysReplies) {
  Desk desk;
  desk.begun();
  const auto block = h2::FieldEncoder().encode(get);
  desk.actor.send(h2::headers(1, OctetView(block).first(2), 0), 2);
  desk.hears_frame(h2::ping(Octets(8)));
  desk.hears_frame(h2::settings({}));
  EXPECT_EQ(desk.sends(), "HEADERS stream=1 2 octets") << "RFC 9113 6.10: nothing between";
  desk.actor.send(h2::continuation(1, OctetView(block).subspan(2), h2::flag::end_headers), 2);
  desk.actor.flush();
  EXPECT_EQ(desk.sends(), cat("CONTINUATION stream=1 END_HEADERS ", block.size() - 2,
                              " octets\nPING ACK 00 00 00 00 00 00 00 00\nSETTINGS ACK"));
}

TEST(Actor, GivesWindowsBackAsOctetsCome) {
  Desk desk;
  desk.begun().asks();
  desk.actor.flush();
  desk.sends();
  desk.hears_frame(h2::data(1, Octets(16383)));
  EXPECT_EQ(desk.sends(), "");
  desk.hears_frame(h2::padded_data(1, {}, 0));
  EXPECT_EQ(desk.sends(), "WINDOW_UPDATE stream=0 +16384\nWINDOW_UPDATE stream=1 +16384") << "padding counts";
  desk.hears_frame(h2::data(1, Octets(16384), h2::flag::end_stream));
  EXPECT_EQ(desk.sends(), "WINDOW_UPDATE stream=0 +16384") << "an ended stream needs none";
}

TEST(Actor, SendsDataAsWindowsAndFrameSizeAllow) {
  struct Row {
    const char* what;
    std::vector<h2::Setting> settings;
    const char* words;  // of the server
    std::size_t octets;
    std::vector<std::size_t> frames;
  };
  constexpr auto window = h2::setting::initial_window_size;
  constexpr auto size = h2::setting::max_frame_size;
  for (const auto& row :
       {Row{"one frame", {}, "", 10, {10}}, Row{"frames of 16384", {}, "", 40000, {16384, 16384, 7232}},
        Row{"up to the connection's window", {{window, 100000}}, "", 70000, {16384, 16384, 16384, 16383}},
        Row{"up to the stream's", {{window, 5}}, "", 10, {5}}, Row{"more of it", {{window, 5}}, "window:3", 10, {8}},
        Row{"a closed one", {{window, 0}}, "", 10, {}},
        Row{"larger frames", {{size, 20000}}, "", 30000, {20000, 10000}},
        Row{"a frame size that no RFC allows", {{size, 0}}, "", 20000, {16384, 3616}},
        Row{"the connection's credit", {{window, 100000}}, "0:window:10", 66000, {16384, 16384, 16384, 16384, 9}}}) {
    Desk desk;
    desk.begun();
    desk.hears_frame(h2::settings(row.settings));
    desk.asks();
    desk.hears(row.words);
    desk.actor.flush();
    while (desk.actor.take_output()) {
    }
    const auto sent = desk.actor.send_data(1, Octets(row.octets), 2);
    desk.actor.flush();
    std::vector<std::size_t> frames;
    std::size_t total = 0;
    while (const auto write = desk.actor.take_output()) desk.reader.feed(*write);
    while (const auto frame = desk.reader.next()) frames.push_back(frame->payload.size());
    for (const auto one : frames) total += one;
    EXPECT_EQ(frames, row.frames) << row.what;
    EXPECT_EQ(sent, total) << row.what;
  }
}

TEST(Actor, ALowerWindowMayLeaveAStreamBelowZero) {
  Desk desk;
  desk.begun().asks();
  EXPECT_EQ(desk.actor.send_data(1, Octets(100), 2), 100u);
  desk.hears_frame(h2::settings({{h2::setting::initial_window_size, 50}}));
  EXPECT_EQ(desk.actor.stream(1)->send_window, -50);
  desk.hears("window:50");
  EXPECT_EQ(desk.actor.send_data(1, Octets(1), 2), 0u);
  EXPECT_TRUE(desk.actor.may_send(1, 0));
  EXPECT_FALSE(desk.actor.may_send(1, 1));
  desk.hears("window:1");
  EXPECT_EQ(desk.actor.send_data(1, Octets(9), 2), 1u);
}

TEST(Actor, CutsAFieldBlockAsItIsTold) {
  const auto sizes = [](const FieldSection& fields, std::optional<std::vector<std::size_t>> cut,
                        std::uint32_t frame_size) {
    Desk desk;
    desk.begun();
    desk.hears_frame(h2::settings({{h2::setting::max_frame_size, frame_size}}));
    desk.sends();
    desk.actor.send_section(1, fields, true, {h2::Indexing::never, false, false}, cut, std::nullopt, 2);
    desk.actor.flush();
    std::vector<std::size_t> all;
    while (const auto write = desk.actor.take_output()) desk.reader.feed(*write);
    while (const auto frame = desk.reader.next()) all.push_back(frame->payload.size());
    return all;
  };
  const FieldSection small = {{"a", "b"}};  // 5 octets
  using Sizes = std::vector<std::size_t>;
  EXPECT_EQ(sizes(small, std::nullopt, 16384), (Sizes{5}));
  EXPECT_EQ(sizes(small, Sizes{1, 0, 2}, 16384), (Sizes{1, 0, 2, 2}));
  EXPECT_EQ(sizes(small, Sizes{99}, 16384), (Sizes{5, 0}));
  const FieldSection large = {{"a", std::string(20000, 'x')}};
  EXPECT_EQ(sizes(large, std::nullopt, 16384).size(), 2u);
  EXPECT_EQ(sizes(large, std::nullopt, 256).size(), 2u) << "a frame size that no RFC allows";
}

TEST(Actor, CountsTheStreamsItHasOpen) {
  Desk desk;
  desk.begun();
  EXPECT_EQ(desk.actor.allowed_streams(), 0xffffffffu);
  EXPECT_EQ(desk.actor.fresh_stream(), 1u);
  desk.asks(1);
  desk.asks(3);
  EXPECT_EQ(desk.actor.open_streams(), 2u);
  EXPECT_EQ(desk.actor.fresh_stream(), 5u);
  desk.hears("200. 3:rst:CANCEL");
  EXPECT_EQ(desk.actor.open_streams(), 0u);
  desk.hears_frame(h2::settings({{h2::setting::max_concurrent_streams, 7}}));
  EXPECT_EQ(desk.actor.allowed_streams(), 7u);
}

TEST(Actor, ASplitGivesWritesOfThatSize) {
  Desk desk;
  desk.begun();
  desk.actor.send_raw(Octets{1, 2, 3}, 2);
  EXPECT_FALSE(desk.actor.has_output()) << "nothing goes before flush";
  desk.actor.flush(2);
  EXPECT_EQ(desk.actor.take_output(), (Octets{1, 2}));
  EXPECT_EQ(desk.actor.take_output(), (Octets{3}));
  EXPECT_EQ(desk.actor.take_output(), std::nullopt);
}

TEST(Actor, TheTranscriptHoldsHostileOctetsHarmless) {
  Desk desk;
  desk.begun();
  desk.actor.receive(
      desk.server.section({{":status", "200"}, {"x\n", "a\r\nb"}, {"x\x1b[31m", "caf\xc3\xa9"}, {"empty", ""}}), 1);
  desk.hears_frame(h2::data(1, as_octets("\x1b[0m\n")));
  desk.hears_frame(h2::goaway(0, 0, "\x07\n"));
  desk.hears_frame({0x42, 0xff, 1, {0x1b}});
  for (const auto& line : desk.actor.transcript())
    for (const char c : line.text) EXPECT_TRUE(c == '\n' || (c >= ' ' && c <= '~')) << line.text;
  std::string all;
  for (const auto& line : desk.actor.transcript()) all += line.text + "\n";
  for (const auto* shown :
       {"\n  :status: 200\n", "\"x\\n\": \"a\\r\\nb\"", "empty: \"\"", "\"\\x1b[0m\\n\"", "UNKNOWN(0x42)"}) {
    EXPECT_NE(all.find(shown), std::string::npos) << shown << " in\n" << all;
  }
}

TEST(Actor, LongFramesAreCutInTheTranscriptAndItEndsSomewhere) {
  Desk desk;
  desk.begun().hears_frame(h2::data(1, Octets(1000)));
  const auto& line = desk.actor.transcript()[desk.actor.transcript().size() - 1];
  EXPECT_EQ(line.octets.size(), TranscriptLine::longest_octets);
  EXPECT_EQ(line.total_octets, 1009u);
  for (std::size_t i = 0; i < Actor::longest_transcript; ++i) desk.hears_frame(h2::ping(Octets(8)));
  EXPECT_EQ(desk.actor.transcript().size(), Actor::longest_transcript + 1);
  EXPECT_EQ(desk.actor.transcript().back().text, "the transcript ends here: too many lines");
  desk.hears("3:404.");
  EXPECT_EQ(desk.actor.stream(3)->items.size(), 2u) << "reading goes on";
}

TEST(Actor, TakesNoMoreThanItsBound) {
  Desk desk;
  desk.begun();
  const auto frame = h2::serialise(h2::data(1, Octets(1u << 20)));
  std::size_t sent = 0;
  while (!desk.actor.over() && sent < 2 * Actor::largest_intake) {
    desk.actor.receive(frame, 1);
    sent += frame.size();
  }
  EXPECT_LE(sent, Actor::largest_intake + frame.size());
  EXPECT_NE(desk.actor.broken().find("no more is read"), std::string::npos);
}

TEST(Actor, AFieldBlockWithoutAnEndIsRefused) {
  Desk desk;
  desk.begun().hears_frame(h2::headers(1, {}, 0));
  for (int i = 0; i < 100 && !desk.actor.over(); ++i) desk.hears_frame(h2::continuation(1, Octets(16384), 0));
  EXPECT_EQ(desk.actor.broken(), "a field block without an end");
}

TEST(Actor, NothingIsAnsweredOnceThePeerHasClosed) {
  Desk desk;
  desk.begun().actor.closed(Closing::fin, 3);
  desk.actor.closed(Closing::reset, 4);
  EXPECT_EQ(desk.actor.closing(), Closing::fin);
  desk.hears_frame(h2::ping(Octets(8)));
  EXPECT_EQ(desk.sends(), "");
  EXPECT_EQ(desk.actor.transcript().back().text, "the peer closed the connection (FIN)");
}

TEST(Actor, TheMonitorBesideItSeesBothSides) {
  Desk desk;
  desk.begun().asks();
  desk.hears("101");
  ASSERT_EQ(desk.actor.monitor().breaches().size(), 1u);
  EXPECT_EQ(desk.actor.monitor().breaches()[0].requirement, "RES-06");
}

}  // namespace
}  // namespace upspec
