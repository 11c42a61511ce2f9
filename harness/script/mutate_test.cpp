#include "script/mutate.hpp"

#include <gtest/gtest.h>

#include <set>

#include "base/text.hpp"

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

TEST(Mutate, OneInSixteenIsRaw) {
  const auto octets = encode(seed());
  int raw = 0;
  for (std::uint64_t i = 0; i < 1600; ++i)
    mutate_octets(octets, 4096, i, [&](Octets all, std::size_t) { return ++raw, all; });
  EXPECT_NEAR(raw, 100, 40);
}

}  // namespace
}  // namespace upspec::script
