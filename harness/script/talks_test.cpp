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
