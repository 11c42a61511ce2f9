#include "report/junit.hpp"

#include <gtest/gtest.h>

#include <pugixml.hpp>

#include "base/text.hpp"
#include "report/html.hpp"
#include "report/samples_test.hpp"

namespace upspec::report {
namespace {

using samples::one_of_each;

void expect_valid(const std::string& text) {
  const auto file = samples::in_file("junit.xml", text);
  const auto outcome =
      samples::shell(cat("xmllint --noout --schema '", samples::schema("junit.xsd"), "' '", file, "'"));
  EXPECT_EQ(outcome.status, 0) << outcome.output.substr(0, 2000) << "\n(xmllint is in libxml2-utils)";
}

pugi::xml_document read(const std::string& text) {
  pugi::xml_document document;
  EXPECT_TRUE(document.load_string(text.c_str()));
  return document;
}

pugi::xml_node case_with(const pugi::xml_document& document, const char* element) {
  return document.select_node(cat("//testcase[", element, "]").c_str()).node();
}

std::string property(const pugi::xml_node& node, const char* name) {
  return node.child("properties").find_child_by_attribute("name", name).attribute("value").value();
}

TEST(Junit, OneOfEachIsValid) {
  expect_valid(junit(samples::run(), one_of_each()));
  auto run = samples::run();
  run.strict = run.interrupted = true;
  expect_valid(junit(run, one_of_each()));
}

TEST(Junit, HostileOctetsInEveryStringAreValid) {
  auto run = samples::run();
  for (auto* text :
       {&run.suite_version, &run.implementation_name, &run.implementation_version, &run.target, &run.command_line})
    *text = samples::hostile();
  std::vector<CaseResult> results;
  for (const auto verdict : {Verdict::pass, Verdict::note, Verdict::fail, Verdict::skip, Verdict::error}) {
    results.push_back(samples::hostile_case());
    results.back().verdict = verdict;
  }
  expect_valid(junit(run, results));
}

TEST(Junit, HugeStringsAreValid) {
  auto result = samples::failed();
  const std::string huge(1u << 20, '\0');
  result.message = result.seen = result.evidence = result.outcome = huge;
  result.transcript.resize(20000, result.transcript.back());
  for (std::size_t i = 1; i <= 10; ++i) result.transcript[result.transcript.size() - i].text = huge;
  expect_valid(junit(samples::run(), {result}));
}

TEST(Junit, EmptyStringsAndNoCasesAreValid) {
  expect_valid(junit({}, {}));
  CaseResult bare;
  bare.id = "a/b";
  std::vector<CaseResult> results;
  for (const auto verdict : {Verdict::pass, Verdict::note, Verdict::fail, Verdict::skip, Verdict::error}) {
    bare.verdict = verdict;
    results.push_back(bare);
  }
  expect_valid(junit({}, results));
}

TEST(Junit, TotalsCountFailuresErrorsAndSkipped) {
  const auto document = read(junit(samples::run(), one_of_each()));
  const auto root = document.document_element();
  EXPECT_STREQ(root.name(), "testsuites");
  EXPECT_STREQ(root.attribute("tests").value(), "5");
  EXPECT_STREQ(root.attribute("failures").value(), "1");
  EXPECT_STREQ(root.attribute("errors").value(), "1");
  EXPECT_STREQ(root.attribute("skipped").value(), "1");
  EXPECT_STREQ(root.attribute("time").value(), "1.424");
  EXPECT_EQ(document.select_nodes("//testsuite").size(), 3u);
  EXPECT_EQ(document.select_nodes("//testsuite[not(testcase)]").size(), 0u);
}

TEST(Junit, SuiteIsRoleDialectAndSubject) {
  const auto document = read(junit(samples::run(), one_of_each()));
  const auto suite = document.select_node("//testsuite[@name='server.upgrade.attributes']").node();
  EXPECT_STREQ(suite.attribute("tests").value(), "3");
  EXPECT_STREQ(suite.attribute("timestamp").value(), "2025-03-01T12:00:00Z");
  EXPECT_EQ(property(suite, "seed"), "18446744073709551615");
  EXPECT_EQ(property(suite, "implementation.name"), "reference");
  EXPECT_EQ(property(suite, "command"), samples::run().command_line);
}

TEST(Junit, FailureNamesRequirementAndTellsTheWholeStory) {
  const auto document = read(junit(samples::run(), one_of_each()));
  const auto testcase = case_with(document, "failure");
  EXPECT_STREQ(testcase.attribute("name").value(), "attributes/framing-attribute/te");
  EXPECT_STREQ(testcase.attribute("classname").value(), "server.upgrade.attributes");
  EXPECT_EQ(property(testcase, "requirements"), "ATT-02 REQ-05");
  EXPECT_EQ(property(testcase, "level"), "MUST");
  EXPECT_EQ(property(testcase, "basis"), "profile rfc");
  EXPECT_EQ(property(testcase, "verdict"), "fail");
  EXPECT_STREQ(testcase.child("failure").attribute("type").value(), "ATT-02");
  const std::string text = testcase.child("failure").text().get();
  std::size_t at = 0;
  for (const auto* piece :
       {"Naming a framing", "malformed: RST_STREAM", ":status: 101", ":upgrade: websocket; te", "upspec run"}) {
    at = text.find(piece, at);
    ASSERT_NE(at, std::string::npos) << piece << " in its place in\n" << text;
  }
  EXPECT_NE(std::string(testcase.child("system-out").text().get()).find("<- HEADERS stream 1"), std::string::npos);
}

TEST(Junit, NoteIsAFailureOnlyWhenStrict) {
  auto run = samples::run();
  EXPECT_EQ(read(junit(run, {samples::noted()})).select_nodes("//failure").size(), 0u);
  run.strict = true;
  const auto document = read(junit(run, {samples::noted()}));
  EXPECT_STREQ(case_with(document, "failure").child("failure").attribute("type").value(), "ATT-09");
  EXPECT_STREQ(document.document_element().attribute("failures").value(), "1");
}

TEST(Junit, DeadImplementationIsAnErrorAndSkippedSaysWhatIsMissing) {
  const auto document = read(junit(samples::run(), one_of_each()));
  EXPECT_NE(std::string(case_with(document, "error").child("error").text().get()).find("AddressSanitizer"),
            std::string::npos);
  EXPECT_EQ(samples::skipped().message, case_with(document, "skipped").child("skipped").attribute("message").value());
}

TEST(Junit, KnownFailureStaysAFailureAndSaysWhyItIsKnown) {
  const Baseline baseline = {{samples::failed().id, {outcome_line(samples::failed()), "ticket 12"}}};
  const auto text = junit(samples::run(), one_of_each(), baseline);
  expect_valid(text);
  EXPECT_EQ(property(case_with(read(text), "failure"), "known"), "ticket 12");
}

// Written as XML, so that xmllint can say that no octet broke out of its element.
TEST(Html, HostileOctetsStayText) {
  auto results = one_of_each();
  results.push_back(samples::hostile_case());
  auto run = samples::run();
  run.implementation_name = run.command_line = samples::hostile();
  const Baseline baseline = {{samples::passed().id, {"fail: seen <b>", "why"}}};
  const auto text = html(run, results, baseline);
  const auto outcome = samples::shell(cat("xmllint --noout '", samples::in_file("report.html", text), "'"));
  EXPECT_EQ(outcome.status, 0) << outcome.output.substr(0, 2000);
  EXPECT_EQ(text.find("<script"), std::string::npos);
  EXPECT_NE(text.find("{{cases}}"), std::string::npos) << "a peer's text that looks like a hole is text";
}

TEST(Html, NothingComesFromElsewhere) {
  const auto text = html(samples::run(), one_of_each());
  for (const auto* way_out : {"src=", "url(", "@import", "<link", "href=\"http"})
    EXPECT_EQ(text.find(way_out), std::string::npos) << way_out;
}

}  // namespace
}  // namespace upspec::report
