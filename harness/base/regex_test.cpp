#include "base/regex.hpp"

#include <gtest/gtest.h>

namespace upspec {

TEST(Regex, Compiles) {
  EXPECT_TRUE(is_regex("[0-9]+|x"));
  EXPECT_FALSE(is_regex("[0-9"));
}

TEST(Regex, MatchesTheWholeText) {
  EXPECT_TRUE(matches_regex("2.0 proxy", "[0-9.]+ .*"));
  EXPECT_FALSE(matches_regex("2.0 proxy", "[0-9.]+"));
  EXPECT_FALSE(matches_regex(std::string(4097, 'a'), "a*"));
  EXPECT_TRUE(matches_regex(std::string(4096, 'a'), "a*"));
}

TEST(Regex, ReplacesInOrder) {
  const Replacements replacements({{"([0-9]+) ms", "N $1"}, {"N 7", "seven"}});
  EXPECT_EQ(replacements.in("after 7 ms, after 8 ms"), "after seven, after N 8");
}

}  // namespace upspec
