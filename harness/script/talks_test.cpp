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

Ground everything_of(Role role) {
  Ground ground;
  ground.role = role;
  ground.dialects = {Dialect::upgrade, Dialect::connect};
  ground.paths = paths;
  return ground;
}

TEST(Talks, TheReferenceOwesNothingAndBreaksNothing) {
  const auto ground = everything_of(Role::server);
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
  const auto ground = everything_of(Role::server);
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
    const auto ground = everything_of(role);
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
