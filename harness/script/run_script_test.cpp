#include "script/run_script.hpp"

#include <gtest/gtest.h>

#include "base/text.hpp"
#include "script/reference_peers.hpp"

namespace upspec::script {
namespace {

constexpr std::string_view echo =
    "script server\n"
    "front wait settings\n"
    "front section 1\n"
    "    :method: GET\n"
    "    :scheme: http\n"
    "    :authority: localhost\n"
    "    :path: /raw\n"
    "    :upgrade: upspec-echo\n"
    "front wait section 1\n"
    "front octets 1 end split=3 \"hello\"\n"
    "front wait end 1\n";

Played run(std::string_view text, EndOptions options = {}) {
  const auto script = parse(text);
  EXPECT_TRUE(script) << (script ? "" : script.error().text);
  ReferenceServerPeer peer({});
  return run_script(*script, peer, options);
}

TEST(RunScript, AnUpgradeIsAcceptedAndEchoes) {
  const auto played = run(echo);
  ASSERT_EQ(played.links.size(), 1u);
  const auto& link = played.links[0];
  ASSERT_TRUE(link.streams.contains(1));
  const auto& stream = link.streams.at(1);
  EXPECT_TRUE(stream.accepted);
  EXPECT_EQ(as_text(stream.theirs.octets), "hello");
  EXPECT_TRUE(stream.theirs.ended);
  EXPECT_TRUE(link.breaches.empty());
  EXPECT_EQ(outcomes(played), "front 1 accept");
  EXPECT_EQ(played.undelivered, 0u);
  EXPECT_FALSE(played.endless);
}

TEST(RunScript, WhatNeverComesIsNotWaitedFor) {
  const auto played = run(cat(echo, "front wait section 7\nfront wait quiescent\nfront abort\nfront raw \"late\"\n"));
  EXPECT_EQ(played.undelivered, 2u);  // the section, and the octets after the abort
}

TEST(RunScript, RawOctetsCountForWhatTheyAre) {
  const auto played =
      run("script server\nfront section 1\n    :method: GET\n    :scheme: http\n    :authority: a\n    :path: /raw\n"
          "    :upgrade: upspec-echo\nfront wait section 1\n"
          "front raw \"\\0\\0\\x05\\0\\x01\\0\\0\\0\\x01world\"\nfront wait octets 1 5\n");
  EXPECT_EQ(as_text(played.links[0].streams.at(1).theirs.octets), "world");
  EXPECT_EQ(as_text(played.links[0].streams.at(1).ours.octets), "world");
}

TEST(RunScript, ATranscriptIsMadeWhereItIsAskedFor) {
  EXPECT_TRUE(run(echo).transcript.empty());
  EXPECT_GT(run(echo, {.transcript = true}).transcript.size(), 5u);
}

TEST(RunScript, AMessageIsCarriedByTheReferenceClient) {
  const auto script = parse(
      "script client\nbehind wait section 1\nbehind section 1\n    :status: 101\n    :upgrade: websocket\n"
      "    sec-websocket-accept: ${accept}\nbehind wait octets 1 1\nbehind websocket 1 text unmasked \"hello\"\n");
  ASSERT_TRUE(script) << script.error().text;
  ClientOptions options;
  options.dialect = Dialect::upgrade;
  options.authority = "localhost";
  ReferenceClientPeer peer(options, to_octets("hello"));
  const auto played = run_script(*script, peer);
  ASSERT_EQ(played.links.size(), 1u);
  EXPECT_EQ(outcomes(played), "behind 1 accept");
  EXPECT_TRUE(played.links[0].breaches.empty());
  EXPECT_EQ(peer.messages(), std::vector<Octets>{to_octets("hello")});
}

}  // namespace
}  // namespace upspec::script
