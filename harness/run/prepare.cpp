#include "run/prepare.hpp"

#include <algorithm>

#include "run/case_folder.hpp"
#include "run/report_files.hpp"
#include "run/selection.hpp"

namespace upspec {
namespace {

using Opened = Result<std::unique_ptr<Subject>>;

template <class Kind>
Opened as_subject(Result<std::unique_ptr<Kind>> opened) {
  if (!opened) return tl::unexpected(opened.error());
  return std::unique_ptr<Subject>(*std::move(opened));
}

struct OpenSubject {
  const std::string& out;
  const StopFlag& stop;
  Opened operator()(const TargetPlan& plan) const { return as_subject(Target::open(plan, out, stop)); }
  Opened operator()(const ClientPlan& plan) const { return as_subject(ClientSubject::open(plan, out, stop)); }
  Opened operator()(const ProxyPlan& plan) const { return as_subject(ProxySubject::open(plan, out, stop)); }
};

std::vector<std::string> roles_of(const RunOptions& options, const std::optional<Implementation>& implementation) {
  if (implementation && implementation->role != "server") return {implementation->role};
  if (!options.role.empty()) return {options.role};
  if (implementation || options.target) return {"server"};
  return {"server", "client", "proxy"};
}

Result<Part> plan_part(const std::string& role, const RunOptions& options,
                       const std::optional<Implementation>& implementation) {
  const auto planned = [&](auto plan) -> Result<Part> {
    if (!plan) return tl::unexpected(plan.error());
    return Part{role, {}, *std::move(plan)};
  };
  if (role == "client") return planned(plan_client_role(options, implementation));
  if (role == "proxy") return planned(plan_proxy_role(options, implementation));
  return planned(plan_target(options, implementation));
}

// The ways that were asked for: 21 by default, and all that the embedded reference has; in that order.
std::vector<const Case*> in_ways(const std::vector<const Case*>& cases, const RunOptions& options,
                                 const ProxyPlan& plan) {
  std::vector<std::string> ways = options.ways;
  if (ways.empty() && plan.implementation) ways = plan.implementation->ways;
  if (ways.empty())
    ways = plan.embedded() ? std::vector<std::string>{"21", "12", "22"} : std::vector<std::string>{"21"};
  std::vector<const Case*> taken;
  for (const auto& way : ways)
    std::ranges::copy_if(cases, std::back_inserter(taken), [&](const Case* one) { return one->way == way; });
  return taken;
}

Result<void> select_for(Part& part, const Suite& suite, const RunOptions& options) {
  auto selected = select_cases(suite, options.filter, part.role);
  if (!selected) return tl::unexpected(selected.error());
  const auto* proxy = std::get_if<ProxyPlan>(&part.plan);
  part.selected = proxy != nullptr ? in_ways(*selected, options, *proxy) : *std::move(selected);
  if (part.selected.empty()) return fail("no case selected: none is of the ways that are asked for; --way");
  return {};
}

Result<report::Baseline> read_known(const RunOptions& options, const std::vector<Part>& parts) {
  std::string file = options.baseline;
  for (const Part& part : parts)
    if (const auto& one = part.implementation(); file.empty() && one) file = one->known_failures;
  if (file.empty()) return report::Baseline{};
  return report::read_baseline(file);
}

}  // namespace

const std::vector<Dialect>& Part::asked() const {
  return std::visit([](const auto& one) -> const std::vector<Dialect>& { return one.asked; }, plan);
}

const std::optional<Implementation>& Part::implementation() const {
  return std::visit([](const auto& one) -> const auto& { return one.implementation; }, plan);
}

std::vector<std::vector<const Case*>> Part::groups() const {
  std::vector<std::vector<const Case*>> all;
  for (const Case* one : selected) {
    if (all.empty() || all.back().front()->way != one->way) all.emplace_back();
    all.back().push_back(one);
  }
  return all;
}

Result<std::unique_ptr<Subject>> Part::open(const std::string& out, const StopFlag& stop) const {
  return std::visit(OpenSubject{out, stop}, plan);
}

Result<std::unique_ptr<Prepared>> prepare(const RunOptions& options) {
  auto prepared = std::make_unique<Prepared>();
  const auto folder = find_case_folder(options.cases);
  if (!folder) return tl::unexpected(folder.error());
  auto suite = load_suite(*folder);
  if (!suite) return tl::unexpected(suite.error());
  prepared->suite = *std::move(suite);

  std::optional<Implementation> implementation;
  if (!options.implementation.empty()) {
    auto loaded = load_implementation(options.implementation);
    if (!loaded) return tl::unexpected(loaded.error());
    implementation = *std::move(loaded);
  }
  Result<void> selected;  // the last role's
  for (const std::string& role : roles_of(options, implementation)) {
    auto part = plan_part(role, options, implementation);
    if (!part) return tl::unexpected(part.error());
    selected = select_for(*part, prepared->suite, options);
    if (selected) prepared->parts.push_back(*std::move(part));
  }
  if (prepared->parts.empty()) return tl::unexpected(selected.error());
  auto baseline = read_known(options, prepared->parts);
  if (!baseline) return tl::unexpected(baseline.error());
  prepared->baseline = *std::move(baseline);
  if (auto ok = prepare_reports(options.out); !ok) return tl::unexpected(ok.error());
  return prepared;
}

}  // namespace upspec
