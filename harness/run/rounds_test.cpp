#include "run/rounds.hpp"

#include <gtest/gtest.h>

namespace upspec {
namespace {

CaseResult result(const char* id, Verdict verdict, const char* message = "") {
  CaseResult one;
  one.id = id;
  one.verdict = verdict;
  one.message = message;
  return one;
}

TEST(Rounds, OneRoundIsAsItIs) {
  Rounds rounds;
  rounds.add({result("a", Verdict::fail, "no answer")});
  EXPECT_EQ(rounds.results().at(0).message, "no answer");
}

TEST(Rounds, TheWorstHoldsAndIsCounted) {
  Rounds rounds;
  rounds.add({result("a", Verdict::pass), result("b", Verdict::fail, "no answer"), result("c", Verdict::note, "slow")});
  rounds.add(
      {result("a", Verdict::note, "late"), result("b", Verdict::fail, "no answer"), result("c", Verdict::skip, "off")});
  rounds.add({result("a", Verdict::fail, "reset"), result("b", Verdict::fail, "no answer"),
              result("c", Verdict::note, "slow")});
  const auto all = rounds.results();
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0].message, "in 1 of 3 rounds: reset");
  EXPECT_EQ(all[1].message, "no answer");  // in every round: as a baseline knows it
  EXPECT_EQ(all[2].message, "in 1 of 3 rounds: off");
}

}  // namespace
}  // namespace upspec
