#include "script/talks.hpp"

#include <gtest/gtest.h>

#include <set>

#include "base/text.hpp"
#include "script/flows.hpp"
#include "script/oracles.hpp"
#include "script/proxy_peer.hpp"
#include "script/reference_peers.hpp"
#include "script/shape.hpp"
#include "upgrade/sections.hpp"
#include "ws/frame.hpp"

namespace upspec::script {
namespace {

// Lets a trace read along.
class Traced final : public MemoryPeer {
 public:
  explicit Traced(ServerOptions options) : server_(std::move(options)) {}
  bool connect(LinkId link) override { return server_.connect(link); }
  bool has_opened(LinkId link) override { return server_.has_opened(link); }
  void receive(LinkId link, OctetView octets) override {
    trace.ours(octets);
    server_.receive(link, octets);
  }
  void ended(LinkId link, Closing how) override { server_.ended(link, how); }
  Octets take_output(LinkId link) override {
    auto out = server_.take_output(link);
    trace.theirs(out);
    return out;
  }
  bool finished(LinkId link) override { return server_.finished(link); }

  Trace trace;

 private:
  ReferenceServerPeer server_;
};

const EchoPaths paths{"/echo", "/raw"};

TEST(Talks, TheReferenceOwesNothingAndBreaksNothing) {
  const Ground ground{.dialects = {Dialect::upgrade, Dialect::connect},
                      .scheme = "http",
                      .authority = "localhost",
                      .paths = paths,
                      .fields = {}};
  std::size_t plain = 0, accepted = 0, with_content = 0;
  std::set<std::uint64_t> shapes;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    Random random(seed);
    const auto script = right_talk(ground, random);
    EXPECT_EQ(decode(encode(script)), script) << seed;
    Traced peer({});
    const auto played = run_script(script, peer);
    const auto& link = played.links.at(0);
    EXPECT_TRUE(link.breaches.empty()) << seed << link.breaches.at(0).text << print(script);
    EXPECT_EQ(owed(link, peer.trace, paths).text, "") << seed << "\n" << print(script);
    for (const auto& breach : broken_duties(link, peer.trace, paths))
      ADD_FAILURE() << seed << ": " << breach.text << "\n" << print(script);
    plain += peer.trace.doubt().empty() ? 1 : 0;
    for (const auto& [id, stream] : link.streams) {
      accepted += stream.accepted ? 1 : 0;
      with_content += stream.accepted && content_length(stream.ours.sections.at(0)).value_or(0) != 0 ? 1 : 0;
    }
    for (const auto& finding : judge(script, played)) ADD_FAILURE() << seed << ": " << finding.text << print(script);
    const auto seen = shapes_of(link, peer.trace);
    shapes.insert(seen.begin(), seen.end());
  }
  EXPECT_GT(plain, 200u);
  EXPECT_GT(accepted, 200u);
  EXPECT_GT(with_content, 10u);
  EXPECT_GT(shapes.size(), 300u);
}

TEST(Talks, LongOnesAreRightToo) {
  const Ground ground{.dialects = {Dialect::upgrade, Dialect::connect},
                      .scheme = "http",
                      .authority = "localhost",
                      .paths = paths,
                      .fields = {}};
  std::size_t moved = 0, channels = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    Random random(seed);
    const auto script = long_talk(ground, random);
    EXPECT_EQ(decode(encode(script)), script) << seed;
    Traced peer({});
    const auto played = run_script(script, peer);
    const auto& link = played.links.at(0);
    EXPECT_EQ(peer.trace.doubt(), "") << seed;
    EXPECT_TRUE(link.breaches.empty()) << seed << link.breaches.at(0).text;
    EXPECT_EQ(owed(link, peer.trace, paths).text, "") << seed;
    EXPECT_TRUE(broken_duties(link, peer.trace, paths).empty()) << seed;
    for (const auto& [id, stream] : link.streams) {
      moved = std::max<std::size_t>(moved, stream.theirs.total);
      channels = std::max<std::size_t>(channels, link.streams.size());
    }
  }
  EXPECT_GT(moved, 2 * 65535u);
  EXPECT_GT(channels, 30u);
  Random random(1);
  EXPECT_TRUE(long_talk({}, random).steps.empty());
}

TEST(Talks, ThroughTheReferenceProxyChannelsMoveOctetsBothWays) {
  for (const auto& [role, way] : {std::pair(Role::proxy_21, Way::h2_to_h1), std::pair(Role::proxy_12, Way::h1_to_h2),
                                  std::pair(Role::proxy_22, Way::h2_to_h2)}) {
    const Ground ground{.role = role,
                        .dialects = {Dialect::upgrade, Dialect::connect},
                        .scheme = "http",
                        .authority = "localhost",
                        .paths = paths,
                        .fields = {}};
    std::size_t front = 0, behind = 0;
    for (std::uint64_t seed = 1; seed <= 300; ++seed) {
      Random random(seed);
      const auto script = right_talk(ground, random);
      EXPECT_EQ(decode(encode(script)), script) << seed;
      ProxyOptions options;
      options.way = way;
      ReferenceProxyPeer peer(options);
      const auto played = run_script(script, peer);
      for (const auto& finding : judge(script, played))
        ADD_FAILURE() << seed << ": " << finding.text << "\n" << print(script);
      for (const auto& link : played.links) {
        bool channel = link.switched && link.ours.size() > 300 && link.theirs.size() > 300;
        for (const auto& [id, stream] : link.streams)
          channel = channel || (stream.accepted && stream.ours.total > 0 && stream.theirs.total > 0);
        (link.link.end == End::front ? front : behind) += channel ? 1 : 0;
      }
    }
    EXPECT_GT(front, 20u) << name_of(way);
    EXPECT_GT(behind, 50u) << name_of(way);
  }
}

constexpr const char* echo_script =
    "script server\nfront wait settings\nfront section 1\n    :method: CONNECT\n    :scheme: http\n"
    "    :authority: localhost\n    :path: /raw\n    :protocol: upspec-echo\nfront wait section 1\n"
    "front octets 1 end \"hello\"\nfront wait end 1\n";

Breach judged(std::string_view text, const char* violation) {
  const auto script = parse(text);
  EXPECT_TRUE(script) << script.error().text;
  ServerOptions options;
  const std::vector<std::string> ids = {violation};
  auto violations = Violations::of(ids, ReferenceRole::server);
  EXPECT_TRUE(violations) << violation;
  options.violations = *std::move(violations);
  Traced peer(options);
  const auto played = run_script(*script, peer);
  auto broken = broken_duties(played.links.at(0), peer.trace, paths);
  return broken.empty() ? owed(played.links.at(0), peer.trace, paths) : broken.front();
}

TEST(Duties, AnEchoThatChangesOctetsIsNoticed) {
  for (const auto* variant : {"TUN-01/reversed", "TUN-01/lost", "TUN-01/repeated"})
    EXPECT_EQ(judged(echo_script, variant).requirement, "TUN-01") << variant;
}

// A server that gives no window back: its WINDOW_UPDATEs, of the connection or of streams, get lost.
class Stingy final : public MemoryPeer {
 public:
  explicit Stingy(bool of_connection) : of_connection_(of_connection) {}
  bool connect(LinkId link) override { return peer_.connect(link); }
  bool has_opened(LinkId link) override { return peer_.has_opened(link); }
  void receive(LinkId link, OctetView octets) override {
    trace.ours(octets);
    peer_.receive(link, octets);
  }
  void ended(LinkId link, Closing how) override { peer_.ended(link, how); }
  bool finished(LinkId link) override { return peer_.finished(link); }
  Octets take_output(LinkId link) override {
    Octets out;
    reader_.feed(peer_.take_output(link));
    while (const auto frame = reader_.next())
      if (!frame->is(h2::FrameType::window_update) || (frame->stream == 0) != of_connection_)
        append(out, h2::serialise(*frame));
    trace.theirs(out);
    return out;
  }

  Trace trace;

 private:
  ReferenceServerPeer peer_{{}};
  h2::FrameReader reader_;
  bool of_connection_;
};

TEST(Duties, AWindowThatNobodyGivesBackIsNoticed) {
  const Ground ground{
      .dialects = {Dialect::connect}, .scheme = "http", .authority = "localhost", .paths = paths, .fields = {}};
  for (const bool of_connection : {false, true}) {
    std::size_t told = 0;
    for (std::uint64_t seed = 1; seed <= 30; ++seed) {
      Random random(seed);
      const auto script = long_talk(ground, random);
      Stingy peer(of_connection);
      const auto played = run_script(script, peer);
      const auto missing = owed(played.links.at(0), peer.trace, paths);
      if (missing.requirement.empty()) continue;
      EXPECT_EQ(missing.requirement, "TUN-07") << missing.text << "\n" << print(script);
      ++told;
    }
    EXPECT_GT(told, 5u) << of_connection;
  }
}

// What a field block of ours means that cannot be read is COMPRESSION_ERROR, and no fault of theirs.
TEST(Duties, AConnectionMayEndOverAFieldBlockThatCannotBeRead) {
  const auto script = parse("script server\nfront frame HEADERS 5 END_STREAM|END_HEADERS 45 ad 1d 89\n");
  ASSERT_TRUE(script) << script.error().text;
  Traced peer({});
  const auto played = run_script(*script, peer);
  EXPECT_FALSE(played.links.at(0).goaways.empty());
  EXPECT_TRUE(broken_duties(played.links.at(0), peer.trace, paths).empty());
}

// RFC 9113 6.9: a sender may wait for a window that takes what it has to say.
TEST(Duties, NothingIsOwedBehindAWindowThatDoesNotTakeIt) {
  LinkSeen link;
  auto& stream = link.streams[1];
  stream.ours.sections = {{{":method", "CONNECT"},
                           {":scheme", "http"},
                           {":authority", "localhost"},
                           {":path", "/raw"},
                           {":protocol", "upspec-echo"}}};
  stream.theirs.sections = {{{":status", "200"}}};
  stream.accepted = true;
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
    auto& stream = link.streams[1];
    stream.ours.sections = {{{":method", "CONNECT"},
                             {":scheme", "http"},
                             {":authority", "localhost"},
                             {":path", "/echo"},
                             {":protocol", "websocket"},
                             {"sec-websocket-version", "13"}}};
    stream.theirs.sections = {{{":status", "200"}}};
    stream.accepted = true;
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

// A channel on stream 1, as both ends have it.
struct OnAChannel {
  LinkSeen link;
  Trace trace;

  OnAChannel() {
    auto& stream = link.streams[1];
    stream.ours.sections = {{{":method", "CONNECT"},
                             {":scheme", "http"},
                             {":authority", "localhost"},
                             {":path", "/raw"},
                             {":protocol", "upspec-echo"}}};
    stream.theirs.sections = {{{":status", "200"}}};
    stream.accepted = true;
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
    if (!requirement.empty() && at.trace.offence()->stream == 1)
      EXPECT_EQ(at.missing(), "") << h2::describe(frames.back());
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
  stream.ours.sections[0][3].value = "/echo";
  stream.ours.sections[0][4].value = "websocket";
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
  stream.ours.sections[0][3].value = "/echo";
  stream.ours.sections[0][4].value = "websocket";
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

TEST(Duties, AnAcceptThatDeclaresItsLengthIsNoticed) {
  OnAChannel at;
  at.link.streams[1].theirs.sections[0].push_back({"content-length", "0"});
  const auto broken = broken_duties(at.link, at.trace, paths);
  ASSERT_EQ(broken.size(), 1u);
  EXPECT_EQ(broken[0].requirement, "RES-03");
}

TEST(Duties, ARefusalThoughNoStreamIsOpenIsNoticed) {
  for (const bool over : {true, false}) {
    OnAChannel at;
    at.link.streams[1].ours.ended = over;
    at.link.streams[1].theirs.ended = true;
    at.link.streams[3].ours.sections = at.link.streams[1].ours.sections;
    at.link.streams[3].theirs.reset = 7;
    if (over) at.say({h2::data(1, {}, h2::flag::end_stream)});
    at.hear({h2::data(1, {}, h2::flag::end_stream)});
    at.say({h2::headers(3, {}, h2::flag::end_headers)});
    at.hear({h2::rst_stream(3, 7)});
    const auto broken = broken_duties(at.link, at.trace, paths);
    EXPECT_EQ(std::ranges::count(broken, "TUN-09", &Breach::requirement), over ? 1 : 0);
  }
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
  EXPECT_EQ(broken[0].requirement, "TUN-10");
  at.link.streams[1].theirs.reset.reset();
  at.link.closing = Closing::fin;
  EXPECT_TRUE(broken_duties(at.link, at.trace, paths).empty());
}

TEST(Trace, APlainlyRightConnectionRaisesNoDoubt) {
  Trace trace;
  trace.ours(as_octets(h2::preface));
  trace.ours(h2::serialise(h2::settings({})));
  EXPECT_EQ(trace.doubt(), "");
  EXPECT_FALSE(trace.acknowledged());
  trace.theirs(h2::serialise(h2::settings_ack()));
  EXPECT_TRUE(trace.acknowledged());
  EXPECT_TRUE(trace.at_border());
}

TEST(Trace, WhatIsNotPlainlyRightRaisesDoubt) {
  const std::vector<h2::Frame> odd = {h2::data(1, as_octets("x")), h2::window_update(0, 0), h2::rst_stream(1, 8),
                                      h2::headers(2, {}, 4),       h2::goaway(0, 1),        h2::priority(3, 3, 1),
                                      h2::ping(Octets(8), true)};
  for (const auto& frame : odd) {
    Trace trace;
    trace.ours(as_octets(h2::preface));
    trace.ours(h2::serialise(h2::settings({})));
    trace.ours(h2::serialise(frame));
    EXPECT_NE(trace.doubt(), "") << h2::describe(frame);
  }
}

// RFC 9113 5.5 and 6.8: they change nothing for what is open.
TEST(Trace, GoawayAndFramesOfUnknownTypesAreRight) {
  Trace trace;
  trace.ours(as_octets(h2::preface));
  trace.ours(h2::serialise(h2::settings({})));
  trace.ours(h2::serialise(h2::headers(1, {}, h2::flag::end_headers)));
  trace.ours(h2::serialise({.type = 0xfa, .flags = 0, .stream = 0, .payload = Octets(3)}));
  EXPECT_FALSE(trace.said_goodbye());
  trace.ours(h2::serialise(h2::goaway(0, 0)));
  trace.ours(h2::serialise(h2::data(1, as_octets("goes on"))));
  EXPECT_EQ(trace.doubt(), "");
  EXPECT_TRUE(trace.said_goodbye());
  trace.ours(h2::serialise(h2::headers(3, {}, h2::flag::end_headers)));
  EXPECT_NE(trace.doubt(), "");
}

TEST(Trace, AFrameThatIsNotWholeIsNoBorder) {
  Trace trace;
  trace.ours(as_octets(h2::preface));
  trace.ours(OctetView(h2::serialise(h2::ping(as_octets("12345678")))).first(12));
  EXPECT_FALSE(trace.at_border());
}

}  // namespace
}  // namespace upspec::script
