// `upspec show ID`: a case as it stands in its file, its requirements, and what it expands to.
#include <algorithm>
#include <cstdio>

#include "base/text.hpp"
#include "run/case_folder.hpp"
#include "run/commands.hpp"
#include "run/exit_status.hpp"
#include "scenario/suite.hpp"

namespace upspec {
namespace {

// A whole id, or one without its dialect or its row.
bool names(const Case& one, std::string_view id) {
  return one.id == id || one.short_id == id || one.id.starts_with(cat(id, "/")) ||
         one.short_id.starts_with(cat(id, "/"));
}

bool same_source(const Case& a, const Case& b) { return a.place.file == b.place.file && a.place.line == b.place.line; }

// Its first line begins at the element; the others keep the indent that they have in the file.
std::string unindented(const std::string& source) {
  const std::size_t last = source.rfind('\n');
  if (last == std::string::npos) return source;
  const std::size_t indent = source.find_first_not_of(' ', last + 1) - (last + 1);
  std::string text;
  for (const std::string_view line : split(source, '\n')) {
    const std::size_t cut = text.empty() ? 0 : std::min(indent, line.find_first_not_of(' '));
    text += cat(text.empty() ? "" : "\n", line.substr(std::min(cut, line.size())));
  }
  return text;
}

// Of the case in each dialect that it runs in: some hold in one alone.
std::string requirements_text(const Case& one, const Suite& suite) {
  std::string text;
  for (const Requirement& requirement : suite.registry.all()) {
    const RequirementText& its = requirement.text;
    const auto checks = [&](const Case& other) {
      return same_source(one, other) && std::ranges::find(other.checks, its.id) != other.checks.end();
    };
    if (std::ranges::any_of(suite.cases, checks))
      text += cat("  ", its.id, " ", its.level, " (", its.basis, its.clause.empty() ? "" : "; ", its.clause, ")\n    ",
                  its.sentence, "\n");
  }
  return text;
}

std::string values_text(const Case& one) {
  std::string text;
  for (const auto& [name, value] : one.values)
    if (const auto filled = value.fill({})) text += cat("  ", name, "=", upspec::quoted(std::string_view(*filled), 80));
  return text;
}

std::string show(const Case& one, const Suite& suite, std::string_view id) {
  std::string text = cat(one.place.file, ":", one.place.line, "\n\n", unindented(one.source), "\n\nchecks\n",
                         requirements_text(one, suite));
  if (!one.needs.empty()) text += cat("needs ", join(one.needs, " "), "\n");
  if (!one.stands_on.empty()) text += cat("stands on ", one.stands_on, "\n");
  if (one.unannounced) text += cat("is played only where dialect ", name_of(one.dialect), " is not announced\n");
  text += "runs as\n";
  for (const Case& other : suite.cases)
    if (same_source(one, other) && names(other, id)) text += cat("  ", other.id, values_text(other), "\n");
  return text;
}

}  // namespace

int show_command(const ShowOptions& options) {
  const auto folder = find_case_folder(options.cases);
  if (!folder) return complain("show", folder.error().text, exit_status::usage);
  const auto suite = load_suite(*folder);
  if (!suite) return complain("show", suite.error().text, exit_status::usage);
  std::string text;
  const Case* before = nullptr;
  for (const Case& one : suite->cases) {
    if (!names(one, options.id) || (before != nullptr && same_source(*before, one))) continue;
    if (text.find(cat(one.place.file, ":", one.place.line, "\n")) != std::string::npos) continue;  // shown already
    text += cat(text.empty() ? "" : "\n", show(one, *suite, options.id));
    before = &one;
  }
  if (text.empty())
    return complain("show", cat(options.id, ": no such case; `upspec list` shows what there is"), exit_status::usage);
  std::fputs(text.c_str(), stdout);
  return exit_status::ok;
}

}  // namespace upspec
