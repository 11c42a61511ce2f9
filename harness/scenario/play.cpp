#include "scenario/play.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "base/base64.hpp"
#include "base/text.hpp"
#include "scenario/play_state.hpp"

namespace upspec {

namespace {

constexpr const char* in_vain = "nothing more in time";
constexpr std::string_view beginning = "the peer's SETTINGS and its acknowledgement of ours (RFC 9113 3.4, 6.5.3)";

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};

// A peer may leave a window unused that is too small for all that it has to say.
bool waits_for_an_amount(const Expect& expect) {
  const auto* parts = std::get_if<std::vector<ExpectPart>>(&expect.alternatives.front().what);
  return parts && std::holds_alternative<ExpectAmount>(parts->front());
}

// FNV-1a: the same case has the same key in every run of one seed, and another than its neighbours.
std::uint64_t seed_of(std::string_view id, std::uint64_t seed) {
  std::uint64_t hash = 0xcbf29ce484222325u ^ seed;
  for (const char c : id) hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x100000001b3u;
  return hash;
}

// What every case can name (load_case.cpp has the same names), and the values of its rows.
Scope scope_of(const Case& what, const Situation& situation, Random& random) {
  Scope scope;
  scope["scheme"] = situation.scheme;
  scope["authority"] = situation.authority;
  scope["port"] = situation.port;
  scope["protocol"] = what.role == "client" ? std::string(protocol_of(what)) : "websocket";
  scope["message"] = what.message;
  scope["dialect"] = std::string(name_of(what.dialect));
  scope["key"] = base64(random.octets(16));
  scope["key2"] = base64(random.octets(16));
  scope["token"] = hex(random.octets(4));
  std::erase(scope["token"], ' ');
  for (const auto* name : {"websocket", "raw", "h2c"}) scope[cat("path.", name)] = "/";
  for (const auto& [name, path] : situation.paths) scope[cat("path.", name)] = path;
  for (const auto& [name, value] : what.values) scope[name] = value.fill(scope).value_or("");
  return scope;
}

}  // namespace

Play::State::State(const Case& c, const Situation& s, const Registry& registry)
    : what(c),
      situation(s),
      random(seed_of(c.id, s.seed)),
      scope(scope_of(c, situation, random)),
      ruling(what, registry),
      behind(scope["token"]) {
  if (const auto ok = links.begin(what, situation, scope); !ok) ruling.error(ok.error().text);
}

// ---- steps --------------------------------------------------------------------------------------------------

void Play::State::advance(Moment now) {
  if (ruling.ended()) return;
  auto did = Did::finished;
  last_event = now;
  if (is_proxy()) behind.look(links, now);
  if (step == 0 && links.choose_main()) memory = {}, begun = false;
  while (did == Did::finished) {
    did = !begun ? begin(links.main()) : step == what.steps.size() ? pass() : take_step(now);
    begun = begun || did == Did::finished;
  }
  settle();
}

// Once the case has ended, the Monitors have their say.
void Play::State::settle() {
  if (!ruling.ended() || std::exchange(settled, true)) return;
  for (const auto& one : links.all()) ruling.judge(is_proxy() ? own_breaches(one) : one.breaches());
  if (!is_proxy()) return;
  ruling.judge(breaches_behind());
  end_connections();
}

bool Play::State::over() const {
  const auto is_open = [](const Link& one) { return one.accepts && one.connected && !one.gone && !one.abort; };
  return ruling.ended() && (!is_proxy() || lingered || std::ranges::none_of(links.all(), is_open));
}

// A connection begins with SETTINGS both ways.
Play::State::Did Play::State::begin(const Link& one) {
  if (one.ready() && announced(one)) return Did::finished;
  if (one.ready()) return one.over() ? fail(announcement(), one.came(1), "not announced") : Did::waits;
  if (may_go_at_once(one)) return Did::finished;
  if (one.left_unasked() && !report) return Did::waits;
  if (one.left_unasked())
    return fail(std::string(beginning), cat(one.came(1), "; the client ", report->text), "no SETTINGS exchange");
  return one.over() ? fail(std::string(beginning), one.came(1), "no SETTINGS exchange") : Did::waits;
}

// NEG-02, NEG-07: we ask for nothing that the server has not announced, and it may announce later than in its first
// SETTINGS frame.
bool Play::State::announced(const Link& one) const {
  if (what.awaits == Case::Awaits::nothing || one.accepts) return true;
  const auto on = [&](std::uint16_t id) {
    const auto at = one.actor.peer_settings().find(id);
    return at != one.actor.peer_settings().end() && at->second == 1;
  };
  const bool upgrade = !situation.upgrade_needs_setting || on(situation.upgrade_setting);
  const bool connect = on(h2::setting::enable_connect_protocol);
  if (what.awaits == Case::Awaits::any_dialect) return upgrade || connect;
  return what.dialect == Dialect::upgrade ? upgrade : connect;
}

std::string Play::State::announcement() const {
  return cat("SETTINGS with ", what.dialect == Dialect::upgrade ? "ENABLE_UPGRADE" : "ENABLE_CONNECT_PROTOCOL",
             "=1 (RFC 9113 5.5)");
}

// A client may go before the case has begun, by right: it is not offered what it wants, and that is quiet; or what it
// is offered is a connection error. Where it should have asked it may come again, unless its program has ended.
bool Play::State::may_go_at_once(const Link& one) const {
  if (!one.accepts || !one.actor.settings_seen()) return false;
  const auto is_send = [](const Step& next) { return std::holds_alternative<Send>(next.what); };
  const auto waits =
      std::find_if_not(what.steps.begin() + static_cast<std::ptrdiff_t>(step), what.steps.end(), is_send);
  if (waits == what.steps.end()) return false;
  const auto& first = waits->what;
  if (const auto* expect = std::get_if<Expect>(&first))
    return awaits_the_end(*expect) && (one.actor.closing() || !one.actor.goaways().empty());
  return one.actor.closing() && std::holds_alternative<Quiet>(first);
}

Play::State::Did Play::State::take_step(Moment now) {
  const auto& current = what.steps[step];
  if (const auto* connect = std::get_if<Connect>(&current.what); connect && !links.find(current.at)) {
    const auto settings = settings_of(connect->settings, scope, situation.upgrade_setting);
    if (!settings) return error(settings.error().text);
    links.open(current.at, *settings);
  }
  if (is_proxy() && Behind::is_name(current.at)) {
    const auto did = take_step_behind(current, now);
    if (did == Did::finished) step_done();
    return did;
  }
  auto* at = std::holds_alternative<Let>(current.what) ? &links.main() : links.find(current.at);
  if (!at) return error(cat("no connection is called \"", current.at, "\""));
  if (!at->accepts && at->ended_by_right()) {
    if (!at->over_by_right) ruling.note(cat("the connection was ended too (", at->came(0), ")"));
    return pass();  // nothing is left to be judged on it
  }
  const auto did = std::visit([&](const auto& one) { return play(one, *at, now); }, current.what);
  if (did == Did::finished) step_done();
  return did;
}

void Play::State::step_done() {
  ++step;
  ++progress;
  memory = {};
}

// ---- waiting in vain ----------------------------------------------------------------------------------------

void Play::State::deadline(Moment now) {
  if (ruling.ended()) return void(lingered = true);
  links.main().remark("waited in vain: the deadline has passed", now);
  if (begun) {
    step_in_vain(now);
  } else if (links.main().ready()) {
    fail(announcement(), cat(links.main().came(1), " in time"), "not announced");
  } else if (links.main().connected) {
    fail(std::string(beginning), cat(links.main().came(1), " in time"), in_vain);
  } else {
    fail(cat(links.main().accepts ? "a connection, and " : "", beginning),
         cat("no connection in time", turned_away.empty() ? "" : cat("; ", turned_away),
             report ? cat("; the client ", report->text) : ""),
         "no connection in time");
  }
  settle();
}

void Play::State::step_in_vain(Moment now) {
  const auto& current = what.steps[step];
  const auto* seat = is_proxy() ? behind.find(current.at) : nullptr;
  auto* at = seat ? &links.all()[seat->link] : links.find(current.at);
  const auto in_time = [&](std::uint32_t stream) {
    return cat(at ? at->came(stream) : "no connection", ", and no more in time");
  };
  std::visit(
      Overloaded{
          [&](const Send&) { fail(memory.sending ? memory.sending->awaited() : "a connection", in_time(1), in_vain); },
          [&](const Expect& expect) {
            const auto did = is_proxy() ? expect_across(expect, true) : expect_now(expect, *at, true);
            const bool goes_on = did == Did::waits && waits_for_an_amount(expect);
            if (did == Did::finished || goes_on) return step_done(), advance(now);
            if (did == Did::waits)
              fail(describe(expect, what.dialect, scope, at ? at->actor.side() : Side::client),
                   in_time(stream_of(expect)), in_vain);
          },
          [&](const Quiet&) { fail(memory.marker.empty() ? "an answer to PING" : alive_text(), in_time(0), in_vain); },
          [&](const Alive&) {
            if (at && !at->accepts && !at->h1 && memory.alive_stream == 0) return void(skip_for_streams(at->actor));
            fail(alive_text(), in_time(memory.alive_stream), in_vain);
          },
          [&](const Flow&) {
            fail("the flow to go on",
                 memory.flow
                     ? cat(memory.flow->sent(), " octets sent, ", memory.flow->came(), " came, and no more in time")
                     : "no flow",
                 in_vain);
          },
          [&](const Report&) {
            ruling.note("the client's program did not end by itself");
            step_done();
            advance(now);
          },
          [&](const auto&) { fail("a connection", in_time(1), in_vain); }},
      current.what);
}

Play::Play(const Case& what, const Situation& situation, const Registry& registry)
    : state_(std::make_unique<State>(what, situation, registry)) {}
Play::~Play() = default;
Play::Play(Play&&) noexcept = default;
Play& Play::operator=(Play&&) noexcept = default;

std::size_t Play::links() const { return state_->links.all().size(); }

Play::Wish Play::wish(std::size_t link) const {
  const auto& one = state_->links.all()[link];
  if (!one.connected) return one.accepts ? Wish::accept : Wish::open;
  return one.abort ? Wish::abort : one.shut ? Wish::shut : Wish::keep;
}

std::optional<Octets> Play::take_output(std::size_t link) {
  auto& one = state_->links.all()[link];
  auto out = one.take_output();
  if (out || state_->ruling.ended()) return out;
  state_->pump(one);
  return one.take_output();
}

bool Play::reads(std::size_t link) const { return !state_->links.all()[link].deaf || state_->ruling.ended(); }

bool Play::small_buffers() const {
  const auto& state = *state_;
  if (!state.is_proxy() || state.ruling.ended()) return false;
  const auto presses = [](const Step& step) {
    const auto* flow = std::get_if<Flow>(&step.what);
    return flow && flow->press;
  };
  const auto measured = state.step + (state.memory.flow && !state.memory.flow->held() ? 1 : 0);
  return std::any_of(state.what.steps.begin() + static_cast<std::ptrdiff_t>(measured), state.what.steps.end(), presses);
}

bool Play::listens() const { return state_->behind.takes_connections() || state_->ruling.ended(); }

void Play::connected(std::size_t link, Moment now) {
  state_->links.all()[link].start(now);
  state_->advance(now);
}

std::optional<std::size_t> Play::accepted(Moment now) {
  if (state_->ruling.ended() || !listens()) return std::nullopt;
  ++state_->progress;
  return state_->links.accept(now);
}

void Play::turned_away(std::string_view why, Moment now) {
  if (done()) return;
  state_->turned_away = why;
  state_->links.main().remark(cat("a connection came that was none: ", why), now);
}

void Play::not_connected(std::size_t, std::string_view why, Moment) {
  state_->ruling.error(std::string(why));
  state_->settle();
}

void Play::receive(std::size_t link, OctetView octets, Moment now) {
  if (state_->ruling.ended()) return;
  state_->links.all()[link].receive(octets, now);
  state_->advance(now);
}

void Play::closed(std::size_t link, Closing how, Moment now) {
  state_->links.all()[link].gone = true;
  if (state_->ruling.ended()) return;
  state_->links.all()[link].closed(how, now);
  state_->advance(now);
}

void Play::client_ended(ClientReport report, Moment now) {
  if (done()) return;
  state_->links.main().remark(cat("the client's program ", report.text), now);
  state_->report = std::move(report);
  state_->advance(now);
}

bool Play::awaits_report() const {
  const auto& state = *state_;
  return !done() && !state.report && state.step < state.what.steps.size() &&
         std::holds_alternative<Report>(state.what.steps[state.step].what);
}

void Play::deadline(Moment now) {
  if (!done()) state_->deadline(now);
}

bool Play::done() const { return state_->over(); }

bool Play::lingers() const { return state_->ruling.ended() && !done(); }

bool Play::lingered_in_vain() const { return state_->lingered; }

std::uint64_t Play::progress() const { return state_->progress; }

Play::Seen Play::seen() const {
  const auto& actor = state_->links.main().actor;
  const auto on = [&](std::uint16_t id) {
    const auto at = actor.peer_settings().find(id);
    return at != actor.peer_settings().end() && at->second == 1;
  };
  return {actor.settings_seen(), on(state_->situation.upgrade_setting), on(h2::setting::enable_connect_protocol)};
}

CaseResult Play::result() const {
  auto result = state_->ruling.result();
  std::multimap<Moment, const TranscriptLine*> by_time;  // lines of one moment keep their order
  for (const auto& link : state_->links.all())
    for (const auto& line : link.transcript()) by_time.emplace(line.at, &line);
  for (const auto& [at, line] : by_time) result.transcript.push_back(*line);
  return result;
}

const std::vector<Breach>& Play::other_breaches() const { return state_->ruling.other_breaches(); }

}  // namespace upspec
