#include "report/junit.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "report/clean.hpp"
#include "report/explain.hpp"
#include "report/numbers.hpp"
#include "report/totals.hpp"
#include "report/xml.hpp"

namespace upspec::report {

namespace {

// report.json has every line; a text node of 10 MB is more than libxml2 takes.
constexpr Detail whole = {.octets = true, .last_lines = 1000};

struct Context {
  const RunInfo& run;
  const Baseline& baseline;
};

// The words of one part of all requirements, each once: "MUST SHOULD".
std::string words_of(const CaseResult& result, std::string RequirementText::* part) {
  std::vector<std::string> all;
  for (const auto& requirement : result.requirements)
    for (const auto word : words(requirement.*part))
      if (std::ranges::find(all, word) == all.end()) all.emplace_back(word);
  return join(all, " ");
}

void add_property(pugi::xml_node properties, const char* name, std::string_view value) {
  auto property = properties.append_child("property");
  add_attribute(property, "name", name);
  add_attribute(property, "value", value);
}

void add_counts(pugi::xml_node node, const Totals& totals, double seconds) {
  add_attribute(node, "tests", cat(totals.cases));
  add_attribute(node, "failures", cat(totals.failures));
  add_attribute(node, "errors", cat(totals.of(Verdict::error)));
  add_attribute(node, "skipped", cat(totals.of(Verdict::skip)));
  add_attribute(node, "time", fixed(seconds));
}

// CI systems show the message in lists, so it is never empty.
std::string message_of(const CaseResult& result) {
  return result.message.empty() ? outcome_line(result) : result.message;
}

void add_trouble(pugi::xml_node testcase, const char* element, const CaseResult& result, std::string_view type) {
  auto node = testcase.append_child(element);
  add_attribute(node, "message", message_of(result));
  add_attribute(node, "type", type);
  add_clean_text(node, explain(result, whole));
}

void add_verdict(pugi::xml_node testcase, const CaseResult& result, bool strict) {
  if (result.failed(strict)) {
    const std::string requirement = requirement_of(result).id;
    add_trouble(testcase, "failure", result, requirement.empty() ? "none" : requirement);
  } else if (result.verdict == Verdict::error) {
    add_trouble(testcase, "error", result, "error");
  } else if (result.verdict == Verdict::skip) {
    add_attribute(testcase.append_child("skipped"), "message", message_of(result));
  }
}

void add_case(pugi::xml_node suite, const CaseResult& result, const Context& context) {
  auto testcase = suite.append_child("testcase");
  add_attribute(testcase, "name", result.id);
  add_attribute(testcase, "classname", class_name(result));
  add_attribute(testcase, "time", fixed(result.seconds));
  auto properties = testcase.append_child("properties");
  add_property(properties, "requirements", words_of(result, &RequirementText::id));
  add_property(properties, "level", words_of(result, &RequirementText::level));
  add_property(properties, "basis", words_of(result, &RequirementText::basis));
  add_property(properties, "verdict", name_of(result.verdict));
  add_property(properties, "outcome", outcome_line(result));
  if (result.verdict == Verdict::note) add_property(properties, "note", message_of(result));
  if (const auto reason = known_reason(result, context.run.strict, context.baseline); !reason.empty())
    add_property(properties, "known", reason);
  add_verdict(testcase, result, context.run.strict);
  if (result.verdict != Verdict::pass && !result.transcript.empty())
    add_clean_text(testcase.append_child("system-out"), transcript_text(result.transcript, whole));
}

void add_suite(pugi::xml_node root, const Suite& suite, const Context& context) {
  auto node = root.append_child("testsuite");
  const auto sums = totals(suite, context.run.strict);
  add_attribute(node, "name", suite.name);
  add_counts(node, sums, sums.seconds);
  add_attribute(node, "timestamp", iso8601(context.run.started));
  auto properties = node.append_child("properties");
  add_property(properties, "suite.version", context.run.suite_version);
  add_property(properties, "implementation.name", context.run.implementation_name);
  add_property(properties, "implementation.version", context.run.implementation_version);
  add_property(properties, "target", context.run.target);
  add_property(properties, "seed", cat(context.run.seed));
  add_property(properties, "command", context.run.command_line);
  if (context.run.interrupted) add_property(properties, "interrupted", "true");
  for (const auto* result : suite.cases) add_case(node, *result, context);
}

}  // namespace

std::string junit(const RunInfo& run, const std::vector<CaseResult>& results, const Baseline& baseline) {
  pugi::xml_document document;
  auto root = start_xml(document, "testsuites");
  add_attribute(root, "name", "upspec");
  add_counts(root, totals(results, run.strict), run.seconds);
  const Context context{run, baseline};
  for (const auto& suite : suites_of(results)) add_suite(root, suite, context);
  return xml_text(document);
}

}  // namespace upspec::report
