#include "report/html.hpp"

#include <algorithm>
#include <array>
#include <span>

#include "base/text.hpp"
#include "report/clean.hpp"
#include "report/explain.hpp"
#include "report/numbers.hpp"
#include "report/totals.hpp"

namespace upspec::report {

namespace {

constexpr std::size_t longest_transcript = 500;
constexpr std::size_t longest_frame_text = 4096;
constexpr std::array<std::string_view, 3> way_classes = {"sent", "received", "remark"};

struct Hole {
  std::string_view name;
  std::string text;
};

// In one pass, so that "{{cases}}" from a peer is text and no hole.
template <std::size_t count>
std::string filled(std::string_view page, const std::array<Hole, count>& holes) {
  std::string out;
  for (;;) {
    const auto open = page.find("{{");
    if (open == page.npos) return out += page;
    const auto close = page.find("}}", open);
    const auto name = page.substr(open + 2, close - open - 2);
    const auto hole = std::ranges::find(holes, name, &Hole::name);
    out += page.substr(0, open);
    if (hole != holes.end()) out += hole->text;
    page.remove_prefix(close + 2);
  }
}

std::string element(std::string_view tag, std::string_view classes, std::string_view inside) {
  return cat("<", tag, " class=\"", classes, "\">", inside, "</", tag, ">");
}

std::string fact(std::string_view name, std::string_view value) {
  return value.empty() ? std::string() : cat("<div><dt>", name, "</dt><dd>", markup(value), "</dd></div>\n");
}

std::string facts_of(const RunInfo& run) {
  return cat(fact("implementation", cat(run.implementation_name, " ", run.implementation_version)),
             fact("target", run.target), fact("started", iso8601(run.started)),
             fact("time", cat(fixed(run.seconds, 2), " s")), fact("seed", cat(run.seed)),
             fact("suite", cat("upspec ", run.suite_version)), fact("mode", run.strict ? "strict" : ""),
             fact("interrupted", run.interrupted ? "yes: this report holds what ran" : ""),
             fact("command", run.command_line));
}

std::string counts_of(const Totals& sums) {
  std::string out;
  for (const auto verdict : verdicts) {
    const auto name = name_of(verdict);
    out +=
        cat("<label class=\"", name, "\" for=\"show-", name, "\"><b>", sums.of(verdict), "</b> ", name, "</label>\n");
  }
  if (sums.known > 0) out += element("span", "total", cat(sums.known, " known"));
  return out += element("span", "total", cat(sums.cases, " cases"));
}

std::string badge(const CaseResult& result) { return element("span", "badge", name_of(result.verdict)); }

std::string anchor(std::size_t number) { return cat("case-", number); }

// What did not simply pass, above everything else.
std::string attention_of(const std::vector<CaseResult>& results, bool strict, const std::vector<Stale>& stale) {
  std::string items;
  for (std::size_t i = 0; i < results.size(); ++i) {
    const auto& result = results[i];
    if (!result.failed(strict) && result.verdict != Verdict::error) continue;
    items +=
        cat("<li class=\"", name_of(result.verdict), "\">", badge(result), " <a href=\"#", anchor(i), "\">",
            markup(result.id), "</a> ", element("span", "message", markup(result.message, longest_line)), "</li>\n");
  }
  for (const auto& entry : stale)
    items +=
        cat("<li class=\"note\">", element("span", "badge", "stale"), " ", markup(entry.case_id), " ",
            element("span", "message",
                    cat("recorded ", markup(entry.recorded, longest_line), ", now ", markup(entry.now, longest_line))),
            "</li>\n");
  return items.empty() ? std::string() : cat("<h2>What needs a look</h2>\n<ul>", items, "</ul>");
}

std::string requirement_block(const RequirementText& requirement, bool is_broken) {
  return cat(is_broken ? "<p class=\"requirement broken\"><b>" : "<p class=\"requirement\"><b>",
             markup(title_of(requirement)), "</b><br/>", markup(requirement.sentence), "</p>\n");
}

std::string block(std::string_view name, std::string_view text) {
  return text.empty() ? std::string() : cat("<h4>", name, "</h4><pre>", markup(trim_lines(text)), "</pre>\n");
}

std::string row_of(const TranscriptLine& line) {
  std::string out = cat("<tr class=\"", way_classes.at(static_cast<std::size_t>(line.way)), "\"><td>",
                        fixed(static_cast<double>(line.at) / 1000), "</td><td>", markup(line.link, 40), "</td><td>",
                        markup(arrow_of(line.way)), "</td><td><pre>", markup(line.text, longest_frame_text), "</pre>");
  if (!line.octets.empty()) out += cat("<pre class=\"octets\">", markup(dump(line)), "</pre>");
  return out += "</td></tr>\n";
}

std::string table_of(const std::vector<TranscriptLine>& transcript) {
  if (transcript.empty()) return {};
  const std::size_t shown = std::min(longest_transcript, transcript.size());
  std::string out = "<h4>transcript</h4>";
  if (shown < transcript.size()) out += cat("<p>", transcript.size() - shown, " earlier lines are in report.json</p>");
  out += "<div class=\"wide\"><table><thead><tr><th>ms</th><th>link</th><th></th><th>frame</th></tr></thead><tbody>\n";
  for (const auto& line : std::span(transcript).last(shown)) out += row_of(line);
  return out += "</tbody></table></div>\n";
}

std::string body_of(const CaseResult& result, std::string_view known) {
  std::string out;
  if (!known.empty()) out += cat("<p class=\"known\"><b>known failure:</b> ", markup(known), "</p>\n");
  const auto about = requirement_of(result);
  const bool is_failure = result.verdict == Verdict::fail || result.verdict == Verdict::note;
  if (!about.id.empty()) out += requirement_block(about, is_failure);
  for (const auto& requirement : result.requirements)
    if (requirement.id != about.id) out += requirement_block(requirement, false);
  out += cat(block("outcome", outcome_line(result)), block("expected", result.expected), block("seen", result.seen),
             block("evidence", result.evidence), table_of(result.transcript), block("replay", result.replay));
  return out;
}

std::string case_of(const CaseResult& result, std::size_t number, std::string_view known) {
  return cat("<details class=\"case ", name_of(result.verdict), "\"><summary>", badge(result), " <code>",
             markup(result.id), "</code> ", known.empty() ? "" : "<span class=\"total\">known</span> ",
             element("span", "message", markup(result.message, longest_line)), " ",
             element("span", "time", cat(fixed(result.seconds * 1000, 1), " ms")),
             "</summary>\n<div class=\"body\" id=\"", anchor(number), "\">", body_of(result, known),
             "</div></details>\n");
}

// A heading whose cases are all filtered away goes with them: "only-pass".
std::string suite_classes(const Suite& suite) {
  const auto first = suite.cases.front()->verdict;
  const bool is_uniform = std::ranges::all_of(suite.cases, [&](const auto* one) { return one->verdict == first; });
  return is_uniform ? cat("only-", name_of(first)) : "mixed";
}

}  // namespace

std::string html(const RunInfo& run, const std::vector<CaseResult>& results, const Baseline& baseline) {
  std::string cases;
  for (const auto& suite : suites_of(results)) {
    cases += cat("<section class=\"", suite_classes(suite), "\"><h2>", markup(suite.name), "</h2>\n");
    for (const auto* result : suite.cases)
      cases += case_of(*result, static_cast<std::size_t>(result - results.data()),
                       known_reason(*result, run.strict, baseline));
    cases += "</section>\n";
  }
  const auto sums = totals(results, run.strict, baseline);
  const std::string title =
      run.implementation_name.empty() ? "upspec" : cat("upspec: ", markup(run.implementation_name, longest_line));
  return filled<5>(html_page, {{{"title", title},
                                {"facts", facts_of(run)},
                                {"counts", counts_of(sums)},
                                {"attention", attention_of(results, run.strict, stale_entries(baseline, results))},
                                {"cases", cases}}});
}

}  // namespace upspec::report
