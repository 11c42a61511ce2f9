#include "base/random.hpp"

#include <gtest/gtest.h>

#include <set>

namespace upspec {
namespace {

TEST(Random, Numbers_AreThoseOfSplitmix64) {
  Random random(1234567);
  EXPECT_EQ(random.next(), 6457827717110365317u);
  EXPECT_EQ(random.next(), 3203168211198807973u);
  EXPECT_EQ(random.next(), 9817491932198370423u);
}

TEST(Random, TheSameSeedGivesTheSameRun) {
  Random one(7), other(7), another(8);
  EXPECT_EQ(one.octets(32), other.octets(32));
  EXPECT_NE(one.octets(32), another.octets(32));
}

TEST(Random, Below_ReachesEveryValueAndNoOther) {
  Random random(1);
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 200; ++i) seen.insert(random.below(5));
  EXPECT_EQ(seen, (std::set<std::uint64_t>{0, 1, 2, 3, 4}));
}

}  // namespace
}  // namespace upspec
