#include "script/mutate.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <set>
#include <string>

#include "base/text.hpp"
#include "script/mutate_parts.hpp"
#include "upgrade/sections.hpp"

namespace upspec::script {
namespace {

Script seed() {
  const auto script = parse(
      "script server\nfront section 1\n    :method: GET\n    :scheme: http\n    :authority: a\n    :path: /raw\n"
      "    :upgrade: upspec-echo\nfront wait section 1\nfront octets 1 end \"hello\"\n");
  return script.value();
}

Octets add_octet(Octets octets, std::size_t) {
  octets.push_back(0);
  return octets;
}

TEST(Mutate, TheSameSeedGivesTheSameChange) {
  const auto octets = encode(seed());
  for (std::uint64_t i = 0; i < 50; ++i)
    EXPECT_EQ(mutate_octets(octets, 4096, i, add_octet), mutate_octets(octets, 4096, i, add_octet));
}

TEST(Mutate, WhatComesOfItIsAScriptWithinItsLimits) {
  auto octets = encode(seed());
  for (std::uint64_t i = 0; i < 3000; ++i) {
    octets = mutate_octets(octets, 1000, i, add_octet);
    if (i % 3 == 0) octets = cross_octets(octets, encode(seed()), 1000, i);
    ASSERT_LE(octets.size(), 1000u);
    const auto script = decode(octets);
    EXPECT_LE(script.steps.size(), most_steps);
    EXPECT_EQ(decode(encode(script)), script);
  }
}

TEST(Mutate, EveryKindOfStepComesUp) {
  std::set<std::size_t> kinds;
  Random random(1);
  for (int i = 0; i < 2000; ++i) {
    auto script = seed();
    mutate(script, random);
    for (const auto& step : script.steps) kinds.insert(step.what.index());
  }
  EXPECT_EQ(kinds.size(), 8u);
}

// Of a reader of WebSocket frames every decision is met: among them half a code in a Close, and a Ping amid a message.
TEST(Mutate, WebSocketFramesAreWrongInEveryWay) {
  std::set<std::string> met;
  Random random(1);
  for (int i = 0; i < 1000; ++i) {
    const auto step = any_websocket(1, true, random);
    const bool control = step.opcode >= 8, close = step.opcode == 8;
    const auto size = step.payload.size();
    if (close && size == 1) met.insert("half a code");
    if (close && size > 2 && !step.payload.empty() && step.payload.back() >= 0x80) met.insert("bad reason");
    if (control && size > 125) met.insert("long control");
    if (control && !step.fin) met.insert("control in pieces");
    if (!step.masked) met.insert("unmasked");
    if (step.rsv != 0) met.insert("reserved bit");
    if (step.opcode > 10) met.insert("reserved opcode");
    if (step.opcode == 0) met.insert("continuation");
    if (step.opcode == 1 && !step.fin) met.insert("begun");
    if (step.opcode == 9 && step.fin && size < 126 && step.masked && step.rsv == 0) met.insert("ping");
  }
  EXPECT_EQ(met.size(), 10u);
}

TEST(Mutate, WebSocketFramesGoWhereAWebSocketIsAskedFor) {
  const auto script = parse(
      "script server\nfront section 5\n    :method: CONNECT\n    :protocol: websocket\n    :scheme: http\n"
      "    :authority: a\n    :path: /echo\n    sec-websocket-version: 13\nfront wait section 5\n");
  ASSERT_TRUE(script) << script.error().text;
  Random random(1);
  for (int i = 0; i < 50; ++i) {
    auto changed = *script;
    say_websocket(changed, random);
    ASSERT_EQ(changed.steps.size(), 3u);
    const auto& step = changed.steps[std::holds_alternative<WebSocketStep>(changed.steps[1].what) ? 1 : 2];
    EXPECT_EQ(std::get<WebSocketStep>(step.what).stream, 5u);
  }
  auto other = seed();
  say_websocket(other, random);
  EXPECT_EQ(other, seed());
}

// What the section declares, as far as it is a number, and how many octets follow it.
struct Counted {
  std::optional<std::uint64_t> declared;
  std::size_t follow = 0;
};
Counted counted(const Script& script) {
  Counted all;
  for (const auto& step : script.steps) {
    if (const auto* section = std::get_if<SectionStep>(&step.what)) all.declared = content_length(section->fields);
    all.follow += data_of(step);
  }
  return all;
}

TEST(Mutate, ContentIsDeclaredRightOrNearlySo) {
  Random random(1);
  int exact = 0, with_channel = 0, one_more = 0, no_number = 0;
  for (int i = 0; i < 400; ++i) {
    auto script = seed();
    change_content(script, random);
    const auto [declared, follow] = counted(script);
    no_number += declared ? 0 : 1;
    exact += declared == follow ? 1 : 0;
    with_channel += declared && *declared < follow ? 1 : 0;
    one_more += declared == follow + 1 ? 1 : 0;
  }
  EXPECT_GT(exact, 20);
  EXPECT_GT(with_channel, 100);
  EXPECT_GT(one_more, 10);
  EXPECT_GT(no_number, 10);
}

TEST(Mutate, WhatWasContentStaysContent) {
  auto script = seed();
  auto& fields = std::get<SectionStep>(script.steps.front().what).fields;
  fields.push_back({"content-length", "5"});
  auto& octets = std::get<OctetsStep>(script.steps.back().what).octets;
  octets = to_octets("hello, too");
  keep_count(script, 2, 5);
  EXPECT_EQ(content_length(fields), 10u);
  octets.clear();
  keep_count(script, 2, 10);
  EXPECT_EQ(content_length(fields), 0u);
  octets = to_octets("the channel's");
  keep_count(script, 2, 1);
  EXPECT_EQ(content_length(fields), 0u);
}

// A reader of lists and signs, and one of the first field alone, are met.
TEST(Mutate, LengthsComeInEveryForm) {
  std::set<std::string> values;
  std::size_t twice = 0;
  Random random(1);
  for (int i = 0; i < 20000; ++i) {
    h2::FieldSection fields = {{":method", "POST"}, {"content-length", "5"}};
    mutate_fields(fields, random);
    twice += h2::count(fields, "content-length") > 1 ? 1 : 0;
    if (fields.size() == 2 && fields.back().name == "content-length") values.insert(fields.back().value);
  }
  for (const auto* value : {"5, 5", "5,5", "5, 6", "+5", "-5", "05", "0x5", "5 ", "4", "6", "18446744073709551621", ""})
    EXPECT_TRUE(values.contains(value)) << value;
  EXPECT_GT(twice, 100u);
}

TEST(Mutate, OneInSixteenIsRaw) {
  const auto octets = encode(seed());
  int raw = 0;
  for (std::uint64_t i = 0; i < 1600; ++i)
    mutate_octets(octets, 4096, i, [&](const Octets& all, std::size_t) { return ++raw, all; });
  EXPECT_NEAR(raw, 100, 40);
}

}  // namespace
}  // namespace upspec::script
