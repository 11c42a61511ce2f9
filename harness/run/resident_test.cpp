#include "run/resident.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>

#include "base/text.hpp"
#include "net/process.hpp"

namespace upspec {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

Case pressing(std::vector<std::string> checks) {
  Case one;
  one.checks = std::move(checks);
  one.steps.push_back({});
  one.steps.back().what = Flow{"origin", "client", 1, true};
  return one;
}

// A shell that holds a value of 64 MiB once it is told to, and then lets it go.
TEST(Resident, TheHighestIsSeenAlsoAfterItIsGone) {
  const fs::path folder = fs::path(testing::TempDir()) / "resident-test";
  fs::remove_all(folder);
  fs::create_directories(folder);
  const auto shell = Process::start(
      {.command = {"sh", "-c",
                   "mkfifo go; echo up; read x < go; x=$(head -c 67108864 /dev/zero | tr '\\0' a); x=; echo big; "
                   "read x < go"},
       .directory = folder.string()});
  ASSERT_TRUE(shell) << shell.error().text;
  ASSERT_TRUE(shell->wait_for_output("up", 10s));
  const ResidentWatch watch(shell->pid());
  const auto before = watch.grown();
  std::ofstream(folder / "go") << "now\n";
  ASSERT_TRUE(shell->wait_for_output("big", 60s));
  const auto after = watch.grown();
  fs::remove_all(folder);
  if (!before || !after) GTEST_SKIP() << "the kernel does not tell";
  EXPECT_LT(*before, std::uint64_t{8} << 20);
  EXPECT_GT(*after, std::uint64_t{64} << 20);
}

TEST(Resident, OfNobodyNothingIsSaid) { EXPECT_FALSE(ResidentWatch(1 << 30).grown()); }

TEST(Resident, ACasePressesWhereAFlowIsHeld) {
  EXPECT_TRUE(presses(pressing({"PXY-10"})));
  Case one = pressing({"PXY-10"});
  std::get<Flow>(one.steps.front().what).press = false;
  EXPECT_FALSE(presses(one));
}

TEST(Resident, TooMuchFailsWhatPassedAndIsAddedToWhatFailed) {
  const Case one = pressing({"PXY-10", "SEC-03"});
  CaseResult result;
  judge_growth(result, one, most_growth);
  EXPECT_EQ(result.verdict, Verdict::pass);
  EXPECT_EQ(result.transcript.size(), 1u);
  judge_growth(result, one, most_growth + 1);
  EXPECT_EQ(result.verdict, Verdict::fail);
  EXPECT_EQ(result.requirement, "SEC-03");
  EXPECT_EQ(result.outcome, "resident memory grew by more than 48 MiB");
  CaseResult failed;
  failed.verdict = Verdict::fail;
  failed.outcome = "no back-pressure";
  judge_growth(failed, one, std::uint64_t{70} << 20);
  EXPECT_EQ(failed.outcome, "no back-pressure");
  EXPECT_NE(failed.message.find("grew by 70 MiB"), std::string::npos);
}

}  // namespace
}  // namespace upspec
