// `upspec list` and `--list-violations`: what there is, as text or JSON.
#include <algorithm>
#include <cstdio>
#include <map>
#include <set>

#include "base/text.hpp"
#include "report/json_writer.hpp"
#include "run/case_folder.hpp"
#include "run/commands.hpp"
#include "run/exit_status.hpp"
#include "scenario/suite.hpp"

namespace upspec {
namespace {

// What all requirements of a case say together: "MUST", "seed rfc".
std::string distinct(const Case& one, const Registry& registry, std::string RequirementText::* part) {
  std::vector<std::string> all;
  for (const std::string& id : one.checks)
    for (const std::string_view word : words(registry.find(id)->text.*part))
      if (std::ranges::find(all, word) == all.end()) all.emplace_back(word);
  return join(all, " ");
}

std::string padded(std::string text, std::size_t width) {
  text.resize(std::max(width, text.size()), ' ');
  return text;
}

std::string shortened(std::string_view sentence) {
  constexpr std::size_t longest = 90;
  return sentence.size() <= longest ? std::string(sentence) : cat(sentence.substr(0, longest - 3), "...");
}

std::string list_cases(const std::vector<const Case*>& cases, const Registry& registry) {
  std::size_t width = 0;
  for (const Case* one : cases) width = std::max(width, one->id.size());
  std::string text;
  for (const Case* one : cases)
    text += cat(padded(one->role, 8), padded(one->id, width), "  ",
                padded(distinct(*one, registry, &RequirementText::level), 6), "  ", join(one->checks, " "), "  ",
                shortened(registry.find(one->checks.front())->text.sentence), "\n");
  return text + cat(cases.size(), " cases\n");
}

std::string json_cases(const std::vector<const Case*>& cases, const Registry& registry) {
  report::JsonWriter json;
  json.begin_object().key("cases").begin_array();
  const auto add_list = [&](const char* name, const std::vector<std::string>& list) {
    json.key(name).begin_array();
    for (const std::string& word : list) json.text(word);
    json.end_array();
  };
  for (const Case* one : cases) {
    json.begin_object().key("id").text(one->id).key("role").text(one->role);
    json.key("way").text(one->way).key("dialect").text(name_of(one->dialect)).key("subject").text(one->subject);
    add_list("requirements", one->checks);
    json.key("level").text(distinct(*one, registry, &RequirementText::level));
    json.key("basis").text(distinct(*one, registry, &RequirementText::basis));
    add_list("needs", one->needs);
    json.key("control").flag(one->control).key("stands-on").text(one->stands_on);
    json.key("file").text(one->place.file).key("line").number(static_cast<std::uint64_t>(one->place.line));
    json.end_object();
  }
  return json.end_array().end_object().take();
}

using Counts = std::map<std::string, std::size_t, std::less<>>;

Counts counts_of(const std::vector<const Case*>& cases) {
  Counts counts;
  for (const Case* one : cases)
    for (const std::string& id : one->checks) ++counts[id];
  return counts;
}

std::string list_requirements(const Registry& registry, const Counts& counts) {
  std::string text;
  for (const Requirement& one : registry.all()) {
    const auto count = counts.find(one.text.id);
    text += cat(padded(one.text.id, 8), padded(one.text.level, 8), padded(one.roles, 4), padded(one.text.basis, 13),
                padded(cat(count == counts.end() ? 0 : count->second), 5), shortened(one.text.sentence), "\n");
    if (!one.uncovered.empty()) text += cat(padded("", 8), "no case of role server: ", one.uncovered, "\n");
  }
  return text;
}

std::string json_requirements(const Registry& registry, const Counts& counts) {
  report::JsonWriter json;
  json.begin_object().key("requirements").begin_array();
  for (const Requirement& one : registry.all()) {
    const auto count = counts.find(one.text.id);
    json.begin_object().key("id").text(one.text.id).key("level").text(one.text.level).key("roles").text(one.roles);
    json.key("basis").text(one.text.basis).key("clause").text(one.text.clause);
    json.key("sentence").text(one.text.sentence).key("cases").number(count == counts.end() ? 0 : count->second);
    json.key("uncovered").text(one.uncovered).end_object();
  }
  return json.end_array().end_object().take();
}

}  // namespace

int list_command(const ListOptions& options) {
  const auto folder = find_case_folder(options.cases);
  if (!folder) return complain("list", folder.error().text, exit_status::usage);
  const auto suite = load_suite(*folder);
  if (!suite) return complain("list", suite.error().text, exit_status::usage);
  const auto cases = select_cases(*suite, options.filter, options.role);
  if (!cases) return complain("list", cases.error().text, exit_status::usage);
  const Registry& registry = suite->registry;
  std::string text;
  if (options.requirements) {
    const Counts counts = counts_of(*cases);
    text = options.json ? json_requirements(registry, counts) : list_requirements(registry, counts);
  } else {
    text = options.json ? json_cases(*cases, registry) : list_cases(*cases, registry);
  }
  std::fputs(text.c_str(), stdout);
  return exit_status::ok;
}

int list_violations(ReferenceRole role) {
  for (const Violation& one : all_violations())
    if (one.role == role) std::puts(cat(padded(std::string(one.id), 32), one.what).c_str());
  return exit_status::ok;
}

int complain(std::string_view command, std::string_view what, int status) {
  std::fputs(cat("upspec ", command, ": ", what, "\n").c_str(), stderr);
  return status;
}

}  // namespace upspec
