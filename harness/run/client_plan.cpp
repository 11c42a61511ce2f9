#include <algorithm>
#include <filesystem>

#include "base/text.hpp"
#include "run/client_call.hpp"
#include "run/client_subject.hpp"

namespace upspec {

namespace {

// Every protocol that a client can be told to ask for, and where: `none` is an ordinary GET.
const std::map<std::string, std::string> all_paths = {
    {"websocket", "/echo"}, {"raw", "/raw"}, {"h2c", "/h2c"}, {"none", "/"}};

void replace_all(std::string& text, std::string_view what, const std::string& with) {
  for (auto at = text.find(what); at != text.npos; at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
}

Result<void> check(const RunOptions& options, const std::optional<Implementation>& implementation) {
  const bool for_servers = options.target || !options.ca.empty() || options.insecure || !options.server_name.empty() ||
                           options.websocket || options.raw || options.h2c || !options.fields.empty() ||
                           !options.authority.empty();
  if (for_servers)
    return fail(
        "--role client: --target, --ca, --insecure, --server-name, --websocket, --raw, --h2c, --header and "
        "--authority are for servers");
  if (options.listen && !options.client_command.empty()) return fail("--listen and --client-command: one of them");
  if (!implementation) return {};
  if (implementation->role != "client")
    return fail(cat(implementation->file, ": its role is ", implementation->role, ", not client"));
  if (options.listen || !options.client_command.empty())
    return fail("--implementation says how the client is started; without --listen and --client-command");
  return {};
}

// What the description says, where the command line does not.
Result<void> take(ClientPlan& plan, const RunOptions& options, const Implementation& implementation) {
  plan.tls = options.tls.value_or(!implementation.cleartext);
  if (!(plan.tls ? implementation.tls : implementation.cleartext))
    return fail(cat(implementation.file, " is not tested ", plan.tls ? "over TLS" : "in cleartext"));
  if (!plan.tls && implementation.client_command.empty())
    return fail(
        cat(implementation.file, ": a page's cases are played over TLS; <connects cleartext=\"no\" tls=\"yes\"/>"));
  const Values here{{"here", std::filesystem::absolute(implementation.file).parent_path().string()}};
  for (const auto& word : implementation.client_command) plan.command.push_back(fill(word, here).value_or(word));
  if (plan.asked.empty()) plan.asked = implementation.dialects;
  if (!options.setting_id && implementation.setting_id) plan.situation.upgrade_setting = *implementation.setting_id;
  if (!options.upgrade_needs_setting) plan.situation.upgrade_needs_setting = implementation.upgrade_needs_setting;
  return {};
}

}  // namespace

Result<ClientPlan> plan_client_role(const RunOptions& options, std::optional<Implementation> implementation) {
  if (auto ok = check(options, implementation); !ok) return tl::unexpected(ok.error());
  ClientPlan plan;
  plan.listen = options.listen;
  if (!options.client_command.empty()) {
    auto words = split_command(options.client_command);
    if (!words) return fail(cat("--client-command: ", words.error().text));
    if (words->empty()) return fail("--client-command: no program in it");
    plan.command = *std::move(words);
  }
  plan.tls = options.tls.value_or(false);
  plan.asked = options.dialects;
  plan.timeout = std::chrono::nanoseconds(static_cast<std::int64_t>(options.timeout * 1e9));
  plan.jobs = options.jobs;

  auto& situation = plan.situation;
  situation.upgrade_needs_setting = options.upgrade_needs_setting.value_or(true);
  if (options.setting_id) situation.upgrade_setting = *options.setting_id;
  if (implementation)
    if (auto ok = take(plan, options, *implementation); !ok) return tl::unexpected(ok.error());
  if (!plan.tls && !options.ca_out.empty()) return fail("--ca-out is for TLS: add --tls");
  plan.ca_out = options.ca_out;
  situation.scheme = plan.tls ? "https" : "http";
  situation.seed = options.seed;
  situation.client_reports = !plan.listen;
  auto protocols = options.client_protocols;
  if (protocols.empty() && implementation) protocols = implementation->client_protocols;
  plan.implementation = std::move(implementation);
  if (plan.embedded() && protocols.empty()) {
    situation.paths = all_paths;
    return plan;
  }
  if (protocols.empty()) protocols = {"websocket", "none"};
  for (const auto& name : protocols) {
    const auto known = all_paths.find(name == "upspec-echo" ? "raw" : name);
    if (known == all_paths.end())
      return fail(cat("--client-protocols ", name, ": they are websocket, upspec-echo, h2c, none"));
    situation.paths.insert(*known);
  }
  return plan;
}

std::vector<std::string> fill_command(const std::vector<std::string>& command, const Case& one,
                                      const Situation& situation, const std::string& ca_file) {
  std::vector<std::string> filled = command;
  for (auto& word : filled) {
    // The message last: what it says is nobody's placeholder.
    replace_all(word, "{url}", url_for(one, situation));
    replace_all(word, "{dialect}", std::string(name_of(one.dialect)));
    replace_all(word, "{protocol}", std::string(protocol_of(one)));
    replace_all(word, "{ca}", ca_file);
    replace_all(word, "{message}", message_for(one));
  }
  return filled;
}

}  // namespace upspec
