#include "report/terminal.hpp"

#include <set>

#include "base/text.hpp"
#include "report/clean.hpp"
#include "report/explain.hpp"
#include "report/numbers.hpp"
#include "report/paint.hpp"
#include "report/totals.hpp"

namespace upspec::report {

namespace {

constexpr std::size_t short_transcript = 12;

std::string known_line(std::string_view known) {
  return known.empty() ? std::string() : cat("  known failure: ", clean_line(known), '\n');
}

// "3 fail (1 known)": only what there is gets its colour.
std::string count_text(std::size_t count, Verdict verdict, const Style& style) {
  const std::string text = cat(count, ' ', name_of(verdict));
  return paint(text, colour_of(verdict), style.colour && count > 0);
}

std::string broken_requirements(const std::vector<CaseResult>& results, bool strict) {
  std::set<std::string> ids;
  for (const auto& result : results)
    if (const auto id = requirement_of(result).id; result.failed(strict) && !id.empty()) ids.insert(clean_line(id));
  return join({ids.begin(), ids.end()}, " ");
}

std::string stale_text(const std::vector<Stale>& stale, const Style& style) {
  if (stale.empty()) return {};
  std::string out = cat(paint("stale in the baseline", Colour::yellow, style.colour), '\n');
  for (const auto& entry : stale)
    out += cat("  ", ascii_line(entry.case_id), "\n    recorded  ", ascii_line(entry.recorded), "\n    now       ",
               ascii_line(entry.now), '\n');
  return out;
}

std::string subject_of(const RunInfo& run) {
  std::string out = clean_line(run.implementation_name);
  if (!run.implementation_version.empty()) out += cat(' ', ascii_line(run.implementation_version));
  if (!run.target.empty()) out += cat(" at ", clean_line(run.target));
  return out;
}

}  // namespace

std::string live_line(const Progress& progress, const Style& style) {
  std::string out = cat("upspec  ", progress.done, '/', progress.total);
  if (progress.failures > 0) out += cat("  ", paint(cat(progress.failures, " failed"), Colour::red, style.colour));
  if (progress.errors > 0)
    out += cat("  ",
               paint(cat(progress.errors, progress.errors == 1 ? " error" : " errors"), Colour::magenta, style.colour));
  if (progress.known > 0) out += cat("  (", progress.known, " known)");
  return out;
}

std::string case_line(const CaseResult& result, const Style& style, std::string_view known) {
  const std::string name(name_of(result.verdict));
  std::string out = cat(paint(name, colour_of(result.verdict), style.colour), std::string(6 - name.size(), ' '),
                        ascii_line(result.id));
  const std::string message = ascii_line(result.message), requirement = clean_line(result.requirement);
  if (!requirement.empty() || !message.empty()) out += "  ";
  out += cat(requirement, requirement.empty() || message.empty() ? "" : ": ", message);
  if (!known.empty()) out += cat("  (known: ", clean_line(known), ")");
  return out + '\n';
}

std::string case_report(const CaseResult& result, const Style& style, std::string_view known) {
  Detail detail{.colour = style.colour, .octets = style.verbose};
  if (!style.verbose) detail.last_lines = short_transcript;
  return cat(explain(result, detail), known_line(known));
}

std::string summary(const RunInfo& run, const std::vector<CaseResult>& results, const Baseline& baseline,
                    const std::vector<std::string>& reports, const Style& style) {
  const auto sums = totals(results, run.strict, baseline);
  std::string out;
  if (run.interrupted) out += cat(paint("interrupted", Colour::red, style.colour), "; what ran is reported\n");
  out += stale_text(stale_entries(baseline, results), style);
  if (const auto subject = subject_of(run); !subject.empty()) out += cat(subject, '\n');
  out += cat(sums.cases, " cases in ", fixed(run.seconds, 2), " s, seed ", run.seed, ":");
  for (const auto verdict : verdicts)
    out += cat(verdict == Verdict::pass ? " " : ", ", count_text(sums.of(verdict), verdict, style));
  if (run.strict && sums.of(Verdict::note) > 0) out += " (strict: notes count as failures)";
  if (sums.known > 0) out += cat("; ", sums.known, " known");
  out += '\n';
  if (const auto broken = broken_requirements(results, run.strict); !broken.empty())
    out += cat("requirements broken: ", broken, '\n');
  for (const auto& report : reports) out += cat("  ", clean_line(report, longest_text), '\n');
  return out;
}

}  // namespace upspec::report
