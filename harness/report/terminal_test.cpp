#include "report/terminal.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/text.hpp"
#include "report/explain.hpp"
#include "report/samples_test.hpp"

namespace upspec::report {
namespace {

using testing::AssertionFailure, testing::AssertionSuccess;

bool printable(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c == '\n' || (c >= ' ' && c <= '~'); });
}

testing::AssertionResult in_order(std::string_view text, const std::vector<std::string>& pieces) {
  std::size_t at = 0;
  for (const auto& piece : pieces) {
    at = text.find(piece, at);
    if (at == text.npos) return AssertionFailure() << "no " << piece << " in its place in\n" << text;
  }
  return AssertionSuccess();
}

TEST(Terminal, FailureReadsFromRequirementToReplay) {
  EXPECT_TRUE(in_order(
      case_report(samples::failed(), {}, "ticket 12"),
      {"fail  attributes/framing-attribute/te\n", "ATT-02 MUST (RFC 9110 7.6.1; profile)\n", "Naming a framing",
       "expected\n    malformed", "seen\n    HEADERS stream 1\n    :status: 101", "0.412  -> HEADERS stream 1",
       ":method: GET", "1.903  <- HEADERS", "replay\n    upspec run", "known failure: ticket 12"}));
}

TEST(Terminal, OctetsOnlyWhenVerbose) {
  EXPECT_EQ(case_report(samples::failed(), {}).find("61 61 61"), std::string::npos);
  EXPECT_TRUE(in_order(case_report(samples::failed(), {.verbose = true}),
                       {"61 61 61", "aaaaaaaaaaaaaaaa\n", "... (9000 octets)"}));
}

TEST(Terminal, LongTranscriptShowsItsEnd) {
  auto result = samples::failed();
  result.transcript.resize(40, result.transcript.back());
  result.transcript.back().text = "GOAWAY";
  EXPECT_TRUE(in_order(case_report(result, {}), {"... 28 earlier lines", "<- GOAWAY"}));
  EXPECT_EQ(case_report(result, {.verbose = true}).find("earlier lines"), std::string::npos);
}

TEST(Terminal, LinksAreNamedWhereThereAreSeveral) {
  auto result = samples::failed();
  EXPECT_EQ(transcript_text(result.transcript).find("client"), std::string::npos);
  result.transcript.back().link = "origin";
  EXPECT_TRUE(in_order(transcript_text(result.transcript), {"client  -> ", "origin  <- "}));
}

TEST(Terminal, NothingOfAPeerReachesTheTerminalRaw) {
  auto result = samples::hostile_case();
  result.requirements.clear();  // the registry's text is ours and may hold any character
  result.requirement.clear();
  result.replay.clear();
  EXPECT_TRUE(printable(case_report(result, {.verbose = true})));
  EXPECT_TRUE(printable(case_line(result, {})));
}

TEST(Terminal, ColoursOnlyWhenToldSo) {
  EXPECT_TRUE(printable(case_report(samples::failed(), {})));
  EXPECT_NE(case_report(samples::failed(), {.colour = true}).find("\x1b[31mfail\x1b[0m"), std::string::npos);
}

TEST(Terminal, LinesOfARun) {
  EXPECT_EQ(live_line({.done = 12, .total = 310}, {}), "upspec  12/310");
  EXPECT_EQ(live_line({.done = 12, .total = 310, .failures = 2, .errors = 1, .known = 1}, {}),
            "upspec  12/310  2 failed  1 error  (1 known)");
  EXPECT_EQ(case_line(samples::skipped(), {}),
            "skip  attributes/h2c/settings  not testable: no path offers h2c (--h2c PATH)\n");
  EXPECT_EQ(case_line(samples::noted(), {}, "why"),
            cat("note  attributes/upper-case  ATT-09: ", samples::noted().message, "  (known: why)\n"));
}

TEST(Terminal, SummaryCounts) {
  const Baseline baseline = {{samples::passed().id, {"fail: once", "why"}},
                             {samples::failed().id, {outcome_line(samples::failed()), "why"}}};
  auto run = samples::run();
  run.interrupted = true;
  EXPECT_TRUE(
      in_order(summary(run, samples::one_of_each(), baseline, {"reports/out/junit.xml"}, {}),
               {"interrupted", "stale in the baseline", "recorded  fail: once", "now       pass: accept",
                "reference 1.2 at 127.0.0.1:8080 over TLS\n",
                "5 cases in 1.42 s, seed 18446744073709551615: 1 pass, 1 note, 1 fail, 1 skip, 1 error; 1 known\n",
                "requirements broken: ATT-02\n", "reports/out/junit.xml\n"}));
}

}  // namespace
}  // namespace upspec::report
