#include "scenario/play.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "base/base64.hpp"
#include "base/random.hpp"
#include "base/text.hpp"
#include "scenario/expecting.hpp"
#include "scenario/links.hpp"
#include "scenario/ruling.hpp"
#include "scenario/sending.hpp"

namespace upspec {

namespace {

constexpr const char* in_vain = "nothing more in time";
constexpr std::string_view beginning = "the peer's SETTINGS and its acknowledgement of ours (RFC 9113 3.4, 6.5.3)";

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};

// What the step at hand remembers between two events.
struct Memory {
  std::optional<Sending> sending;
  std::optional<std::uint64_t> ping;
  bool pinged_twice = false;
  std::uint32_t alive_stream = 0;
};

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

bool opens_a_stream(const Send& send, const Actor& actor) {
  return std::ranges::any_of(send.parts, [&](const SendPart& part) {
    const auto* headers = std::get_if<SendHeaders>(&part);
    return headers && actor.opens(headers->stream);
  });
}

}  // namespace

struct Play::State {
  State(const Case& c, const Situation& s, const Registry& registry)
      : what(c),
        situation(s),
        random(seed_of(c.id, s.seed)),
        scope(scope_of(c, situation, random)),
        ruling(what, registry) {
    if (const auto ok = links.begin(what, situation, scope); !ok) ruling.error(ok.error().text);
  }

  const Case& what;
  Situation situation;
  Random random;
  Scope scope;
  Ruling ruling;
  Links links;
  bool begun = false;  // both sides have, on the main connection
  std::size_t step = 0;
  Memory memory;
  std::uint64_t progress = 0;
  std::optional<ClientReport> report;
  std::string turned_away;  // why the last connection that came was none
  bool settled = false;

  enum class Did { finished, waits, ended };

  // ---- endings ------------------------------------------------------------------------------------------------

  Did pass() { return ruling.pass(), Did::ended; }
  Did skip(std::string why) { return ruling.skip(std::move(why)), Did::ended; }
  Did error(std::string why) { return ruling.error(cat("line ", what.steps[step].line, ": ", why)), Did::ended; }
  Did fail(std::string wanted, std::string came, std::string brief) {
    return ruling.fail(std::move(wanted), std::move(came), std::move(brief)), Did::ended;
  }

  // A peer may allow fewer streams at a time than the case opens; one more would be refused by right.
  Did skip_for_streams(const Actor& actor) {
    return skip(cat("needs ", actor.open_streams() + 1, " streams at a time; the implementation allows ",
                    actor.allowed_streams()));
  }

  // ---- steps --------------------------------------------------------------------------------------------------

  void advance(Moment now) {
    if (ruling.ended()) return;
    auto did = Did::finished;
    if (step == 0 && links.choose_main()) memory = {}, begun = false;
    while (did == Did::finished) {
      did = !begun ? begin(links.main()) : step == what.steps.size() ? pass() : take_step(now);
      begun = begun || did == Did::finished;
    }
    settle();
  }

  // Once the case has ended, the Monitors have their say.
  void settle() {
    if (!ruling.ended() || std::exchange(settled, true)) return;
    for (const auto& one : links.all()) ruling.judge(one.breaches());
  }

  // A connection begins with SETTINGS both ways.
  Did begin(const Link& one) {
    if (one.ready()) return Did::finished;
    if (may_go_at_once(one)) return Did::finished;
    if (one.left_unasked() && !report) return Did::waits;
    if (one.left_unasked())
      return fail(std::string(beginning), cat(one.came(1), "; the client ", report->text), "no SETTINGS exchange");
    return one.over() ? fail(std::string(beginning), one.came(1), "no SETTINGS exchange") : Did::waits;
  }

  // A client may go before the case has begun, by right: it is not offered what it wants, and that is quiet; or what it
  // is offered is a connection error. Where it should have asked it may come again, unless its program has ended.
  bool may_go_at_once(const Link& one) const {
    if (!one.accepts || !one.actor.settings_seen()) return false;
    const auto& first = what.steps[step].what;
    if (const auto* expect = std::get_if<Expect>(&first))
      return awaits_the_end(*expect) && (one.actor.closing() || !one.actor.goaways().empty());
    return one.actor.closing() && std::holds_alternative<Quiet>(first);
  }

  Did take_step(Moment now) {
    const auto& current = what.steps[step];
    if (const auto* connect = std::get_if<Connect>(&current.what); connect && !links.find(current.at)) {
      const auto settings = settings_of(connect->settings, scope, situation.upgrade_setting);
      if (!settings) return error(settings.error().text);
      links.open(current.at, *settings);
    }
    auto* at = links.find(current.at);
    if (!at) return error(cat("no connection is called \"", current.at, "\""));
    if (!at->accepts && at->ended_by_right()) {
      if (!at->over_by_right) ruling.note(cat("the connection was ended too (", at->came(0), ")"));
      return pass();  // nothing is left to be judged on it
    }
    const auto did = std::visit([&](const auto& one) { return play(one, *at, now); }, current.what);
    if (did == Did::finished) step_done();
    return did;
  }

  void step_done() {
    ++step;
    ++progress;
    memory = {};
  }

  Did play(const Connect&, Link& at, Moment) { return begin(at); }

  Did play(const Let& let, Link&, Moment) {
    const auto value = let.value.fill(scope);
    if (!value) return error(value.error().text);
    scope[let.name] = *value;
    return Did::finished;
  }

  Did play(const Cut& cut, Link& at, Moment now) {
    (cut.reset ? at.abort : at.shut) = true;
    at.remark(cut.reset ? "we reset the connection (TCP RST)" : "we close our side (FIN)", now);
    return Did::finished;
  }

  Did play(const Send& send, Link& at, Moment now) {
    if (!memory.sending) {
      if (opens_a_stream(send, at.actor) && at.actor.open_streams() >= at.actor.allowed_streams())
        return skip_for_streams(at.actor);
      const bool asks = at.actor.side() == Side::client;
      auto made = Sending::make(send, scope, asks ? situation.fields : std::vector<h2::Field>{},
                                situation.upgrade_setting, random);
      if (!made) return error(made.error().text);
      memory.sending = std::move(*made);
    }
    return memory.sending->go(at.actor, now) ? Did::finished : Did::waits;
  }

  Did play(const Expect& expect, Link& at, Moment) { return expect_now(expect, at, false); }

  Did expect_now(const Expect& expect, Link& at, bool last) {
    const auto one = try_expectation(expect, what.dialect, at, scope, last);
    if (one.state == Expected::State::waiting) return Did::waits;
    if (one.state == Expected::State::missed)
      return fail(describe(expect, what.dialect, scope, at.actor.side()), one.what, one.brief);
    ruling.met(one.outcome);
    const auto& about = one.which->about;
    if (one.which->met == Expectation::Met::not_testable)
      return skip(cat("not testable: ", about, " (", one.what, ")"));
    if (one.with_note || one.which->met == Expectation::Met::with_note)
      ruling.note(about.empty() ? one.what : cat(about, " (", one.what, ")"));
    return Did::finished;
  }

  // Two PINGs, the second when the first is answered: an endpoint may put its answer to one before all else that it has
  // to send. What comes behind the second answer, even in the same read, is no breach of the quiet.
  Did play(const Quiet& quiet, Link& at, Moment now) {
    if (!memory.ping) memory.ping = at.actor.send_ping(now);
    if (!at.actor.ping_answered(*memory.ping)) {
      if (at.accepts && at.ended_by_right()) return quiet_until(quiet, at, Actor::everything());
      return at.actor.over() ? fail("an answer to PING", at.came(quiet.stream), "PING not answered") : Did::waits;
    }
    if (!std::exchange(memory.pinged_twice, true)) {
      memory.ping = at.actor.send_ping(now);
      return Did::waits;
    }
    return quiet_until(quiet, at, at.actor.before_answer(*memory.ping, quiet.stream));
  }

  Did quiet_until(const Quiet& quiet, Link& at, Actor::Mark until) {
    const auto* stream = at.actor.stream(quiet.stream);
    const Actor::Mark mark{std::min(until.items, stream ? stream->items.size() : 0), until.octets_of_last};
    const auto from = at.cursor.streams[quiet.stream];
    for (auto i = from.item; i < mark.items; ++i) {
      const auto& item = stream->items[i];
      const auto size = std::min(i + 1 == mark.items ? mark.octets_of_last : SIZE_MAX, item.octets.size());
      const bool loud = item.kind == StreamItem::Kind::section || size > (i == from.item ? from.offset : 0);
      if (!loud) continue;
      return fail(cat("nothing on stream ", quiet.stream, " before the answer to a PING"), at.came(quiet.stream),
                  describe(item));
    }
    return Did::finished;
  }

  Did play(const Never& never, Link& at, Moment) {
    const auto octets = never.octets.fill(scope);
    if (!octets) return error(octets.error().text);
    const auto* stream = at.actor.stream(never.stream);
    for (const auto& item : stream ? stream->items : std::vector<StreamItem>{}) {
      const bool there = as_text(item.octets).find(*octets) != std::string_view::npos;
      if (there)
        return fail(cat("never the octets ", upspec::quoted(*octets, 80), " on stream ", never.stream), describe(item),
                    "octets that must not come");
    }
    return Did::finished;
  }

  Did play(const Alive&, Link& at, Moment now) {
    if (at.accepts) return alive_client(at, now);
    if (!memory.ping) {
      if (at.actor.open_streams() >= at.actor.allowed_streams()) return skip_for_streams(at.actor);
      memory.alive_stream = at.actor.fresh_stream();
      h2::FieldSection request{
          {":method", "GET"}, {":scheme", situation.scheme}, {":authority", situation.authority}, {":path", "/"}};
      request.insert(request.end(), situation.fields.begin(), situation.fields.end());
      memory.ping = at.actor.send_ping(now);
      at.actor.send_section(memory.alive_stream, request, true, {}, std::nullopt, std::nullopt, now);
      at.actor.flush();
    }
    auto cursor = at.cursor;
    Sight sight(at.actor, cursor, memory.alive_stream);
    bool answered = false;
    for (const auto* item = sight.item(); item; item = sight.item()) {
      if (item->kind == StreamItem::Kind::reset) return fail(alive_text(), at.came(memory.alive_stream), "not alive");
      if (item->kind == StreamItem::Kind::section) answered = answered || status_of(item->fields).value_or(0) >= 200;
      const bool whole = answered && item->kind == StreamItem::Kind::end;
      sight.take_item();
      if (!whole || !at.actor.ping_answered(*memory.ping)) continue;
      at.cursor = std::move(cursor);
      return Did::finished;
    }
    return at.actor.over() ? fail(alive_text(), at.came(memory.alive_stream), "not alive") : Did::waits;
  }

  // A client cannot be asked for anything but the answer to a PING.
  Did alive_client(Link& at, Moment now) {
    if (!memory.ping) memory.ping = at.actor.send_ping(now);
    if (at.actor.ping_answered(*memory.ping) || at.ended_by_right()) return Did::finished;
    return at.over() ? fail(alive_text(), at.came(0), "not alive") : Did::waits;
  }

  // The wire has had its say before; a program that says the opposite contradicts it.
  Did play(const Report& wanted, Link&, Moment) {
    if (!situation.client_reports) return Did::finished;  // nobody to ask
    if (!report) return Did::waits;
    if (report->how == ClientReport::How::killed) {
      ruling.note(cat("the client's program did not end by itself (", report->text, ")"));
      return Did::finished;
    }
    const bool success = report->how == ClientReport::How::success;
    if (success == wanted.success) return Did::finished;
    return fail(report_text(wanted), cat("it ", report->text), success ? "reports success" : "reports failure");
  }

  std::string report_text(const Report& wanted) const {
    return cat("the client's program to report ", wanted.success ? "success" : "failure", ", as the wire has shown");
  }

  std::string alive_text() const {
    if (memory.alive_stream == 0) return "the connection alive: PING answered";
    return cat("the connection alive: PING answered, and GET / on stream ", memory.alive_stream, " answered");
  }

  // ---- waiting in vain ----------------------------------------------------------------------------------------

  void deadline(Moment now) {
    links.main().remark("waited in vain: the deadline has passed", now);
    if (begun) {
      step_in_vain(now);
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

  void step_in_vain(Moment now) {
    const auto& current = what.steps[step];
    auto* at = links.find(current.at);
    const auto in_time = [&](std::uint32_t stream) {
      return cat(at ? at->came(stream) : "no connection", ", and no more in time");
    };
    std::visit(Overloaded{[&](const Send&) {
                            fail(memory.sending ? memory.sending->awaited() : "a connection", in_time(1), in_vain);
                          },
                          [&](const Expect& expect) {
                            const auto did = expect_now(expect, *at, true);
                            if (did == Did::finished) return step_done(), advance(now);
                            if (did == Did::waits)
                              fail(describe(expect, what.dialect, scope, at->actor.side()), in_time(stream_of(expect)),
                                   in_vain);
                          },
                          [&](const Quiet&) { fail("an answer to PING", in_time(0), in_vain); },
                          [&](const Alive&) { fail(alive_text(), in_time(memory.alive_stream), in_vain); },
                          [&](const Report&) {
                            ruling.note("the client's program did not end by itself");
                            step_done();
                            advance(now);
                          },
                          [&](const auto&) { fail("a connection", in_time(1), in_vain); }},
               current.what);
  }
};

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

std::optional<Octets> Play::take_output(std::size_t link) { return state_->links.all()[link].take_output(); }

void Play::connected(std::size_t link, Moment now) { state_->links.all()[link].start(now); }

std::optional<std::size_t> Play::accepted(Moment now) {
  if (done()) return std::nullopt;
  ++state_->progress;
  return state_->links.accept(now);
}

void Play::turned_away(std::string_view why, Moment now) {
  if (done()) return;
  state_->turned_away = why;
  state_->links.main().remark(cat("a connection came that was none: ", why), now);
}

void Play::not_connected(std::size_t, std::string_view why, Moment) { state_->ruling.error(std::string(why)); }

void Play::receive(std::size_t link, OctetView octets, Moment now) {
  if (done()) return;
  state_->links.all()[link].receive(octets, now);
  state_->advance(now);
}

void Play::closed(std::size_t link, Closing how, Moment now) {
  if (done()) return;
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

bool Play::done() const { return state_->ruling.ended(); }

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
