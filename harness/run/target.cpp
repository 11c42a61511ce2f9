#include "run/target.hpp"

#include <filesystem>

#include "base/text.hpp"
#include "peer/reference_server.hpp"
#include "run/case_folder.hpp"

namespace upspec {
Target::Target(const TargetPlan& plan) : plan_(plan) {
  reach_.drive.timeout = plan.timeout;
  reach_.drive.jobs = plan.jobs;
  reach_.situation = plan.situation;
}

Target::~Target() = default;

Result<std::unique_ptr<Target>> Target::open(const TargetPlan& plan, const std::string& out, const StopFlag& stop) {
  std::unique_ptr<Target> target(new Target(plan));
  std::error_code ignored;
  const auto key_log = std::filesystem::path(out) / "key.log";
  std::filesystem::remove(key_log, ignored);  // it is appended to
  target->plan_.client.key_log_file = key_log.string();
  Result<void> opened;
  if (plan.implementation) {
    opened = target->open_supervised(out, stop);
  } else if (plan.address) {
    target->name_ = "unnamed server";
    opened = target->reach(*plan.address, target->plan_.client);
  } else {
    opened = target->open_embedded(key_log.string());
  }
  if (!opened) return tl::unexpected(opened.error());
  return target;
}

Result<void> Target::open_embedded(const std::string& key_log) {
  name_ = "upspec reference server";
  version_ = upspec_version();
  ListenOptions listen;
  TlsClientOptions client = plan_.client;
  if (plan_.tls) {
    const auto own = make_own_certificate();
    if (!own) return tl::unexpected(own.error());
    if (client.ca_file.empty()) client.ca_pem = own->ca_pem;
    auto server = TlsServer::make({own->identity, {}});
    if (!server) return tl::unexpected(server.error());
    listen.tls = *std::move(server);
    client.key_log_file = key_log;
  }
  ServerOptions options;
  options.upgrade_setting = plan_.situation.upgrade_setting;
  options.upgrade_needs_setting = plan_.situation.upgrade_needs_setting;
  auto listener = Listener::open(
      listen, [options] { return std::make_unique<Carried<ReferenceServer>>(ReferenceServer(options)); });
  if (!listener) return tl::unexpected(listener.error());
  embedded_ = std::make_unique<BackgroundListener>(*std::move(listener));
  return reach(embedded_->address(), client);
}

Result<void> Target::open_supervised(const std::string& out, const StopFlag& stop) {
  name_ = plan_.implementation->name;
  version_ = Supervisor::version(*plan_.implementation);
  stop_token_ = std::make_unique<StopTokenOf>(stop);
  const std::string logs = (std::filesystem::path(out) / "logs").string();
  auto supervisor =
      Supervisor::start(*plan_.implementation, {.tls = plan_.tls, .logs = logs, .stop = stop_token_->token()});
  if (!supervisor) return tl::unexpected(supervisor.error());
  supervisor_.emplace(*std::move(supervisor));
  return reach_supervised();
}

Result<void> Target::reach(const Address& address, const TlsClientOptions& client) {
  reach_.drive.target = address;
  reach_.situation.authority = plan_.situation.authority.empty() ? to_text(address) : plan_.situation.authority;
  if (!plan_.tls) return {};
  auto tls = TlsClient::make(client);
  if (!tls) return tl::unexpected(tls.error());
  reach_.drive.tls = *std::move(tls);
  return {};
}

Result<void> Target::reach_supervised() {
  const Reachable at = supervisor_->target();
  TlsClientOptions client = plan_.client;
  if (client.ca_file.empty() && !client.insecure) client.ca_file = at.ca_file;
  if (auto ok = reach(plan_.address.value_or(Address{at.host, at.port}), client); !ok) return ok;
  reach_.situation.authority = supervisor_->filled(reach_.situation.authority);
  for (std::size_t i = 0; i < reach_.situation.fields.size(); ++i)
    reach_.situation.fields[i].value = supervisor_->filled(plan_.situation.fields[i].value);
  return {};
}

std::string Target::where() const {
  return cat(to_text(reach_.drive.target), plan_.tls ? " over TLS" : " in cleartext");
}

Result<void> Target::restart() {
  if (auto ok = supervisor_->restart(); !ok) return ok;
  return reach_supervised();
}

PlayCases Target::player(const Registry& registry, const StopFlag& stop) {
  PlayCases play = over_sockets([this] { return reach_; }, registry, stop);
  if (!supervisor_) return play;
  Watched watched;
  watched.death = [this] { return supervisor_->death(); };
  watched.restart = [this] { return restart(); };
  watched.restart_every = plan_.implementation->restart_every;
  watched.stopped = [&stop] { return stop.raised(); };
  return watching_deaths(std::move(play), std::move(watched));
}

}  // namespace upspec
