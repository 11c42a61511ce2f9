#include "run/proxy_subject.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <stdexcept>
#include <thread>
#include <utility>

#include "base/text.hpp"
#include "net/driver.hpp"
#include "net/relay.hpp"
#include "run/case_folder.hpp"
#include "run/deaths.hpp"
#include "run/resident.hpp"

namespace upspec {

namespace {

// More of them do not make two cores faster.
constexpr std::size_t most_lanes = 8;
// Programs of others, each with all that it starts.
constexpr std::size_t most_started = 4;

std::chrono::nanoseconds nanoseconds_of(double seconds) {
  return std::chrono::nanoseconds(static_cast<std::int64_t>(seconds * 1e9));
}

// A program that listens where it wants to, or shows a certificate of its own, is there once.
std::size_t lanes_for(const RunOptions& options, const std::optional<Implementation>& implementation, bool tls) {
  if (!implementation) return options.target ? 1 : std::min(options.jobs, most_lanes);
  const bool many = !implementation->starts.empty() && !implementation->port && !tls;
  return many ? std::min(options.jobs, most_started) : 1;
}

// A proxy that could not connect to its origin may leave it alone for a while.
std::vector<const Case*> unreachable_last(std::vector<const Case*> cases) {
  const auto cuts_off = [](const Step& step) {
    const auto* refuse = std::get_if<Refuse>(&step.what);
    return refuse && refuse->how == Refuse::How::connection;
  };
  std::vector<const Case*> last;
  for (const Case* one : cases)
    if (std::ranges::any_of(one->steps, cuts_off)) last.push_back(one);
  std::erase_if(cases, [&](const Case* one) { return std::ranges::find(last, one) != last.end(); });
  cases.insert(cases.end(), last.begin(), last.end());
  return cases;
}

}  // namespace

struct ProxySubject::Lane {
  Address front;
  std::shared_ptr<const Door> door;
  Situation situation;  // its authority may name the front
  bool busy = false;
  // Of a program that we start.
  std::optional<Supervisor> supervisor;
  std::optional<ResidentWatch> memory;  // while a case that presses is played
  // Of the embedded reference: it serves on a thread of its own for as long as it lives.
  std::optional<Relay> relay;
  StopFlag stop;
  std::jthread thread;

  ~Lane() { stop.raise(); }

  // Where the program listens; after a restart that may be elsewhere.
  void reach(const Situation& planned) {
    const Reachable at = supervisor->target();
    front = {at.host, at.port};
    situation = planned;
    situation.authority = situation.authority.empty() ? to_text(front) : supervisor->filled(situation.authority);
    for (auto& field : situation.fields) field.value = supervisor->filled(field.value);
  }
};

Result<ProxyPlan> plan_proxy_role(const RunOptions& options, std::optional<Implementation> implementation) {
  ProxyPlan plan;
  if (implementation && implementation->role != "proxy")
    return fail(cat(implementation->file, ": its role is ", implementation->role, ", not proxy"));
  if (implementation && (options.target || options.origin))
    return fail("--implementation says where the proxy and its origin are; without --target and --origin");
  if (options.target && !options.origin)
    return fail("--target of a proxy needs --origin HOST:PORT, where we listen behind it");
  if (options.origin && !options.target) return fail("--origin needs --target HOST:PORT, where the proxy listens");
  const bool tls = options.tls.value_or(implementation && !implementation->cleartext);
  if (implementation && !(tls ? implementation->tls : implementation->cleartext))
    return fail(cat(implementation->file, " is not tested ", tls ? "over TLS" : "in cleartext"));
  if (tls && !options.target && !implementation)
    return fail("--tls: the embedded reference proxy is tested in cleartext");
  if (!tls && (!options.ca.empty() || options.insecure || !options.server_name.empty()))
    return fail("--ca, --insecure and --server-name are for TLS: add --tls");
  plan.target = options.target;
  if (options.origin) plan.origin = *options.origin;
  plan.tls = tls;
  plan.client.ca_file = options.ca;
  plan.client.insecure = options.insecure;
  plan.client.server_name = options.server_name;
  plan.asked = options.dialects;
  plan.lanes = lanes_for(options, implementation, tls);
  plan.timeout = nanoseconds_of(options.timeout);
  Situation& situation = plan.situation;
  situation.scheme = tls ? "https" : "http";
  situation.seed = options.seed;
  situation.fields = options.fields;
  situation.authority = !options.authority.empty() ? options.authority
                        : options.target           ? to_text(*options.target)
                                                   : "reference.test";
  situation.upgrade_needs_setting = options.upgrade_needs_setting.value_or(true);
  if (options.setting_id) situation.upgrade_setting = *options.setting_id;
  situation.origin_timeout = options.origin_timeout;
  situation.paths["websocket"] = options.websocket.value_or("/echo");
  // Every path is the origin's, and that is us.
  situation.paths["raw"] = options.raw.value_or("/raw");
  situation.paths["h2c"] = options.h2c.value_or("/");
  if (!implementation) return plan;
  const auto& one = *implementation;
  if (options.authority.empty()) situation.authority = one.authority;
  for (const auto& [name, value] : one.headers) situation.fields.push_back({lower(name), value});
  if (!options.upgrade_needs_setting) situation.upgrade_needs_setting = one.upgrade_needs_setting;
  if (!options.setting_id && one.setting_id) situation.upgrade_setting = *one.setting_id;
  if (options.dialects.empty()) plan.asked = one.dialects;
  if (options.origin_timeout <= 0) situation.origin_timeout = one.origin_timeout;
  if (!options.websocket && one.websocket) situation.paths["websocket"] = *one.websocket;
  plan.client.insecure = plan.client.insecure || (options.ca.empty() && one.insecure);
  if (options.server_name.empty()) plan.client.server_name = one.server_name;
  situation.upgrades = one.upgrades;
  plan.implementation = std::move(implementation);
  return plan;
}

ProxySubject::ProxySubject(const ProxyPlan& plan, std::string out) : plan_(plan), out_(std::move(out)) {}
ProxySubject::~ProxySubject() = default;

Result<std::unique_ptr<ProxySubject>> ProxySubject::open(const ProxyPlan& plan, const std::string& out,
                                                         const StopFlag& stop) {
  std::unique_ptr<ProxySubject> subject(new ProxySubject(plan, out));
  if (plan.embedded()) {
    subject->name_ = "upspec reference proxy";
    subject->version_ = upspec_version();
    return subject;
  }
  if (!plan.implementation) {
    if (auto ok = subject->open_target(); !ok) return tl::unexpected(ok.error());
    return subject;
  }
  subject->name_ = plan.implementation->name;
  subject->version_ = Supervisor::version(*plan.implementation);
  subject->stop_token_ = std::make_unique<StopTokenOf>(stop);
  auto first = subject->open_started(0);
  if (!first) return tl::unexpected(first.error());
  if (auto ok = subject->trust(**first); !ok) return tl::unexpected(ok.error());
  subject->lanes_[""].push_back(*std::move(first));
  return subject;
}

Result<void> ProxySubject::open_target() {
  auto lane = std::make_shared<Lane>();
  auto door = Door::open(plan_.origin, std::nullopt);
  if (!door) return tl::unexpected(door.error());
  lane->door = std::make_shared<const Door>(*std::move(door));
  lane->front = *plan_.target;
  lane->situation = plan_.situation;
  lanes_[""].push_back(std::move(lane));
  if (!plan_.tls) return {};
  auto tls = TlsClient::make(plan_.client);
  if (!tls) return tl::unexpected(tls.error());
  tls_ = *std::move(tls);
  return {};
}

Result<std::shared_ptr<ProxySubject::Lane>> ProxySubject::open_started(std::size_t number) const {
  auto lane = std::make_shared<Lane>();
  auto door = Door::open(plan_.origin, std::nullopt);
  if (!door) return tl::unexpected(door.error());
  lane->door = std::make_shared<const Door>(*std::move(door));
  SupervisorOptions options;
  options.tls = plan_.tls;
  const auto logs = std::filesystem::path(out_) / "logs";
  options.logs = (number == 0 ? logs : logs / cat("lane-", number + 1)).string();
  options.origin = lane->door->address().port;
  options.stop = stop_token_->token();
  auto supervisor = Supervisor::start(*plan_.implementation, options);
  if (!supervisor) return tl::unexpected(supervisor.error());
  lane->supervisor.emplace(*std::move(supervisor));
  lane->reach(plan_.situation);
  return lane;
}

Result<void> ProxySubject::trust(const Lane& lane) {
  if (!plan_.tls) return {};
  TlsClientOptions client = plan_.client;
  if (client.ca_file.empty() && !client.insecure) client.ca_file = lane.supervisor->target().ca_file;
  auto tls = TlsClient::make(client);
  if (!tls) return tl::unexpected(tls.error());
  tls_ = *std::move(tls);
  return {};
}

std::string ProxySubject::where() const {
  if (plan_.embedded()) return "loopback";
  const auto& lane = *lanes_.at("").front();
  return cat(to_text(lane.front), plan_.tls ? " over TLS" : " in cleartext", ", with the origin at ",
             to_text(lane.door->address()));
}

std::shared_ptr<ProxySubject::Lane> ProxySubject::open_embedded(const std::string& way) const {
  auto lane = std::make_shared<Lane>();
  auto door = Door::open({"127.0.0.1", 0}, std::nullopt);
  if (!door) throw std::runtime_error(door.error().text);
  lane->door = std::make_shared<const Door>(*std::move(door));
  lane->situation = plan_.situation;
  RelayOptions relay;
  relay.origin = lane->door->address();
  if (const double wait = plan_.situation.origin_timeout; wait > 0) relay.origin_timeout = nanoseconds_of(wait);
  ProxyOptions proxy;
  proxy.way = way_from(way).value_or(Way::h2_to_h1);
  proxy.upgrade_setting = plan_.situation.upgrade_setting;
  proxy.upgrade_needs_setting = plan_.situation.upgrade_needs_setting;
  auto opened = Relay::open(relay, [proxy](OctetView) { return std::optional(ReferenceProxy(proxy)); });
  if (!opened) throw std::runtime_error(opened.error().text);
  lane->relay.emplace(*std::move(opened));
  lane->front = lane->relay->address();
  lane->thread = std::jthread([one = lane.get()] { one->relay->serve(one->stop); });
  return lane;
}

ProxySubject::Lanes& ProxySubject::lanes_of(const std::string& way, std::size_t cases) {
  auto& lanes = lanes_[plan_.embedded() ? way : ""];
  while (lanes.size() < std::min(plan_.lanes, cases)) {
    if (plan_.embedded()) {
      lanes.push_back(open_embedded(way));
      continue;
    }
    auto another = open_started(lanes.size());
    if (!another) break;  // those that there are will do
    lanes.push_back(*std::move(another));
  }
  return lanes;
}

PlayCases ProxySubject::player(const Registry& registry, const StopFlag& stop) {
  PlayCases play = in_lanes(registry, stop);
  if (!plan_.implementation) return play;
  Watched watched;
  watched.death = [this]() -> std::optional<Death> {
    for (const auto& lane : lanes_[""])
      if (auto death = lane->supervisor->death()) return death;
    return std::nullopt;
  };
  watched.restart = [this] { return restart(); };
  watched.restart_every = plan_.implementation->restart_every;
  watched.stopped = [&stop] { return stop.raised(); };
  return watching_deaths(std::move(play), std::move(watched));
}

// All of them: who died is known, who was harmed beside is not.
Result<void> ProxySubject::restart() {
  for (const auto& lane : lanes_[""]) {
    if (auto ok = lane->supervisor->restart(); !ok) return ok;
    lane->reach(plan_.situation);
    if (auto ok = trust(*lane); !ok) return ok;
  }
  return {};
}

PlayCases ProxySubject::in_lanes(const Registry& registry, const StopFlag& stop) {
  return [this, &registry, &stop](const std::vector<const Case*>& given, const OnEnd& on_end) {
    if (given.empty()) return;
    const auto cases = unreachable_last(given);
    auto& lanes = lanes_of(cases.front()->way, cases.size());
    std::map<std::size_t, std::shared_ptr<Lane>> taken;  // by the case's number
    std::size_t begun = 0;
    bool wants_more = true;
    const auto next = [&]() -> std::optional<Job> {
      const auto free = std::ranges::find(lanes, false, [](const auto& lane) { return lane->busy; });
      if (!wants_more || begun == cases.size() || free == lanes.end()) return std::nullopt;
      const std::size_t number = begun++;
      (*free)->busy = true;
      taken[number] = *free;
      (*free)->situation.resets_behind = resets_behind_;
      if (const auto group = (*free)->supervisor ? (*free)->supervisor->pid() : std::nullopt;
          group && presses(*cases[number]))
        (*free)->memory.emplace(*group);
      Job job{Play(*cases[number], (*free)->situation, registry), number};
      job.door = (*free)->door;
      job.target = (*free)->front;
      const auto& needs = cases[number]->needs;
      if (std::ranges::find(needs, "origin-timeout") != needs.end())
        job.timeout = plan_.timeout + nanoseconds_of(plan_.situation.origin_timeout);
      return job;
    };
    const auto done = [&](const Job& job, const Ended& end) {
      Lane& lane = *taken[job.number];
      lane.busy = false;
      resets_behind_ = resets_behind_ || job.play.lingered_in_vain();
      const auto memory = std::exchange(lane.memory, std::nullopt);
      if (!end.finished) return;
      auto result = played(job.play, end.seconds);
      if (const auto grown = memory ? memory->grown() : std::nullopt)
        judge_growth(result.result, *cases[job.number], *grown);
      wants_more = on_end(*cases[job.number], std::move(result)) && wants_more;
    };
    DriveOptions options;
    options.tls = tls_;
    options.timeout = plan_.timeout;
    options.jobs = lanes.size();
    drive(options, next, done, stop);
  };
}

}  // namespace upspec
