#include "scenario/suite.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <tuple>

#include "base/text.hpp"
#include "scenario/xml.hpp"

namespace upspec {

namespace {

namespace fs = std::filesystem;

std::vector<std::string> files_in(const std::string& folder) {
  std::vector<std::string> files;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error))
    if (entry.path().extension() == ".xml") files.push_back(entry.path().string());
  std::ranges::sort(files);
  return files;
}

constexpr std::string_view roles[] = {"server", "client", "proxy"};

// Within a role: ids must be one case each, and a control that is stood on must be there.
Result<void> check_together(const std::vector<Case>& cases) {
  std::set<std::string_view> ids;
  std::set<std::tuple<std::string_view, std::string_view, Dialect>> controls;
  for (const auto& one : cases) {
    if (!ids.insert(one.id).second)
      return fail(cat(one.place.file, ":", one.place.line, ": case id \"", one.id, "\" stands twice"));
    if (one.control) controls.emplace(one.short_id, one.way, one.dialect);
  }
  for (const auto& one : cases)
    if (!one.stands_on.empty() && !controls.contains({one.stands_on, one.way, one.dialect})) {
      return fail(cat(one.place.file, ":", one.place.line, ": stands-on names \"", one.stands_on,
                      "\", which is no control of dialect ", name_of(one.dialect),
                      one.way.empty() ? "" : cat(" in way ", one.way)));
    }
  return {};
}

// Controls first, each after the one it stands on; then subjects by the first requirement that they check.
void sort_cases(std::vector<Case>& cases, const Registry& registry) {
  std::map<std::string, std::size_t, std::less<>> place;
  for (std::size_t i = 0; i < registry.all().size(); ++i) place[registry.all()[i].text.id] = i;
  std::map<std::string, std::size_t, std::less<>> subject_place;
  for (const auto& one : cases) subject_place.try_emplace(one.subject, place[one.checks.front()]);
  std::map<std::size_t, std::vector<Case>> ordered;
  for (auto& one : cases) ordered[one.control ? 0 : 1 + subject_place[one.subject]].push_back(std::move(one));
  cases.clear();
  for (auto& [rank, group] : ordered) std::ranges::move(group, std::back_inserter(cases));
}

Result<std::vector<Case>> load_role(const std::string& folder, std::string_view role, std::string_view messages,
                                    const Registry& registry) {
  std::vector<Case> all;
  for (const auto& file : files_in(folder)) {
    const auto text = loading([&] { return read_file(file); });
    if (!text) return tl::unexpected(text.error());
    auto cases = load_cases(*text, file, messages, registry);
    if (!cases) return tl::unexpected(cases.error());
    for (const auto& one : *cases)
      if (one.role != role) return fail(cat(file, ":1: role=\"", one.role, "\" in the folder of role ", role));
    std::ranges::move(*cases, std::back_inserter(all));
  }
  if (const auto ok = check_together(all); !ok) return tl::unexpected(ok.error());
  sort_cases(all, registry);
  return all;
}

}  // namespace

std::vector<const Case*> Suite::find(std::string_view id) const {
  std::vector<const Case*> found;
  for (const auto& one : cases)
    if (one.id == id || one.short_id == id) found.push_back(&one);
  return found;
}

Result<Suite> load_suite(const std::string& folder) {
  auto registry = Registry::load(cat(folder, "/requirements.xml"));
  if (!registry) return tl::unexpected(registry.error());
  const auto messages = loading([&] { return read_file(cat(folder, "/messages.xml")); });
  if (!messages) return tl::unexpected(messages.error());
  Suite suite{std::move(*registry), {}};
  for (const auto role : roles) {
    auto cases = load_role(cat(folder, "/", role), role, *messages, suite.registry);
    if (!cases) return tl::unexpected(cases.error());
    std::ranges::move(*cases, std::back_inserter(suite.cases));
  }
  if (suite.cases.empty()) return fail(cat(folder, "/server: no case in it"));
  return suite;
}

}  // namespace upspec
