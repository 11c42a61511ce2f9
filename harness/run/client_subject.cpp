#include "run/client_subject.hpp"

#include <stdlib.h>

#include <cstdio>
#include <filesystem>
#include <stdexcept>

#include "base/text.hpp"
#include "net/driver.hpp"
#include "report/file.hpp"
#include "run/attach_host.hpp"
#include "run/case_folder.hpp"
#include "run/client_call.hpp"

namespace upspec {

namespace {

namespace fs = std::filesystem;

// Every protocol that a client can be told to ask for, and where: `none` is an ordinary GET.
const std::map<std::string, std::string> all_paths = {
    {"websocket", "/echo"}, {"raw", "/raw"}, {"h2c", "/h2c"}, {"none", "/"}};

void replace_all(std::string& text, std::string_view what, const std::string& with) {
  for (auto at = text.find(what); at != text.npos; at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
}

}  // namespace

Result<ClientPlan> plan_client_role(const RunOptions& options) {
  const bool for_servers = options.target || !options.implementation.empty() || !options.ca.empty() ||
                           options.insecure || !options.server_name.empty() || options.websocket || options.raw ||
                           options.h2c || !options.fields.empty() || !options.authority.empty();
  if (for_servers)
    return fail(
        "--role client: --target, --implementation, --ca, --insecure, --server-name, --websocket, --raw, "
        "--h2c, --header and --authority are for servers");
  if (options.listen && !options.client_command.empty()) return fail("--listen and --client-command: one of them");
  ClientPlan plan;
  plan.listen = options.listen;
  if (!options.client_command.empty()) {
    auto words = split_command(options.client_command);
    if (!words) return fail(cat("--client-command: ", words.error().text));
    if (words->empty()) return fail("--client-command: no program in it");
    plan.command = *std::move(words);
  }
  plan.tls = options.tls.value_or(false);
  if (!plan.tls && !options.ca_out.empty()) return fail("--ca-out is for TLS: add --tls");
  plan.ca_out = options.ca_out;
  plan.asked = options.dialects;
  plan.timeout = std::chrono::nanoseconds(static_cast<std::int64_t>(options.timeout * 1e9));
  plan.jobs = options.jobs;

  auto& situation = plan.situation;
  situation.scheme = plan.tls ? "https" : "http";
  situation.seed = options.seed;
  situation.upgrade_needs_setting = options.upgrade_needs_setting.value_or(true);
  if (options.setting_id) situation.upgrade_setting = *options.setting_id;
  situation.client_reports = !plan.listen;
  if (plan.command.empty() && !plan.listen && options.client_protocols.empty()) {
    situation.paths = all_paths;
    return plan;
  }
  const std::vector<std::string> usual = {"websocket", "none"};
  for (const auto& name : options.client_protocols.empty() ? usual : options.client_protocols) {
    const auto known = all_paths.find(name == "upspec-echo" ? "raw" : name);
    if (known == all_paths.end())
      return fail(cat("--client-protocols ", name, ": they are websocket, upspec-echo, h2c, none"));
    situation.paths.insert(*known);
  }
  return plan;
}

std::vector<std::string> fill_command(const std::vector<std::string>& command, const Case& one,
                                      const Situation& situation, const std::string& ca_file) {
  const auto protocol = std::string(protocol_of(one));
  std::vector<std::string> filled = command;
  for (auto& word : filled) {
    // The message last: what it says is nobody's placeholder.
    replace_all(word, "{url}", url_for(one, situation));
    replace_all(word, "{dialect}", std::string(name_of(one.dialect)));
    replace_all(word, "{protocol}", protocol);
    replace_all(word, "{ca}", ca_file);
    replace_all(word, "{message}", protocol == "none" ? "" : one.message);
  }
  return filled;
}

Result<std::unique_ptr<ClientSubject>> ClientSubject::open(const ClientPlan& plan) {
  std::unique_ptr<ClientSubject> made(new ClientSubject(plan));
  const bool embedded = plan.command.empty() && !plan.listen;
  made->name_ = plan.listen ? "unnamed client"
                : embedded  ? "upspec reference client"
                            : fs::path(plan.command.front()).filename().string();
  if (embedded) made->version_ = upspec_version();
  if (plan.tls)
    if (auto ok = made->make_certificate(); !ok) return tl::unexpected(ok.error());
  if (!plan.listen) return made;
  auto door = Door::open(*plan.listen, made->server_);
  if (!door) return tl::unexpected(door.error());
  made->plan_.situation.authority = to_text(door->address());
  made->plan_.situation.port = cat(door->address().port);
  std::printf("listening on %s\n", to_text(door->address()).c_str());
  std::fflush(stdout);
  made->door_.emplace(*std::move(door));
  return made;
}

ClientSubject::~ClientSubject() {
  std::error_code ignored;
  if (!folder_.empty()) fs::remove_all(folder_, ignored);
}

// The CA lives in a file, since a program is told where it is. Nothing is installed into the system.
Result<void> ClientSubject::make_certificate() {
  const auto own = make_own_certificate();
  if (!own) return tl::unexpected(own.error());
  auto server = TlsServer::make({own->identity, {}});
  if (!server) return tl::unexpected(server.error());
  server_ = *std::move(server);
  TlsClientOptions trusting;
  trusting.ca_pem = own->ca_pem;
  auto client = TlsClient::make(trusting);
  if (!client) return tl::unexpected(client.error());
  client_ = *std::move(client);

  ca_file_ = plan_.ca_out;
  if (ca_file_.empty()) {
    std::string folder = (fs::temp_directory_path() / "upspec-XXXXXX").string();
    if (::mkdtemp(folder.data()) == nullptr) return fail(cat(folder, ": cannot be made"));
    folder_ = folder;
    ca_file_ = (fs::path(folder_) / "ca.pem").string();
  }
  return report::write_atomically(ca_file_, own->ca_pem);
}

std::string ClientSubject::where() const {
  if (door_) return cat(to_text(door_->address()), plan_.tls ? " over TLS" : " in cleartext");
  return cat("a port of 127.0.0.1 for each case", plan_.tls ? ", over TLS" : ", in cleartext");
}

PlayCases ClientSubject::player(const Registry& registry, const StopFlag& stop) {
  return [this, &registry, &stop](const std::vector<const Case*>& cases, const OnEnd& on_end) {
    plan_.listen ? host(cases, on_end, registry, stop) : play(cases, on_end, registry, stop);
  };
}

void ClientSubject::host(const std::vector<const Case*>& cases, const OnEnd& on_end, const Registry& registry,
                         const StopFlag& stop) {
  auto host = std::make_unique<AttachHost>(*door_, cases, plan_.situation, registry, on_end);
  const auto back = perform(std::move(host), plan_.timeout, stop);
  const auto& said = static_cast<const AttachHost&>(*back).client_name();
  if (!said.empty()) name_ = said;
}

void ClientSubject::play(const std::vector<const Case*>& cases, const OnEnd& on_end, const Registry& registry,
                         const StopFlag& stop) {
  std::size_t begun = 0;
  bool wants_more = true;
  const auto next = [&]() -> std::optional<Job> {
    if (!wants_more || begun == cases.size()) return std::nullopt;
    const std::size_t number = begun++;
    const Case& one = *cases[number];
    auto door = Door::open({"127.0.0.1", 0}, server_);
    if (!door) throw std::runtime_error(door.error().text);
    Situation situation = plan_.situation;
    situation.authority = to_text(door->address());
    situation.port = cat(door->address().port);
    Job job{Play(one, situation, registry), number, std::make_shared<const Door>(*std::move(door))};
    if (plan_.command.empty()) {
      job.guest.performer.reset(new TalkingClient(talking_client(one, {}, situation)));
      job.guest.tls = client_;
      job.report = [](const Performer& guest) { return report_of(static_cast<const TalkingClient&>(guest)); };
    } else {
      job.guest.program = ProcessOptions{.command = fill_command(plan_.command, one, situation, ca_file_)};
    }
    return job;
  };
  const auto done = [&](const Job& job, const Ended& end) {
    if (!end.finished) return;
    auto one = played(job.play, end.seconds);
    if (one.result.verdict != Verdict::pass && !job.output.empty())
      one.result.evidence = cat("the end of the client's output:\n", job.output);
    if (!job.death.empty()) {
      one.result.verdict = Verdict::error;
      one.result.message = cat("the client's program was ", job.death);
      one.died = true;
    }
    wants_more = on_end(*cases[job.number], std::move(one)) && wants_more;
  };
  DriveOptions options;
  options.timeout = plan_.timeout;
  options.jobs = plan_.jobs;
  drive(options, next, done, stop);
}

}  // namespace upspec
