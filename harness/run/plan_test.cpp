#include "run/plan.hpp"

#include <algorithm>

#include "run/made_up_test.hpp"

namespace upspec {
namespace {

constexpr auto up = Dialect::upgrade;
constexpr auto con = Dialect::connect;

std::vector<std::string> ids(const std::vector<const Case*>& cases) {
  std::vector<std::string> all;
  for (const Case* one : cases) all.push_back(one->id);
  return all;
}

TEST(Scope, WithoutAskingWhatIsAnnouncedIsTested) {
  const DialectScope only_connect{{}, false, true};
  EXPECT_TRUE(only_connect.tests(con));
  EXPECT_FALSE(only_connect.tests(up));
  EXPECT_TRUE(only_connect.tests_absence(up));
  EXPECT_FALSE(only_connect.tests_absence(con));
}

TEST(Scope, WhereNothingIsAnnouncedBothAreTakenAsAsked) {
  const DialectScope nothing{{}, false, false};
  EXPECT_TRUE(nothing.tests(up) && nothing.tests(con));
  EXPECT_TRUE(nothing.tests_absence(up) && nothing.tests_absence(con));
}

TEST(Scope, WhatIsAskedForIsTestedAndNothingElse) {
  const DialectScope asked{{up}, false, true};
  EXPECT_TRUE(asked.tests(up));
  EXPECT_FALSE(asked.tests(con));
  EXPECT_TRUE(asked.tests_absence(up));
}

TEST(Plan, ControlsComeInGroupsEachOnThoseBefore) {
  const Suite suite = made_suite();
  const Plan plan = plan_run(suite, {&case_of(suite, "connect.channel/close")}, {{}, true, true});
  ASSERT_EQ(plan.controls.size(), 3U);
  EXPECT_EQ(ids(plan.controls[0]), std::vector<std::string>{"connect.control/request"});
  EXPECT_EQ(ids(plan.controls[1]), std::vector<std::string>{"connect.control/upgrade"});
  EXPECT_EQ(ids(plan.controls[2]), std::vector<std::string>{"connect.control/echo"});
  EXPECT_EQ(ids(plan.others), std::vector<std::string>{"connect.channel/close"});
}

TEST(Plan, UnannouncedDialectIsLeftOutButForTheCasesMadeForIt) {
  const Suite suite = made_suite();
  const Plan plan = plan_run(suite, every(suite), {{}, false, true});
  for (const Case* one : plan.others) EXPECT_TRUE(one->dialect == con || one->unannounced) << one->id;
  const auto others = ids(plan.others);
  EXPECT_NE(std::ranges::find(others, "upgrade.negotiation/off"), others.end());
  EXPECT_EQ(std::ranges::find(others, "connect.negotiation/off"), others.end());
  EXPECT_EQ(ids(plan.controls[0]), (std::vector<std::string>{"upgrade.control/request", "connect.control/request"}));
  EXPECT_EQ(ids(plan.controls[1]), std::vector<std::string>{"connect.control/upgrade"});
}

TEST(Plan, AskedDialectThatIsNotAnnouncedHasAllItsControls) {
  Suite suite = made_suite();
  Case alone = made_case(up, "offer/alone", {"REQ-08"});  // stands on nothing
  suite.cases.push_back(alone);
  const Plan plan = plan_run(suite, {&suite.cases.back()}, {{up}, false, true});
  EXPECT_EQ(plan.controls.size(), 3U);
}

TEST(Needs, AreNamedWithTheOptionThatGivesThem) {
  const Suite suite = made_suite();
  Situation situation;
  situation.paths = {{"websocket", "/echo"}};
  EXPECT_FALSE(missing_for(case_of(suite, "upgrade.control/echo"), situation));
  EXPECT_EQ(missing_for(case_of(suite, "upgrade.channel/raw"), situation), "needs raw: give --raw PATH");
  Case setting = made_case(up, "negotiation/acknowledged", {"NEG-08"});
  setting.needs = {"setting"};
  EXPECT_FALSE(missing_for(setting, situation));
  situation.upgrade_needs_setting = false;
  EXPECT_TRUE(missing_for(setting, situation));
}

TEST(Needs, AProxyThatDoesNotUpgradeHasItsOwnCases) {
  Case own = made_case(up, "no-upgrades/offer", {"PXY-15"});
  Case other = made_case(up, "channel/echo", {"PXY-08"});
  Case request = made_case(up, "decline/get", {"PXY-21"});
  Case control = made_case(up, "control/upgrade", {"PXY-01"});
  own.role = other.role = request.role = control.role = "proxy";
  own.needs = {"no-upgrades"};
  other.stands_on = "control/upgrade";
  request.stands_on = control.stands_on = "control/request";
  Situation situation;
  EXPECT_TRUE(missing_for(own, situation));
  EXPECT_FALSE(missing_for(other, situation));
  situation.upgrades = false;
  EXPECT_FALSE(missing_for(own, situation));
  EXPECT_TRUE(missing_for(other, situation));
  EXPECT_FALSE(missing_for(request, situation));
  EXPECT_TRUE(missing_for(control, situation));
}

class Controls : public ::testing::Test {
 protected:
  void end(std::string_view id, Verdict verdict, const std::string& requirement = {}) {
    const Case& one = case_of(suite, id);
    results[&one] = made_result(one, verdict, "it broke");
    if (!requirement.empty()) results[&one].requirement = requirement;
  }
  std::optional<std::string> why(std::string_view id, const DialectScope& scope = {{}, true, true}) {
    return blocked(suite, case_of(suite, id), results, scope);
  }
  const Suite suite = made_suite();
  ControlResults results;
};

TEST_F(Controls, ThatHoldBlockNothing) {
  end("upgrade.control/upgrade", Verdict::note);
  EXPECT_FALSE(why("upgrade.offer/plain"));
}

TEST_F(Controls, AFailedOneBlocksWhatStandsOnItInItsDialectOnly) {
  end("upgrade.control/upgrade", Verdict::fail);
  EXPECT_EQ(why("upgrade.offer/plain"), "not testable, control upgrade.control/upgrade failed: it broke");
  EXPECT_FALSE(why("connect.offer/plain"));
  EXPECT_FALSE(why("upgrade.negotiation/off"));
}

TEST_F(Controls, TheLowestFailedOneIsNamed) {
  end("upgrade.control/request", Verdict::fail);
  end("upgrade.control/upgrade", Verdict::skip);
  end("upgrade.control/echo", Verdict::skip);
  EXPECT_EQ(why("upgrade.channel/close"), "not testable, control upgrade.control/request failed: it broke");
}

TEST_F(Controls, ACaseThatChecksABrokenIdRuns) {
  end("upgrade.control/upgrade", Verdict::fail);  // an expectation: all its ids
  EXPECT_FALSE(why("upgrade.offer/accept"));
  end("upgrade.control/upgrade", Verdict::fail, "TUN-01");  // the Monitor's: that one
  EXPECT_TRUE(why("upgrade.offer/accept"));
  EXPECT_FALSE(why("upgrade.channel/raw"));
}

TEST_F(Controls, AnErrorBreaksNoId) {
  end("upgrade.control/upgrade", Verdict::error);
  EXPECT_TRUE(why("upgrade.offer/accept"));
}

TEST_F(Controls, InADialectThatIsNotAnnouncedEverythingElseIsBlocked) {
  end("upgrade.control/request", Verdict::pass);
  end("upgrade.control/upgrade", Verdict::fail);
  const DialectScope scope{{up}, false, true};
  EXPECT_TRUE(why("upgrade.offer/accept", scope));
  EXPECT_TRUE(why("upgrade.channel/close", scope));
  EXPECT_FALSE(why("upgrade.negotiation/off", scope));
}

}  // namespace
}  // namespace upspec
