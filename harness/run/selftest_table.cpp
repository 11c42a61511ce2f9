#include "run/selftest_table.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "report/explain.hpp"
#include "report/json_writer.hpp"

namespace upspec {
namespace {

constexpr std::size_t shown_cases = 4;

std::string padded(std::string_view text, std::size_t width) {
  std::string out(text);
  out.resize(std::max(width, text.size()), ' ');
  return out;
}

std::string some(const std::vector<Noticed>& list) {
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < std::min(shown_cases, list.size()); ++i) ids.push_back(list[i].case_id);
  std::string text = join(ids, ", ");
  if (list.size() > shown_cases) text += cat(" and ", list.size() - shown_cases, " more");
  return text;
}

std::string said(const std::vector<Noticed>& list) {
  std::string text;
  for (const Noticed& one : list) text += cat("          ", one.case_id, ": ", one.message, "\n");
  return text;
}

std::string row_text(const ViolationRow& row, bool verbose) {
  std::string text = cat(padded(row.violation.requirement(), 9), padded(row.violation.id, 30));
  switch (row.standing()) {
    case ViolationRow::Standing::noticed:
      text += cat(row.citing.size(), ": ", some(row.citing));
      break;
    case ViolationRow::Standing::excused:
      text += cat("no case yet: ", row.uncovered);
      break;
    case ViolationRow::Standing::elsewhere:
      text += cat("NOT BY A CASE THAT CITES IT; ", some(row.others));
      break;
    case ViolationRow::Standing::unnoticed:
      text += cat("NOT NOTICED by ", row.played, " cases");
      break;
  }
  return text + "\n" + (verbose ? said(row.citing) + said(row.others) : "");
}

// A heading and one line each; nothing for nothing.
std::string listing(std::string_view heading, const std::vector<std::string>& lines) {
  if (lines.empty()) return {};
  std::string text = cat("\n", heading, " (", lines.size(), ")\n");
  for (const std::string& line : lines) text += cat("  ", line, "\n");
  return text;
}

std::size_t count(const SelftestResult& result, ViolationRow::Standing standing) {
  return static_cast<std::size_t>(
      std::ranges::count_if(result.rows, [&](const ViolationRow& row) { return row.standing() == standing; }));
}

std::string not_clean_text(const SelftestResult& result) {
  std::string text;
  for (const CaseResult& one : result.not_clean)
    text += cat("\nthe reference that breaks nothing does not pass:\n", report::explain(one));
  return text;
}

void add_list(report::JsonWriter& json, const char* name, const std::vector<std::string>& list) {
  json.key(name).begin_array();
  for (const std::string& one : list) json.text(one);
  json.end_array();
}

void add_noticed(report::JsonWriter& json, const char* name, const std::vector<Noticed>& list) {
  json.key(name).begin_array();
  for (const Noticed& one : list)
    json.begin_object().key("case").text(one.case_id).key("message").text(one.message).end_object();
  json.end_array();
}

}  // namespace

std::string selftest_text(const SelftestResult& result, bool verbose) {
  std::string text = cat(padded("broken", 9), padded("violation", 30), "cases that cite it and noticed\n");
  for (const ViolationRow& row : result.rows) text += row_text(row, verbose);
  text += listing("cases that no violation trips", result.gaps.never_failed);
  text += listing("MUST requirements with cases and no violation", result.gaps.no_violation);
  text += listing("requirements that no case checks, with the reason", result.gaps.explained);
  text += listing("REQUIREMENTS THAT NO CASE CHECKS, and no uncovered=\"reason\" in requirements.xml",
                  result.gaps.unexplained);
  text += listing("REQUIREMENTS WITH uncovered= THAT A CASE CHECKS", result.gaps.stale);
  text += not_clean_text(result);
  return text + cat("\nself-test ", result.ok() ? "passed: " : "FAILED: ", result.clean,
                    " cases pass against the reference, ", result.not_clean.size(), " do not; ", result.rows.size(),
                    " violations: ", count(result, ViolationRow::Standing::noticed), " noticed, ",
                    count(result, ViolationRow::Standing::excused), " without a case yet, ",
                    count(result, ViolationRow::Standing::elsewhere), " by other cases only, ",
                    count(result, ViolationRow::Standing::unnoticed), " not noticed\n");
}

std::string selftest_json(const SelftestResult& result) {
  report::JsonWriter json;
  json.begin_object().key("ok").flag(result.ok()).key("clean").number(result.clean);
  json.key("violations").begin_array();
  for (const ViolationRow& row : result.rows) {
    json.begin_object().key("violation").text(row.violation.id).key("requirement").text(row.violation.requirement());
    json.key("what").text(row.violation.what).key("played").number(row.played);
    add_noticed(json, "noticed", row.citing);
    add_noticed(json, "elsewhere", row.others);
    json.end_object();
  }
  json.end_array();
  json.key("not-clean").begin_array();
  for (const CaseResult& one : result.not_clean)
    json.begin_object().key("case").text(one.id).key("outcome").text(outcome_line(one)).end_object();
  json.end_array();
  add_list(json, "never-failed", result.gaps.never_failed);
  add_list(json, "no-violation", result.gaps.no_violation);
  add_list(json, "uncovered-explained", result.gaps.explained);
  add_list(json, "uncovered", result.gaps.unexplained);
  add_list(json, "stale-reason", result.gaps.stale);
  return json.end_object().take();
}

}  // namespace upspec
