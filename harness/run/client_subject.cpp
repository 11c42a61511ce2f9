#include "run/client_subject.hpp"

#include <stdlib.h>

#include <algorithm>
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

// A browser lets WebSockets that are still connecting wait for each other when there are many.
constexpr std::size_t most_visits = 10;

}  // namespace

Result<std::unique_ptr<ClientSubject>> ClientSubject::open(const ClientPlan& plan, const std::string& out,
                                                           const StopFlag& stop) {
  std::unique_ptr<ClientSubject> made(new ClientSubject(plan));
  made->name_ = plan.implementation ? plan.implementation->name
                : plan.listen       ? "unnamed client"
                : plan.embedded()   ? "upspec reference client"
                                    : fs::path(plan.command.front()).filename().string();
  if (plan.embedded()) made->version_ = upspec_version();
  if (plan.implementation) made->version_ = Supervisor::version(*plan.implementation);
  if (plan.tls)
    if (auto ok = made->make_certificate(); !ok) return tl::unexpected(ok.error());
  if (plan.browser()) {
    const BrowserOptions options{*made->server_, fs::absolute(made->ca_file_).string(), made->key_hash_,
                                 out.empty() ? "" : (fs::path(out) / "logs").string()};
    auto browser = Browser::start(*plan.implementation, options, stop);
    if (!browser) return tl::unexpected(browser.error());
    made->browser_ = *std::move(browser);
  }
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
  const auto key_hash = public_key_hash(own->identity.certificate_pem);
  if (!key_hash) return tl::unexpected(key_hash.error());
  key_hash_ = *key_hash;
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

Guest ClientSubject::guest_for(const Case& one, const Situation& situation) {
  Guest guest;
  if (browser_) {
    const VisitCall call{url_for(one, situation), std::string(protocol_of(one)), message_for(one)};
    guest.invite = [visits = &browser_->visits(), call,
                    visit = std::make_shared<std::unique_ptr<Visits::Visit>>()](const GuestWord& word) {
      *visit = visits->ask_for(call, [word](bool success, const std::string& saw) {
        word({ProcessStatus::How::exited, success ? 0 : 1}, cat("has seen through its API: ", saw));
      });
    };
  } else if (!plan_.command.empty()) {
    guest.program = ProcessOptions{.command = fill_command(plan_.command, one, situation, ca_file_)};
  } else {
    guest.performer.reset(new TalkingClient(talking_client(one, {}, situation)));
    guest.tls = client_;
  }
  return guest;
}

Job ClientSubject::job_for(const Case& one, std::size_t number, const Registry& registry) {
  auto door = Door::open({"127.0.0.1", 0}, server_);
  if (!door) throw std::runtime_error(door.error().text);
  Situation situation = plan_.situation;
  situation.authority = to_text(door->address());
  situation.port = cat(door->address().port);
  Job job{Play(one, situation, registry), number, std::make_shared<const Door>(*std::move(door))};
  job.guest = guest_for(one, situation);
  job.report = [](const Performer& guest) { return report_of(static_cast<const TalkingClient&>(guest)); };
  return job;
}

Played ClientSubject::ended(const Job& job, const Ended& end) {
  auto one = played(job.play, end.seconds);
  auto& result = one.result;
  if (browser_) {
    result.evidence = job.heard ? cat("the browser ", job.output) : "the browser's page has said nothing";
  } else if (result.verdict != Verdict::pass && !job.output.empty()) {
    result.evidence = cat("the end of the client's output:\n", job.output);
  }
  auto death = job.death;
  if (browser_ && browser_died(job.number)) {
    death = death_->how;
    result.evidence = death_->evidence;
  }
  if (death.empty()) return one;
  result.verdict = Verdict::error;
  result.message = cat("the client's program was ", death);
  one.died = true;
  return one;
}

// All cases that ran when it died are lost with it.
bool ClientSubject::browser_died(std::size_t number) {
  if (auto death = browser_->death()) {
    death_ = std::move(death);
    lost_ = begun_;
    if (auto again = browser_->restart(); !again) throw std::runtime_error(again.error().text);
  }
  return number < lost_;
}

void ClientSubject::play(const std::vector<const Case*>& cases, const OnEnd& on_end, const Registry& registry,
                         const StopFlag& stop) {
  begun_ = lost_ = 0;
  bool wants_more = true;
  const auto next = [&]() -> std::optional<Job> {
    if (!wants_more || begun_ == cases.size()) return std::nullopt;
    const std::size_t number = begun_++;
    return job_for(*cases[number], number, registry);
  };
  const auto done = [&](const Job& job, const Ended& end) {
    if (end.finished) wants_more = on_end(*cases[job.number], ended(job, end)) && wants_more;
  };
  DriveOptions options;
  options.timeout = plan_.timeout;
  options.jobs = browser_ ? std::min(plan_.jobs, most_visits) : plan_.jobs;
  drive(options, next, done, stop);
}

}  // namespace upspec
