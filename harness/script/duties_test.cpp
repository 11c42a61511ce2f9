#include "script/duties.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/text.hpp"
#include "ws/frame.hpp"

namespace upspec::script {
namespace {

const EchoPaths paths{"/echo", "/raw"};

// What was accepted, for an echo.
StreamSeen channel_to(const char* path, const char* protocol) {
  StreamSeen stream;
  stream.ours.sections = {{{":method", "CONNECT"},
                           {":scheme", "http"},
                           {":authority", "localhost"},
                           {":path", path},
                           {":protocol", protocol}}};
  stream.theirs.sections = {{{":status", "200"}}};
  stream.accepted = true;
  return stream;
}

// A channel on stream 1, as both ends have it.
struct OnAChannel {
  LinkSeen link;
  Trace trace;

  OnAChannel() {
    link.streams[1] = channel_to("/raw", "upspec-echo");
    trace.ours(as_octets(h2::preface));
    say({h2::settings({}), h2::headers(1, {}, h2::flag::end_headers)});
    hear({h2::settings({}), h2::settings_ack(), h2::headers(1, {}, h2::flag::end_headers)});
  }
  void say(const std::vector<h2::Frame>& frames) {
    for (const auto& frame : frames) trace.ours(h2::serialise(frame));
  }
  void hear(const std::vector<h2::Frame>& frames) {
    for (const auto& frame : frames) trace.theirs(h2::serialise(frame));
  }
  std::string missing() const { return owed(link, trace, paths).requirement; }
};

TEST(Duties, WhatIsCertainlyWrongMustBeCalledSo) {
  const auto end = h2::data(1, {}, h2::flag::end_stream);
  auto padded = h2::padded_data(1, {}, 5);
  padded.payload.resize(5);
  h2::Frame push{static_cast<std::uint8_t>(h2::FrameType::push_promise), h2::flag::end_headers, 1, Octets(4)};
  const std::vector<std::pair<std::vector<h2::Frame>, std::string>> all = {
      {{h2::headers(1, {}, h2::flag::end_headers)}, "TUN-05"},
      {{end, h2::headers(1, {}, h2::flag::end_headers | h2::flag::end_stream)}, "TUN-05"},
      {{push}, "TUN-05"},
      {{end, h2::data(1, as_octets("x"))}, "TUN-13"},
      {{padded}, "TUN-02"},
      {{h2::data(1, Octets(16385))}, "TUN-12"},
      {{h2::window_update(1, 0)}, "TUN-15"},
      {{h2::window_update(0, 0)}, "TUN-15"},
      // Behind something odd, or of a kind that may pass, nothing is certain.
      {{h2::priority(3, 3, 1), h2::data(1, Octets(16385))}, ""},
      {{h2::rst_stream(1, 8), h2::data(1, as_octets("x"))}, ""},
      {{h2::data(3, as_octets("x"))}, ""}};
  for (const auto& [frames, requirement] : all) {
    OnAChannel at;
    at.say(frames);
    EXPECT_EQ(at.missing(), requirement) << h2::describe(frames.back());
    at.link.streams[1].theirs.reset = 1;
    if (!requirement.empty() && at.trace.offence()->stream == 1) {
      EXPECT_EQ(at.missing(), "") << h2::describe(frames.back());
    }
    at.link.goaways = {1};
    EXPECT_EQ(at.missing(), "");
  }
}

TEST(Duties, AnAcceptOfWhatNobodyKnowsIsNoticed) {
  OnAChannel at;
  EXPECT_TRUE(broken_duties(at.link, at.trace, paths).empty());
  at.link.streams[1].ours.sections[0].back().value = "upspec-ech";
  const auto broken = broken_duties(at.link, at.trace, paths);
  ASSERT_EQ(broken.size(), 1u);
  EXPECT_EQ(broken[0].requirement, "XC-10");
}

TEST(Duties, AnEchoBehindOurResetIsToldAsThat) {
  OnAChannel at;
  auto& stream = at.link.streams[1];
  stream.ours.reset = 8;
  stream.theirs.octets = {'x'};
  stream.theirs.total = 1;
  const auto broken = broken_duties(at.link, at.trace, paths);
  ASSERT_EQ(broken.size(), 1u);
  EXPECT_EQ(broken[0].requirement, "TUN-04");
}

TEST(Duties, APingIsAnsweredByItsOctets) {
  for (const bool same : {true, false}) {
    OnAChannel at;
    at.say({h2::ping(as_octets("12345678")), h2::ping(as_octets("abcdefgh"))});
    at.hear({h2::ping(as_octets("abcdefgh"), true), h2::ping(as_octets(same ? "12345678" : "12345679"), true)});
    const auto broken = broken_duties(at.link, at.trace, paths);
    EXPECT_EQ(std::ranges::count(broken, "TUN-11", &Breach::requirement), same ? 0 : 1);
  }
}

// BODY-02.
TEST(Duties, ContentIsNotTheChannels) {
  OnAChannel at;
  auto& stream = at.link.streams[1];
  stream.ours.sections = {{{":method", "POST"},
                           {":scheme", "http"},
                           {":authority", "localhost"},
                           {":path", "/raw"},
                           {":upgrade", "upspec-echo"},
                           {"content-length", "3"}}};
  stream.theirs.sections = {{{":status", "101"}, {":upgrade", "upspec-echo"}}};
  const auto told = [&](std::string_view ours, std::string_view theirs) {
    stream.ours.octets = to_octets(ours);
    stream.ours.total = ours.size();
    stream.theirs.octets = to_octets(theirs);
    stream.theirs.total = theirs.size();
    const auto broken = broken_duties(at.link, at.trace, paths);
    return broken.empty() ? at.missing() : cat("broken ", broken[0].requirement);
  };
  EXPECT_EQ(told("abcdef", "def"), "");
  EXPECT_EQ(told("abcdef", "abcdef"), "broken TUN-01");
  EXPECT_EQ(told("abcdef", ""), "TUN-01");
  EXPECT_EQ(told("ab", ""), "");
}

TEST(Duties, APongHasTheOctetsOfItsPing) {
  OnAChannel at;
  auto& stream = at.link.streams[1];
  stream = channel_to("/echo", "websocket");
  for (const auto* octets : {"first", "second"})
    append(stream.ours.octets, ws::serialise({true, 0, 9, {{1, 2, 3, 4}}, to_octets(std::string_view(octets))}));
  stream.ours.total = stream.ours.octets.size();
  stream.theirs.octets = ws::serialise({true, 0, 10, {}, to_octets(std::string_view("secon"))});
  EXPECT_EQ(at.missing(), "WS-10");
  append(stream.theirs.octets, ws::serialise({true, 0, 10, {}, to_octets(std::string_view("second"))}));
  EXPECT_EQ(at.missing(), "");
}

TEST(Duties, CloseIsAnsweredByClose) {
  OnAChannel at;
  auto& stream = at.link.streams[1];
  stream = channel_to("/echo", "websocket");
  const ws::Frame close{true, 0, 8, {{1, 2, 3, 4}}, ws::close_payload(1000)};
  stream.ours.octets = ws::serialise(close);
  stream.ours.total = stream.ours.octets.size();
  stream.theirs.ended = true;
  const auto broken = broken_duties(at.link, at.trace, paths);
  ASSERT_EQ(broken.size(), 1u);
  EXPECT_EQ(broken[0].requirement, "WS-10");
  stream.theirs.octets = ws::serialise({true, 0, 8, {}, close.payload});
  stream.theirs.total = stream.theirs.octets.size();
  EXPECT_TRUE(broken_duties(at.link, at.trace, paths).empty());
}

// RFC 9110 8.6: the suite makes it a note (XC-08).
TEST(Duties, AnAcceptThatDeclaresItsLengthIsNoFinding) {
  OnAChannel at;
  at.link.streams[1].theirs.sections[0].push_back({"content-length", "0"});
  EXPECT_TRUE(broken_duties(at.link, at.trace, paths).empty());
}

// RFC 9113 8.7: a server may have reasons of its own.
TEST(Duties, AStreamMayBeRefusedThoughNoneIsOpen) {
  OnAChannel at;
  at.link.streams[1].ours.ended = true;
  at.link.streams[1].theirs.ended = true;
  at.link.streams[3].ours.sections = at.link.streams[1].ours.sections;
  at.link.streams[3].theirs.reset = 7;
  at.say({h2::data(1, {}, h2::flag::end_stream)});
  at.hear({h2::data(1, {}, h2::flag::end_stream)});
  at.say({h2::headers(3, {}, h2::flag::end_headers)});
  at.hear({h2::rst_stream(3, 7)});
  EXPECT_TRUE(broken_duties(at.link, at.trace, paths).empty());
}

// RFC 9113 6.8.
TEST(Duties, GoawayOfAClientEndsNoChannel) {
  OnAChannel at;
  at.say({h2::goaway(0, 0), h2::data(1, as_octets("x"))});
  at.link.streams[1].ours.octets = {'x'};
  at.link.streams[1].ours.total = 1;
  EXPECT_EQ(at.missing(), "TUN-01");
  at.link.streams[1].theirs.reset = 8;
  const auto broken = broken_duties(at.link, at.trace, paths);
  ASSERT_EQ(broken.size(), 1u);
  EXPECT_EQ(broken[0].requirement, "TUN-04");
  at.link.streams[1].theirs.reset.reset();
  at.link.closing = Closing::fin;
  EXPECT_TRUE(broken_duties(at.link, at.trace, paths).empty());
}

// RFC 9113 6.9: a sender may wait for a window that takes what it has to say.
TEST(Duties, NothingIsOwedBehindAWindowThatDoesNotTakeIt) {
  LinkSeen link;
  auto& stream = link.streams[1] = channel_to("/raw", "upspec-echo");
  stream.ours.total = 1000;
  const auto owed_with_window = [&](std::uint32_t window) {
    Trace trace;
    trace.ours(as_octets(h2::preface));
    trace.ours(h2::serialise(h2::settings({{h2::setting::initial_window_size, window}})));
    trace.ours(h2::serialise(h2::headers(1, {}, h2::flag::end_headers)));
    trace.theirs(h2::serialise(h2::settings_ack()));
    EXPECT_EQ(trace.doubt(), "");
    return owed(link, trace, paths).requirement;
  };
  EXPECT_EQ(owed_with_window(100), "");
  EXPECT_EQ(owed_with_window(2000), "TUN-01");
  stream.ours.total = 60000;
  EXPECT_EQ(owed_with_window(20000), "TUN-01");
}

TEST(Duties, AConnectionMayEndOverAFrameThatIsNotWhole) {
  LinkSeen link;
  link.goaways = {1};
  Trace trace;
  trace.ours(as_octets(h2::preface));
  trace.ours(h2::serialise(h2::settings({})));
  ASSERT_EQ(broken_duties(link, trace, paths).size(), 1u);
  trace.ours(OctetView(h2::serialise(h2::data(5, as_octets("on an idle stream")))).first(14));
  EXPECT_TRUE(broken_duties(link, trace, paths).empty());
}

// What the server must not wait for: the head of a frame that is wrong, or the first piece of a text that is.
TEST(Duties, AnEchoMayEndOverAFrameThatIsNotWhole) {
  for (const std::string_view begun : {std::string_view("\xc1\x85"), std::string_view("\x01\x82\0\0\0\0\xff\xff", 8)}) {
    LinkSeen link;
    auto& stream = link.streams[1] = channel_to("/echo", "websocket");
    stream.ours.sections[0].push_back({"sec-websocket-version", "13"});
    stream.ours.octets = to_octets(begun);
    stream.ours.total = begun.size();
    stream.theirs.octets = ws::serialise({true, 0, 8, {}, ws::close_payload(1002)});
    stream.theirs.ended = true;
    EXPECT_TRUE(broken_duties(link, {}, paths).empty());
    stream.ours.octets.clear();
    stream.ours.total = 0;
    const auto without_reason = broken_duties(link, {}, paths);
    ASSERT_EQ(without_reason.size(), 1u);
    EXPECT_EQ(without_reason[0].requirement, "TUN-03");
  }
}

}  // namespace
}  // namespace upspec::script
