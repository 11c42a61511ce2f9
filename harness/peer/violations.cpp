#include "peer/violations.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "base/text.hpp"
#include "peer/planted.hpp"
#include "peer/violations_tables.hpp"

namespace upspec {

namespace {

// One after the other: server, client, proxy.
const std::vector<Violation>& table() {
  static const auto all = [] {
    std::vector<Violation> one;
    for (const auto part : {server_violations(), client_violations(), proxy_violations()})
      one.insert(one.end(), part.begin(), part.end());
    return one;
  }();
  return all;
}

// "RES-99 (near: RES-01/late, RES-02)": what shares the requirement, or at least its section.
std::string near(std::string_view id, ReferenceRole role) {
  std::vector<std::string> found;
  const auto requirement = id.substr(0, id.find('/'));
  for (const auto start : {requirement, id.substr(0, id.find('-') + 1)}) {
    for (const auto& one : table())
      if (found.size() < 8 && one.role == role && !start.empty() && one.id.starts_with(start))
        found.emplace_back(one.id);
    if (!found.empty()) break;
  }
  return found.empty() ? std::string("--list-violations shows them all") : cat("near: ", join(found, ", "));
}

}  // namespace

std::string_view name_of(ReferenceRole role) {
  constexpr std::array<std::string_view, 3> names = {"server", "client", "proxy"};
  return names.at(static_cast<std::size_t>(role));
}

std::span<const Violation> all_violations() { return table(); }

Result<Violations> Violations::of(std::span<const std::string> ids, ReferenceRole role) {
  Violations chosen;
  chosen.spoilt_ = std::make_shared<std::atomic<bool>>(false);
  for (const auto& id : ids) {
    const auto is_it = [&](const Violation& one) { return one.id == id && one.role == role; };
    if (std::ranges::none_of(table(), is_it) && std::ranges::none_of(planted_bugs(), is_it)) {
      return fail(cat("no violation ", quoted(id), " of a ", name_of(role), "; ", near(id, role)));
    }
    chosen.ids_.insert(id);
  }
  return chosen;
}

}  // namespace upspec
