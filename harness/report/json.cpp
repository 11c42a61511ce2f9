#include "report/json.hpp"

#include <array>

#include "base/text.hpp"
#include "report/json_writer.hpp"
#include "report/numbers.hpp"
#include "report/totals.hpp"

namespace upspec::report {

namespace {

constexpr std::uint64_t format_version = 1;
constexpr std::array<std::string_view, 3> ways = {"sent", "received", "remark"};

void write_run(JsonWriter& json, const RunInfo& run) {
  json.key("run").begin_object();
  json.key("suite_version").text(run.suite_version);
  json.key("implementation_name").text(run.implementation_name);
  json.key("implementation_version").text(run.implementation_version);
  json.key("target").text(run.target);
  json.key("command_line").text(run.command_line);
  json.key("seed").text(cat(run.seed));  // text: JavaScript's numbers hold 53 bits
  json.key("started").text(iso8601(run.started));
  json.key("seconds").seconds(run.seconds);
  json.key("strict").flag(run.strict);
  json.key("interrupted").flag(run.interrupted);
  json.end_object();
}

void write_totals(JsonWriter& json, const Totals& totals) {
  json.key("totals").begin_object();
  json.key("cases").number(totals.cases);
  for (const auto verdict : verdicts) json.key(name_of(verdict)).number(totals.of(verdict));
  json.key("failures").number(totals.failures);
  json.key("known").number(totals.known);
  json.end_object();
}

void write_requirement(JsonWriter& json, const RequirementText& requirement) {
  json.begin_object();
  json.key("id").text(requirement.id);
  json.key("level").text(requirement.level);
  json.key("basis").text(requirement.basis);
  json.key("clause").text(requirement.clause);
  json.key("sentence").text(requirement.sentence);
  json.end_object();
}

void write_line(JsonWriter& json, const TranscriptLine& line) {
  json.begin_object();
  json.key("at_us").number(line.at);
  json.key("link").text(line.link);
  json.key("way").text(ways.at(static_cast<std::size_t>(line.way)));
  json.key("text").text(line.text);
  json.key("octets").text(hex(line.octets));
  json.key("total_octets").number(line.total_octets);
  json.end_object();
}

void write_case(JsonWriter& json, const CaseResult& result, std::string_view known) {
  json.begin_object();
  json.key("id").text(result.id);
  json.key("role").text(result.role);
  json.key("dialect").text(result.dialect);
  json.key("subject").text(result.subject);
  json.key("verdict").text(name_of(result.verdict));
  json.key("outcome").text(result.outcome);
  json.key("outcome_line").text(outcome_line(result));
  json.key("message").text(result.message);
  json.key("requirement").text(result.requirement);
  json.key("requirements").begin_array();
  for (const auto& requirement : result.requirements) write_requirement(json, requirement);
  json.end_array();
  json.key("expected").text(result.expected);
  json.key("seen").text(result.seen);
  json.key("evidence").text(result.evidence);
  json.key("seconds").seconds(result.seconds);
  json.key("replay").text(result.replay);
  if (!known.empty()) json.key("known").text(known);
  json.key("transcript").begin_array();
  for (const auto& line : result.transcript) write_line(json, line);
  json.end_array();
  json.end_object();
}

void write_stale(JsonWriter& json, const Stale& stale) {
  json.begin_object();
  json.key("case").text(stale.case_id);
  json.key("recorded").text(stale.recorded);
  json.key("now").text(stale.now);
  json.end_object();
}

}  // namespace

std::string json(const RunInfo& run, const std::vector<CaseResult>& results, const Baseline& baseline) {
  JsonWriter json;
  json.begin_object();
  json.key("format").number(format_version);
  write_run(json, run);
  write_totals(json, totals(results, run.strict, baseline));
  json.key("stale").begin_array();
  for (const auto& stale : stale_entries(baseline, results)) write_stale(json, stale);
  json.end_array();
  json.key("cases").begin_array();
  for (const auto& result : results) write_case(json, result, known_reason(result, run.strict, baseline));
  json.end_array();
  json.end_object();
  return json.take();
}

}  // namespace upspec::report
