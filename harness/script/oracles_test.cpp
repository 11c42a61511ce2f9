#include "script/oracles.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <set>

#include "base/text.hpp"
#include "scenario/suite.hpp"
#include "script/convert.hpp"
#include "script/proxy_peer.hpp"
#include "script/reference_peers.hpp"

namespace upspec::script {
namespace {

Violations violation(std::string_view id, ReferenceRole role) {
  const std::vector<std::string> ids{std::string(id)};
  return Violations::of(ids, role).value();
}

const std::vector<Script>& scripts_of_cases() {
  static const auto all = [] {
    std::vector<Script> scripts;
    const auto suite = load_suite(UPSPEC_SOURCE_DIR "/cases").value();
    for (const auto& one : suite.cases)
      if (role_of(one) == Role::server) scripts.push_back(script_of(one, Role::server).value());
    return scripts;
  }();
  return all;
}

// "monitor REQ-02" of the first script in which something is found; "" for none.
std::string first_finding(const ServerOptions& options) {
  for (const auto& script : scripts_of_cases()) {
    ReferenceServerPeer peer(options);
    const auto findings = judge(script, run_script(script, peer));
    if (!findings.empty()) return key_of(findings.front());
  }
  return "";
}

// What shows in the octets of one connection, whatever the script expects. The others are answers that only an
// expectation can blame (a decline, a silence): the suite's cases, and script/duties.hpp.
TEST(Oracles, ViolationsAreBlamedInACase) {
  std::set<std::string> blamed;
  for (const auto& one : all_violations()) {
    if (one.role != ReferenceRole::server) continue;
    ServerOptions options;
    options.violations = violation(one.id, ReferenceRole::server);
    if (!first_finding(options).empty()) blamed.emplace(one.id);
  }
  EXPECT_GT(blamed.size(), 185u) << join({blamed.begin(), blamed.end()}, " ");
  std::ifstream file(UPSPEC_SOURCE_DIR "/fuzz/planted.txt");
  for (std::string role, id; file >> role;) {
    std::getline(file, id);
    if (role != "server" || id.find("PLANT") != id.npos) continue;
    EXPECT_TRUE(blamed.contains(std::string(trim(id)))) << id;
  }
}

TEST(Oracles, TheReferenceIsNeverBlamed) { EXPECT_EQ(first_finding({}), ""); }

constexpr std::string_view offer =
    "front section 1\n    :method: POST\n    :scheme: http\n    :authority: localhost\n    :path: /raw\n"
    "    :upgrade: upspec-echo\n";

std::string found(std::string_view text, std::string_view broken) {
  const auto script = parse(text);
  EXPECT_TRUE(script) << (script ? "" : script.error().text);
  ServerOptions options;
  options.violations = violation(broken, ReferenceRole::server);
  ReferenceServerPeer peer(options);
  std::string all;
  for (const auto& one : judge(*script, run_script(*script, peer))) all += cat(all.empty() ? "" : ", ", key_of(one));
  return all;
}

TEST(Oracles, AnEchoThatDiffersIsSeen) {
  const auto script =
      cat("script server\n", offer, "front wait section 1\nfront octets 1 end \"hello\"\nfront wait end 1\n");
  EXPECT_EQ(found(script, "TUN-01/lost"), "echo TUN-01");
  EXPECT_EQ(found(script, "TUN-01/reversed"), "echo TUN-01");
}

Played proxied(std::string_view text) {
  const auto script = parse(text);
  EXPECT_TRUE(script) << (script ? "" : script.error().text);
  ProxyOptions options;
  options.way = Way::h2_to_h1;
  ReferenceProxyPeer peer(options);
  auto played = run_script(*script, peer);
  EXPECT_EQ(judge(*script, played).size(), 0u);
  return played;
}

constexpr std::string_view through_a_proxy =
    "script proxy-21\nfront wait settings\nfront section 1\n    :method: GET\n    :scheme: http\n"
    "    :authority: localhost\n    :path: /any\n    :upgrade: unheard-of/7\nbehind wait section 1\n"
    "behind raw \"HTTP/1.1 101 Switching Protocols\\r\\nConnection: upgrade\\r\\nUpgrade: unheard-of/7\\r\\n\\r\\n\"\n"
    "front wait section 1\nfront octets 1 \"ping\"\nbehind wait octets 1 100\nbehind octets 1 \"pong\"\n"
    "front wait octets 1 4\n";

TEST(Oracles, BothEndsOfAProxyAgree) {
  auto played = proxied(through_a_proxy);
  EXPECT_EQ(outcomes(played), "front 1 accept, behind accept");
  const auto* behind = played.find({End::behind, 0});
  ASSERT_TRUE(behind);
  EXPECT_TRUE(as_text(behind->theirs).ends_with("\r\n\r\nping"));
  EXPECT_EQ(as_text(played.links[0].streams.at(1).theirs.octets), "pong");
}

// A 101 to nobody (RFC 9112 9.2), which the next request on the connection meets: where its channel begins is open.
TEST(Oracles, AnOriginThatSwitchesUnaskedLeavesItsChannelOpen) {
  constexpr std::string_view request =
      "front section 1\n    :method: GET\n    :scheme: http\n    :authority: localhost\n    :path: /any\n"
      "    :upgrade: unheard-of/7\n";
  const auto second = std::string(request).replace(14, 1, "3");
  proxied(cat("script proxy-21\nfront wait settings\n", request, "behind wait section 1\n",
              "behind raw \"HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\nno\"\nfront wait section 1\n",
              "behind raw joined \"HTTP/1.1 101 Switching Protocols\\r\\nConnection: upgrade\\r\\n\"\n",
              "behind raw \"Upgrade: unheard-of/7\\r\\n\\r\\n\"\n", second, "front wait section 3\n"));
}

// The status line alone says that it is one: a reason may hold anything.
TEST(Oracles, ASwitchIsKnownWhateverItsReasonSays) {
  auto script = std::string(through_a_proxy);
  script.replace(script.find("Switching"), 9, "SwitcHTTP/1.1");
  EXPECT_EQ(outcomes(proxied(script)), "front 1 accept, behind accept");
}

// What a wrong proxy would have shown, made from what the right one did.
TEST(Oracles, WhatAProxyMustNotDoIsSeen) {
  const auto script = parse(through_a_proxy).value();
  const auto judged = [&](auto change) {
    auto played = proxied(through_a_proxy);
    change(played);
    std::vector<std::string> keys;
    for (const auto& one : judge(script, played)) keys.push_back(key_of(one));
    return join(keys, ", ");
  };
  const auto behind = [](Played& played) -> LinkSeen& { return played.links.back(); };
  EXPECT_EQ(judged([&](Played& p) { behind(p).theirs.back() = 'x'; }), "transfer PXY-08");
  EXPECT_EQ(judged([&](Played& p) { p.links[0].streams.at(1).theirs.octets[0] = 'x'; }), "transfer PXY-08");
  EXPECT_EQ(judged([&](Played& p) { behind(p).theirs[5] = 'x'; }), "smuggling SEC-06");
  EXPECT_EQ(judged([&](Played& p) { behind(p).switched = behind(p).theirs.size(); }), "early PXY-11");
  EXPECT_EQ(judged([&](Played& p) { behind(p).switched.reset(); }), "accept PXY-07");
  EXPECT_EQ(judged([&](Played& p) { behind(p).theirs[20] = '\r'; }).substr(0, 9), "smuggling");
}

}  // namespace
}  // namespace upspec::script
