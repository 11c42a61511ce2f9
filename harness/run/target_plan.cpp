// The pure half of target.hpp: which of options, description and defaults holds.
#include "base/text.hpp"
#include "run/target.hpp"

namespace upspec {
namespace {

Result<bool> plan_tls(const RunOptions& options, const std::optional<Implementation>& implementation) {
  const bool tls = options.tls.value_or(implementation && !implementation->cleartext);
  if (implementation) {
    if (tls && !implementation->tls) return fail(cat("--tls: ", implementation->file, " offers cleartext only"));
    if (!tls && !implementation->cleartext) return fail(cat("--cleartext: ", implementation->file, " offers TLS only"));
  }
  if (!tls && (!options.ca.empty() || options.insecure || !options.server_name.empty()))
    return fail("--ca, --insecure and --server-name are for TLS: add --tls");
  return tls;
}

// "" says that it is not offered.
void offer(Situation& situation, const char* what, const std::optional<std::string>& asked,
           const std::optional<std::string>& otherwise) {
  const auto& path = asked ? asked : otherwise;
  if (path && !path->empty()) situation.paths[what] = *path;
}

void plan_paths(TargetPlan& plan, const RunOptions& options) {
  std::optional<std::string> websocket = "/echo", raw, h2c;
  if (plan.implementation) {
    websocket = plan.implementation->websocket;
    raw = plan.implementation->raw;
    h2c = plan.implementation->h2c;
  } else if (plan.embedded()) {
    raw = "/raw";
    h2c = "/";
  }
  offer(plan.situation, "websocket", options.websocket, websocket);
  offer(plan.situation, "raw", options.raw, raw);
  offer(plan.situation, "h2c", options.h2c, h2c);
}

void plan_situation(TargetPlan& plan, const RunOptions& options) {
  Situation& situation = plan.situation;
  const auto& implementation = plan.implementation;
  situation.scheme = plan.tls ? "https" : "http";
  situation.seed = options.seed;
  situation.authority = options.authority;
  situation.fields = options.fields;
  situation.upgrade_needs_setting = options.upgrade_needs_setting.value_or(true);
  if (options.setting_id) situation.upgrade_setting = *options.setting_id;
  plan.asked = options.dialects;
  if (!implementation) return;
  if (options.authority.empty()) situation.authority = implementation->authority;
  for (const auto& [name, value] : implementation->headers) situation.fields.push_back({lower(name), value});
  if (!options.upgrade_needs_setting) situation.upgrade_needs_setting = implementation->upgrade_needs_setting;
  if (!options.setting_id && implementation->setting_id) situation.upgrade_setting = *implementation->setting_id;
  if (options.dialects.empty()) plan.asked = implementation->dialects;
}

Result<void> plan_client(TargetPlan& plan, const RunOptions& options) {
  plan.client.ca_file = options.ca;
  plan.client.insecure = options.insecure;
  plan.client.server_name = options.server_name;
  if (plan.implementation) {
    plan.client.insecure = plan.client.insecure || (options.ca.empty() && plan.implementation->insecure);
    if (options.server_name.empty()) plan.client.server_name = plan.implementation->server_name;
  }
  if (!options.ca.empty())  // a wrong file is an error of the call, so it is read now
    if (auto readable = TlsClient::make(plan.client); !readable) return fail("--ca " + readable.error().text);
  return {};
}

}  // namespace

Result<TargetPlan> plan_target(const RunOptions& options, std::optional<Implementation> implementation) {
  TargetPlan plan;
  if (options.target && implementation && !implementation->starts.empty())
    return fail(
        cat("--target and --implementation: ", implementation->file, " starts the program itself; one of them"));
  plan.implementation = std::move(implementation);
  plan.address = options.target;
  const auto tls = plan_tls(options, plan.implementation);
  if (!tls) return tl::unexpected(tls.error());
  plan.tls = *tls;
  plan.jobs = options.jobs;
  plan.timeout = std::chrono::nanoseconds(static_cast<std::int64_t>(options.timeout * 1e9));
  plan_paths(plan, options);
  plan_situation(plan, options);
  if (auto ok = plan_client(plan, options); !ok) return tl::unexpected(ok.error());
  return plan;
}

}  // namespace upspec
