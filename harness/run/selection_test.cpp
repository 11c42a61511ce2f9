#include "run/selection.hpp"

#include "run/made_up_test.hpp"

namespace upspec {
namespace {

std::vector<std::string> ids(const Result<std::vector<const Case*>>& cases) {
  std::vector<std::string> all;
  if (cases)
    for (const Case* one : *cases) all.push_back(one->id);
  return all;
}

TEST(Selection, GlobMatchesIdAndShortId) {
  const Suite suite = made_suite();
  EXPECT_EQ(ids(select_cases(suite, {.cases = {"offer/plain"}}, "server")),
            (std::vector<std::string>{"upgrade.offer/plain", "connect.offer/plain"}));
  EXPECT_EQ(ids(select_cases(suite, {.cases = {"connect.offer/*"}, .excludes = {"*accept"}}, "server")),
            (std::vector<std::string>{"connect.offer/plain"}));
}

TEST(Selection, RequirementTakesAnyLevelAndBasisTakeAll) {
  const Suite suite = made_suite();
  EXPECT_EQ(ids(select_cases(suite, {.cases = {"upgrade.*"}, .requirements = {"res-02"}}, "server")),
            (std::vector<std::string>{"upgrade.control/upgrade", "upgrade.offer/accept"}));
  const auto taken = select_cases(suite, {.bases = {"rfc"}}, "server");
  ASSERT_TRUE(taken);
  for (const Case* one : *taken)
    for (const std::string& id : one->checks)
      EXPECT_NE(suite.registry.find(id)->text.basis.find("rfc"), std::string::npos) << one->id;
}

TEST(Selection, NothingSelectedAndUnknownWordsAreErrors) {
  const Suite suite = made_suite();
  EXPECT_FALSE(select_cases(suite, {.cases = {"no/such"}}, "server"));
  EXPECT_FALSE(select_cases(suite, {}, "client"));
  EXPECT_FALSE(select_cases(suite, {.requirements = {"REQ-99"}}, "server"));
  EXPECT_FALSE(select_cases(suite, {.levels = {"MAY"}}, "server"));
  EXPECT_FALSE(select_cases(suite, {.bases = {"folklore"}}, "server"));
}

TEST(Selection, ShardsAreTheWholeAndNoCaseIsInTwo) {
  const Suite suite = made_suite();
  std::multiset<std::string> seen;
  for (std::uint64_t index = 1; index <= 3; ++index) {
    Filter filter;
    filter.shard = {index, 3};
    for (const std::string& id : ids(select_cases(suite, filter, "server"))) seen.insert(id);
  }
  EXPECT_EQ(seen.size(), suite.cases.size());
  EXPECT_EQ(std::set<std::string>(seen.begin(), seen.end()).size(), suite.cases.size());
}

TEST(Selection, ShardIsWrittenAsPartOfParts) {
  EXPECT_EQ(parse_shard("2/5"), (Shard{2, 5}));
  for (const char* wrong : {"", "2", "0/5", "6/5", "a/5", "1/5/2", "1/0"}) EXPECT_FALSE(parse_shard(wrong)) << wrong;
}

}  // namespace
}  // namespace upspec
