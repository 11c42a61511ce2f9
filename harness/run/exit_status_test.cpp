#include "run/exit_status.hpp"

#include <gtest/gtest.h>

namespace upspec {
namespace {

TEST(ExitStatus, TheGravestHolds) {
  EXPECT_EQ(status_of_run({}), 0);
  EXPECT_EQ(status_of_run({.stale = true}), 4);
  EXPECT_EQ(status_of_run({.failed = true, .stale = true}), 1);
  EXPECT_EQ(status_of_run({.unjudged = true, .failed = true, .stale = true}), 3);
  EXPECT_EQ(status_of_run({.interrupted = true, .unjudged = true, .failed = true, .stale = true}), 130);
}

TEST(ExitStatus, ErrorsAloneJudgeNothing) {
  CaseResult error, skip, pass;
  error.verdict = Verdict::error;
  skip.verdict = Verdict::skip;
  EXPECT_TRUE(nothing_judged({error, skip}));
  EXPECT_FALSE(nothing_judged({error, pass}));
  EXPECT_FALSE(nothing_judged({skip}));
  EXPECT_FALSE(nothing_judged({}));
}

}  // namespace
}  // namespace upspec
