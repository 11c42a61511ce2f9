#include "run/fuzz_target.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/text.hpp"

namespace upspec {
namespace {

std::string path_of(const Situation& situation, const char* what) {
  const auto at = situation.paths.find(what);
  return at == situation.paths.end() ? std::string() : at->second;
}

}  // namespace

Result<Implementation> load_server(const std::string& file) {
  auto loaded = load_implementation(file);
  if (!loaded || loaded->role == "server") return loaded;
  const bool is_proxy = loaded->role == "proxy";
  return fail(cat(file, ": role=\"", loaded->role, "\", but scripts are played to role=\"server\"",
                  is_proxy
                      ? ": with an origin that <start> starts, a proxy is one (as in cases/targets/haproxy.xml); an "
                        "adapter (fuzz/adapter.h) has both of its ends fuzzed"
                      : ""));
}

Result<std::unique_ptr<FuzzTarget>> FuzzTarget::open(const TargetPlan& plan, const std::string& out,
                                                     const StopFlag& stop) {
  auto target = Target::open(plan, out, stop);
  if (!target) return tl::unexpected(target.error());
  std::unique_ptr<FuzzTarget> opened(new FuzzTarget(*std::move(target), stop));
  opened->reach();
  if (auto ok = opened->look_around(plan); !ok) return tl::unexpected(ok.error());
  return opened;
}

void FuzzTarget::reach() {
  const Reach& reach = target_->reach();
  dialer_ = dialer_to(reach.drive.target);
  ground_.scheme = reach.situation.scheme;
  ground_.authority = reach.situation.authority;
  ground_.fields = reach.situation.fields;
  ground_.paths = {path_of(reach.situation, "websocket"), path_of(reach.situation, "raw")};
  ends_.upgrade_setting = reach.situation.upgrade_setting;
  ends_.upgrade_needs_setting = reach.situation.upgrade_needs_setting;
}

Result<void> FuzzTarget::look_around(const TargetPlan& plan) {
  script::Script hello;
  hello.steps.push_back({{}, 0, script::WaitStep{.what = script::Awaited::settings}});
  const auto driven =
      play(hello, plan.timeout > std::chrono::seconds(2) ? std::chrono::seconds(5) : std::chrono::seconds(2));
  if (!driven.connected || driven.traces.empty() || driven.traces.front().second.events().empty())
    return fail(cat("cannot talk to ", target_->where()));
  const auto& link = driven.played.links.front();
  if (!link.unreadable.empty() || link.closing) return fail(cat(target_->where(), " does not speak HTTP/2 to us"));
  const auto& announced = driven.traces.front().second.announced();
  const auto on = [&](Dialect dialect) {
    const auto at = announced.find(announcing_setting(dialect, ends_.upgrade_setting));
    return (at != announced.end() && at->second == 1) || (dialect == Dialect::upgrade && !ends_.upgrade_needs_setting);
  };
  ground_.dialects = plan.asked;
  if (!plan.asked.empty()) return {};
  for (const Dialect dialect : {Dialect::upgrade, Dialect::connect})
    if (on(dialect)) ground_.dialects.push_back(dialect);
  return {};
}

Driven FuzzTarget::play(const script::Script& script, std::chrono::milliseconds patience, bool transcript) {
  const Reach& reach = target_->reach();
  script::EndOptions ends = ends_;
  ends.transcript = transcript;
  return drive_script({.script = script,
                       .ends = ends,
                       .dialer = *dialer_,
                       .tls = &reach.drive.tls,
                       .host = reach.drive.target.host,
                       .limits = {.settle = settle_, .patience = patience, .ping = true},
                       .paths = ground_.paths},
                      &stop_);
}

std::optional<Death> FuzzTarget::death() {
  auto* supervisor = target_->supervisor();
  return supervisor == nullptr ? std::nullopt : supervisor->death();
}

bool FuzzTarget::renew() {
  if (!is_ours() || !target_->restart()) return false;
  reach();
  return true;
}

std::optional<Holdings> FuzzTarget::holdings() {
  auto* supervisor = target_->supervisor();
  const auto pid = supervisor == nullptr ? std::nullopt : supervisor->pid();
  if (!pid) return std::nullopt;
  const auto entries = [&](const char* folder) {
    std::error_code error;
    const std::filesystem::directory_iterator first(cat("/proc/", *pid, folder), error);
    return error ? 0 : static_cast<std::size_t>(std::distance(begin(first), end(first)));
  };
  Holdings all;
  all.descriptors = entries("/fd");
  all.threads = entries("/task");
  std::size_t pages = 0;
  std::ifstream(cat("/proc/", *pid, "/statm")) >> pages >> pages;
  all.resident = pages * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  return all;
}

}  // namespace upspec
