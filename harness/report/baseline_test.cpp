#include "report/baseline.hpp"

#include <gtest/gtest.h>

#include "base/text.hpp"
#include "report/samples_test.hpp"

namespace upspec::report {
namespace {

using samples::died, samples::failed, samples::noted, samples::passed, samples::skipped;

CaseResult with_outcome(CaseResult result, std::string outcome) {
  result.outcome = std::move(outcome);
  return result;
}

std::string error_of(std::string_view xml) {
  const auto baseline = parse_baseline(xml, "known.xml");
  return baseline ? std::string() : baseline.error().text;
}

TEST(OutcomeLine, IsVerdictOutcomeAndRequirement) {
  EXPECT_EQ(outcome_line(with_outcome(failed(), "seen RST_STREAM(CANCEL)")), "fail: seen RST_STREAM(CANCEL) [ATT-02]");
  EXPECT_EQ(outcome_line(failed()), cat("fail: ", failed().message, " [ATT-02]"));
  EXPECT_EQ(outcome_line(CaseResult{}), "pass");
}

TEST(OutcomeLine, IsTheSameInEveryRun) {
  EXPECT_EQ(outcome_line(with_outcome(died(), "no end in 5.002 s from 127.0.0.1:41233, process 12")),
            "error: no end in N s from 127.0.0.1:PORT, process N");
  EXPECT_EQ(outcome_line(with_outcome(died(), "accept is s3pPLMBiTxaQ9kYGzzhZRbK+xOo= at 0x602000000010")),
            "error: accept is KEY at 0xN");
  EXPECT_EQ(outcome_line(with_outcome(died(), "stream 5 settings, 1:2, 0x8, 400")),
            "error: stream 5 settings, 1:2, 0x8, 400");
}

TEST(OutcomeLine, IsOnePrintableLine) {
  for (const char c : outcome_line(with_outcome(died(), samples::hostile()))) EXPECT_TRUE(c >= ' ' && c <= '~');
  EXPECT_LT(outcome_line(with_outcome(died(), std::string(1u << 20, '\0'))).size(), 400u);
}

TEST(Baseline, KnownFailureIsAsRecorded) {
  const Baseline baseline = {{failed().id, {outcome_line(failed()), "why"}}};
  EXPECT_EQ(standing(baseline, failed()), Standing::as_recorded);
  EXPECT_EQ(standing(baseline, died()), Standing::unlisted);
  EXPECT_TRUE(stale_entries(baseline, samples::one_of_each()).empty());
}

TEST(Baseline, PassAndOtherFailureAreStale) {
  const Baseline baseline = {{failed().id, {outcome_line(failed()), "why"}}, {passed().id, {"fail: once", "why"}}};
  const auto otherwise = with_outcome(failed(), "seen GOAWAY");
  const std::vector<Stale> stale = {{passed().id, "fail: once", "pass: accept"},
                                    {failed().id, outcome_line(failed()), "fail: seen GOAWAY [ATT-02]"}};
  EXPECT_EQ(stale_entries(baseline, {passed(), otherwise}), stale);
}

TEST(Baseline, WhatFailsSometimesMayPassAndMayNotFailOtherwise) {
  const Baseline baseline = {{failed().id, {outcome_line(failed()), "a race of its own", true}}};
  EXPECT_EQ(standing(baseline, failed()), Standing::as_recorded);
  CaseResult lucky = failed();
  lucky.verdict = Verdict::pass;
  EXPECT_EQ(standing(baseline, lucky), Standing::unlisted);
  EXPECT_EQ(updated(baseline, {lucky}, false), baseline);
  EXPECT_EQ(updated(baseline, {failed()}, false), baseline);
  EXPECT_EQ(standing(baseline, with_outcome(failed(), "seen GOAWAY")), Standing::stale);
}

TEST(Baseline, CaseThatWasNotTriedIsNeither) {
  const Baseline baseline = {{"gone/away", {"fail", "why"}}, {skipped().id, {"fail", "why"}}};
  EXPECT_EQ(standing(baseline, skipped()), Standing::unlisted);
  EXPECT_TRUE(stale_entries(baseline, samples::one_of_each()).empty());
  EXPECT_EQ(updated(baseline, {skipped()}, false), baseline);
}

TEST(Baseline, UpdateKeepsReasonsAndDropsWhatPasses) {
  const Baseline old = {{failed().id, {"fail: otherwise", "ticket 12"}}, {passed().id, {"fail: once", "gone"}}};
  const Baseline expected = {{failed().id, {outcome_line(failed()), "ticket 12"}},
                             {died().id, {outcome_line(died()), std::string(unexamined)}}};
  EXPECT_EQ(updated(old, samples::one_of_each(), false), expected);
  EXPECT_TRUE(updated(old, samples::one_of_each(), true).contains(noted().id));
}

TEST(Baseline, IsReadAsWrittenAndHasItsGrammar) {
  const Baseline baseline = {{"b/\"<&", {"fail: a  b & <c> \"d\" 'e' [X-01]", "one <line> & more"}},
                             {"a/b", {"error", "why", true}}};
  const auto xml = to_xml(baseline);
  EXPECT_EQ(parse_baseline(xml, "known.xml"), baseline);
  EXPECT_LT(xml.find("a/b"), xml.find("b/"));
  for (const auto& text : {xml, to_xml({})}) {
    const auto outcome = samples::shell(cat("xmllint --noout --relaxng '", samples::schema("baseline.rng"), "' '",
                                            samples::in_file("known.xml", text), "'"));
    EXPECT_EQ(outcome.status, 0) << outcome.output;
  }
}

TEST(Baseline, OutcomeOfHostileCaseSurvivesTheFile) {
  auto hostile = failed();
  hostile.message = samples::hostile() + std::string(5000, '\0');
  const auto read = parse_baseline(to_xml(updated({}, {hostile}, false)), "known.xml");
  ASSERT_TRUE(read);
  EXPECT_EQ(standing(*read, hostile), Standing::as_recorded);
}

TEST(Baseline, BadFileIsOneLineWithItsPlace) {
  const auto starts = [](const std::string& text, std::string_view with) {
    EXPECT_TRUE(text.starts_with(with) && text.find('\n') == text.npos) << text << "\nshould start with\n" << with;
  };
  starts(error_of("<baseline>\n<known case='a'"), "known.xml:2: not well-formed XML");
  starts(error_of(""), "known.xml:1: ");
  starts(error_of("\n<base/>"), "known.xml:2: <base> is no baseline; the first element is <baseline>");
  starts(error_of("<baseline v='1'/>"), "known.xml:1: unknown attribute \"v\"");
  starts(error_of("<baseline>\n<case/></baseline>"), "known.xml:2: unknown element \"case\"");
  starts(error_of("<baseline>\n\n<known outcome='fail'>x</known></baseline>"), "known.xml:3: <known> names no case");
  starts(error_of("<baseline><known case='a'>x</known></baseline>"),
         "known.xml:1: outcome \"\" of \"a\" is no failure");
  starts(error_of("<baseline><known case='a' outcome='failed'>x</known></baseline>"),
         "known.xml:1: outcome \"failed\"");
  starts(error_of("<baseline>\n<known case='a' outcome='fail'> \n</known></baseline>"),
         "known.xml:2: no reason for \"a\"");
  starts(error_of("<baseline><known case='a' outcome='fail' x=''>x</known></baseline>"),
         "known.xml:1: unknown attribute \"x\"");
  starts(error_of("<baseline><known case='a' outcome='fail' sometimes='no'>x</known></baseline>"),
         "known.xml:1: sometimes=\"no\"");
  starts(error_of("<baseline><known case='a' outcome='fail'>x<b/></known></baseline>"),
         "known.xml:1: unknown element \"b\"");
  starts(error_of("<baseline>\nhm</baseline>"), "known.xml:2: text \"hm\" between the elements");
  starts(error_of(
             "<baseline><known case='a' outcome='fail'>x</known>\n<known case='a' outcome='fail'>x</known></baseline>"),
         "known.xml:2: a second entry for \"a\"");
  EXPECT_FALSE(read_baseline("/nowhere/known.xml"));
}

}  // namespace
}  // namespace upspec::report
