#include "run/proxy_subject.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

#include "scenario/suite.hpp"

namespace upspec {
namespace {

const Suite& suite() {
  static const auto loaded = load_suite(UPSPEC_SOURCE_DIR "/cases");
  if (!loaded) throw std::runtime_error(loaded.error().text);
  return *loaded;
}

std::vector<const Case*> proxy_cases(std::string_view way) {
  std::vector<const Case*> some;
  for (const auto& one : suite().cases)
    if (one.role == "proxy" && one.way == way && !one.unannounced && one.needs.empty()) some.push_back(&one);
  return some;
}

std::string refusal(const RunOptions& options) {
  const auto plan = plan_proxy_role(options, std::nullopt);
  return plan ? "" : plan.error().text;
}

TEST(ProxySubject, AProxyByItsAddressNeedsAnOriginsAndTheOtherWayRound) {
  RunOptions options;
  EXPECT_EQ(refusal(options), "");
  options.target = Address{"127.0.0.1", 1};
  EXPECT_NE(refusal(options).find("--origin"), std::string::npos);
  options.origin = Address{"127.0.0.1", 2};
  EXPECT_EQ(refusal(options), "");
  options.target.reset();
  EXPECT_NE(refusal(options).find("--target"), std::string::npos);
}

// Lanes side by side over real sockets: what comes to a lane's door is its own case's.
TEST(ProxySubject, TheReferencePassesInEveryWay) {
  RunOptions options;
  options.jobs = 3;
  const auto plan = plan_proxy_role(options, std::nullopt);
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->lanes, 3u);
  const StopFlag stop;
  const auto subject = ProxySubject::open(*plan, testing::TempDir(), stop);
  ASSERT_TRUE(subject);
  const auto play = (*subject)->player(suite().registry, stop);
  for (const auto* way : {"21", "12", "22"}) {
    std::size_t ended = 0;
    const auto cases = proxy_cases(way);
    play(cases, [&](const Case& one, const Played& result) {
      ++ended;
      EXPECT_EQ(result.result.message, "") << one.id;
      return true;
    });
    EXPECT_EQ(ended, cases.size());
  }
}

TEST(ProxySubject, AProxyThatIsNotThereIsAnError) {
  RunOptions options;
  options.target = Address{"127.0.0.1", 1};
  options.origin = Address{"127.0.0.1", 0};
  const auto plan = plan_proxy_role(options, std::nullopt);
  const StopFlag stop;
  const auto subject = ProxySubject::open(*plan, testing::TempDir(), stop);
  ASSERT_TRUE(subject);
  (*subject)->player(suite().registry, stop)({proxy_cases("21").front()}, [](const Case&, const Played& result) {
    EXPECT_EQ(result.result.verdict, Verdict::error);
    return true;
  });
}

}  // namespace
}  // namespace upspec
