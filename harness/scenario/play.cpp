#include "scenario/play.hpp"

#include <algorithm>
#include <deque>
#include <map>

#include "base/base64.hpp"
#include "base/random.hpp"
#include "base/text.hpp"
#include "scenario/match.hpp"
#include "scenario/sending.hpp"

namespace upspec {

namespace {

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};

// One connection of the case.
struct Link {
  Link(std::string link_name, ActorOptions options) : name(std::move(link_name)), actor(std::move(options)) {}

  std::string name;
  Actor actor;
  Cursor cursor;
  bool connected = false;
  bool shut = false;
  bool abort = false;
  bool over_by_right = false;               // an allowed outcome ended it: nothing is left to be quiet or alive
  std::optional<std::uint32_t> may_end_by;  // the last outcome allows the peer to end it, by a GOAWAY with this code or none

  // It has ended, or is about to, as the last outcome allows.
  bool ended_by_right() const {
    if (over_by_right) return true;
    if (!may_end_by) return false;
    const auto& codes = actor.goaways();
    const bool other = std::ranges::any_of(codes, [&](auto code) { return code != 0 && code != *may_end_by; });
    const bool said = std::ranges::find(codes, *may_end_by) != codes.end();
    return !other && (said || actor.closing());
  }
};

// What the step at hand remembers between two events.
struct Memory {
  std::optional<Sending> sending;
  std::optional<std::uint64_t> ping;
  std::uint32_t alive_stream = 0;
};

// FNV-1a: the same case has the same key in every run of one seed, and another than its neighbours.
std::uint64_t seed_of(std::string_view id, std::uint64_t seed) {
  std::uint64_t hash = 0xcbf29ce484222325u ^ seed;
  for (const char c : id) hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x100000001b3u;
  return hash;
}

}  // namespace

struct Play::State {
  State(const Case& c, const Situation& s, const Registry& r) : what(c), situation(s), registry(r), random(seed_of(c.id, s.seed)) {
    scope["scheme"] = situation.scheme;
    scope["authority"] = situation.authority;
    scope["protocol"] = "websocket";
    scope["dialect"] = std::string(name_of(what.dialect));
    scope["key"] = base64(random.octets(16));
    scope["key2"] = base64(random.octets(16));
    scope["token"] = hex(random.octets(4));
    std::erase(scope["token"], ' ');
    for (const auto* name : {"websocket", "raw", "h2c"}) scope[cat("path.", name)] = "/";
    for (const auto& [name, path] : situation.paths) scope[cat("path.", name)] = path;
    for (const auto& [name, value] : what.values) scope[name] = value.fill(scope).value_or("");
    if (const auto settings = settings_of(what.settings, scope, situation.upgrade_setting)) {
      add_link("client", *settings);
    } else {
      add_link("client", {});
      error(settings.error().text);
    }
  }

  const Case& what;
  Situation situation;
  const Registry& registry;
  Random random;
  Scope scope;
  std::deque<Link> links;
  std::size_t step = 0;
  Memory memory;
  std::uint64_t progress = 0;
  bool done = false;

  Verdict verdict = Verdict::pass;
  std::string outcome, message, expected, seen;
  std::string requirement;  // of a Monitor's breach that failed the case
  std::vector<OtherBreach> others;

  enum class Did { finished, waits, failed };

  // ---- links --------------------------------------------------------------------------------------------------

  void add_link(const std::string& name, const std::vector<h2::Setting>& settings) {
    const MonitorOptions monitor{Side::server, situation.upgrade_setting, situation.upgrade_needs_setting};
    links.emplace_back(name, ActorOptions{name, monitor, settings});
  }

  Link* link(std::string_view name) {
    const auto at = std::ranges::find(links, name, &Link::name);
    return at == links.end() ? nullptr : &*at;
  }

  // ---- the end ------------------------------------------------------------------------------------------------

  void error(std::string why) {
    verdict = Verdict::error;
    message = std::move(why);
    finish();
  }

  Did fail(std::string wanted, std::string came) {
    verdict = Verdict::fail;
    message.clear();
    expected = std::move(wanted);
    seen = std::move(came);
    finish();
    return Did::failed;
  }

  void add_note(std::string_view text) {
    if (verdict == Verdict::pass) verdict = Verdict::note;
    if (!text.empty()) message += cat(message.empty() ? "" : "; ", text);
  }

  void finish() {
    if (std::exchange(done, true)) return;
    for (const auto& one : links) judge_breaches(one);
    // A SHOULD that is not followed is a note, not a failure (architecture.md section 4).
    if (verdict == Verdict::fail && only_should()) verdict = Verdict::note;
    if (message.empty() && !seen.empty()) message = cat("expected ", expected, "; came: ", seen);
  }

  bool only_should() const {
    if (!requirement.empty()) return level(requirement) == "SHOULD";
    return std::ranges::all_of(what.checks, [&](const std::string& id) { return level(id) == "SHOULD"; });
  }

  std::string_view level(std::string_view id) const {
    const auto* one = registry.find(id);
    return one ? std::string_view(one->text.level) : "MUST";
  }

  void judge_breaches(const Link& one) {
    for (const auto& breach : one.actor.monitor().breaches()) {
      const auto text = breach.stream == 0 ? breach.text : cat("stream ", breach.stream, ": ", breach.text);
      if (std::ranges::find(what.checks, breach.requirement) == what.checks.end()) {
        others.push_back({breach.requirement, text});
      } else if (level(breach.requirement) == "SHOULD") {
        if (verdict == Verdict::pass || verdict == Verdict::note) add_note(text);
      } else if (verdict == Verdict::pass || verdict == Verdict::note) {
        verdict = Verdict::fail;
        requirement = breach.requirement;
        const auto* known = registry.find(breach.requirement);
        expected = known ? known->text.sentence : breach.requirement;
        seen = text;
        message = text;
      }
    }
  }

  // A peer may allow fewer streams at a time than the case opens; one more would be refused by right.
  Did skip_for_streams(const Link& at) {
    return skip(cat("needs ", at.actor.open_streams() + 1, " streams at a time; the implementation allows ", at.actor.allowed_streams()));
  }

  Did skip(std::string why) {
    verdict = Verdict::skip;
    message = std::move(why);
    finish();
    return Did::failed;
  }

  static bool opens_a_stream(const Send& send, const Actor& actor) {
    return std::ranges::any_of(send.parts, [&](const SendPart& part) {
      const auto* headers = std::get_if<SendHeaders>(&part);
      return headers && (!actor.stream(headers->stream) || !actor.stream(headers->stream)->sent_section);
    });
  }

  // ---- steps --------------------------------------------------------------------------------------------------

  void advance(Moment now) {
    while (!done) {
      const auto did = step == 0 && !started() ? begin(links.front()) : step == what.steps.size() ? all_played() : take_step(now);
      if (did != Did::finished) return;
    }
  }

  bool started() const { return links.front().actor.ready(); }

  Did all_played() {
    finish();
    return Did::failed;
  }

  // A connection begins with SETTINGS both ways (RFC 9113 3.4, 6.5.3).
  Did begin(const Link& one) {
    if (one.actor.ready()) return Did::finished;
    if (one.actor.over()) return fail("the server's SETTINGS and its acknowledgement of ours (RFC 9113 3.4, 6.5.3)", came(one, 1));
    return Did::waits;
  }

  static std::string came(const Link& one, std::uint32_t stream) {
    std::string text = describe_what_came(one.actor, one.cursor, stream);
    if (one.actor.settings_seen() && !one.actor.settings_acknowledged()) text += ", and no acknowledgement of our SETTINGS";
    return text;
  }

  Did take_step(Moment now) {
    const auto& current = what.steps[step];
    if (const auto* connect = std::get_if<Connect>(&current.what); connect && !link(current.at)) {
      const auto settings = settings_of(connect->settings, scope, situation.upgrade_setting);
      if (!settings) return error(settings.error().text), Did::failed;
      add_link(current.at, *settings);
    }
    auto* at = link(current.at);
    if (!at) return error(cat("line ", current.line, ": no connection is called \"", current.at, "\"")), Did::failed;
    if (at->ended_by_right()) {
      if (!at->over_by_right) add_note(cat("the connection was ended too (", came(*at, 0), ")"));
      return all_played();  // nothing is left to be judged on it
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
    if (!value) return error(value.error().text), Did::failed;
    scope[let.name] = *value;
    return Did::finished;
  }

  Did play(const Cut& cut, Link& at, Moment now) {
    (cut.reset ? at.abort : at.shut) = true;
    at.actor.remark(cut.reset ? "we reset the connection (TCP RST)" : "we close our side (FIN)", now);
    return Did::finished;
  }

  Did play(const Send& send, Link& at, Moment now) {
    if (!memory.sending) {
      if (opens_a_stream(send, at.actor) && at.actor.open_streams() >= at.actor.allowed_streams()) return skip_for_streams(at);
      auto made = Sending::make(send, scope, situation.fields, situation.upgrade_setting, random);
      if (!made) return error(cat("line ", what.steps[step].line, ": ", made.error().text)), Did::failed;
      memory.sending = std::move(*made);
    }
    return memory.sending->go(at.actor, now) ? Did::finished : Did::waits;
  }

  Did play(const Expect& expect, Link& at, Moment) { return play_expect(expect, at, false); }

  // One alternative, tried on copies of what it would take.
  struct Tried {
    const Expectation* alternative;
    Judgement judgement;
    Cursor cursor;
    Scope scope;
  };

  // `last`: the deadline has passed, so what is met with a note is taken as it is.
  Did play_expect(const Expect& expect, Link& at, bool last) {
    std::vector<Tried> all;
    for (const auto& alternative : expect.alternatives) {
      all.push_back({&alternative, {}, at.cursor, scope});
      all.back().judgement = judge_one(alternative, at, all.back().cursor, all.back().scope);
    }
    const auto first = [&](Judgement::State state) { return std::ranges::find(all, state, [](const Tried& one) { return one.judgement.state; }); };
    if (const auto one = first(Judgement::State::met); one != all.end()) return take(*one, at);
    const bool waiting = first(Judgement::State::waiting) != all.end();
    if (const auto one = first(Judgement::State::with_note); one != all.end()) {
      // A GOAWAY may become the connection error that another alternative waits for, which needs no note.
      const bool may_be_better = one->judgement.connection_over && waiting && !at.actor.over() && !last;
      if (!may_be_better) return take(*one, at);
      at.shut = true;
      return Did::waits;
    }
    if (!waiting) return fail(wanted(expect), missed(expect, all.front().judgement, at));
    // A peer that says GOAWAY may wait for us to close, so we do.
    const auto speaks_of_end = [](const Expectation& one) {
      const auto* name = std::get_if<OutcomeName>(&one.what);
      return name && name->name == "connection-error";
    };
    if (!at.actor.goaways().empty() && std::ranges::any_of(expect.alternatives, speaks_of_end)) at.shut = true;
    return Did::waits;
  }

  Did take(Tried& one, Link& at) {
    at.cursor = std::move(one.cursor);
    scope = std::move(one.scope);
    at.over_by_right = at.over_by_right || one.judgement.connection_over;
    const auto* name = std::get_if<OutcomeName>(&one.alternative->what);
    at.may_end_by = name ? code_that_may_end_the_connection(*name) : std::nullopt;
    return accept_alternative(*one.alternative, one.judgement);
  }

  Judgement judge_one(const Expectation& alternative, Link& at, Cursor& cursor, Scope& tried) const {
    if (const auto* parts = std::get_if<std::vector<ExpectPart>>(&alternative.what)) return match(*parts, at.actor, cursor, tried);
    const auto& name = std::get<OutcomeName>(alternative.what);
    Sight sight(at.actor, cursor, name.stream);
    return judge(name, what.dialect, sight);
  }

  Did accept_alternative(const Expectation& alternative, const Judgement& one) {
    const auto* name = std::get_if<OutcomeName>(&alternative.what);
    const auto text = name ? cat(name->name, ": ", one.what) : one.what;
    if (!text.empty()) outcome += cat(outcome.empty() ? "" : "; ", text);
    if (alternative.met == Expectation::Met::not_testable) return skip(cat("not testable: ", alternative.about, " (", one.what, ")"));
    if (alternative.met == Expectation::Met::with_note || one.state == Judgement::State::with_note) {
      add_note(alternative.about.empty() ? one.what : cat(alternative.about, " (", one.what, ")"));
    }
    return Did::finished;
  }

  std::string wanted(const Expect& expect) const {
    std::string all;
    for (const auto& one : expect.alternatives) {
      const auto* name = std::get_if<OutcomeName>(&one.what);
      const auto text = name ? describe(*name, what.dialect) : describe(std::get<std::vector<ExpectPart>>(one.what), scope);
      all += cat(all.empty() ? "" : ", or ", text);
    }
    return all;
  }

  static std::uint32_t stream_of_first(const Expect& expect) {
    const auto& first = expect.alternatives.front().what;
    const auto* name = std::get_if<OutcomeName>(&first);
    return name ? name->stream : stream_of(std::get<std::vector<ExpectPart>>(first));
  }

  static std::string missed(const Expect& expect, const Judgement& first, const Link& at) {
    const auto all = came(at, stream_of_first(expect));
    const auto& why = first.what;
    return why.empty() || all.find(why) != all.npos ? all : cat(all, " (", why, ")");
  }

  Did play(const Quiet& quiet, Link& at, Moment now) {
    const std::string wanted = cat("nothing on stream ", quiet.stream, " before the answer to a PING");
    if (!memory.ping) memory.ping = at.actor.send_ping(now);
    const bool answered = at.actor.ping_answered(*memory.ping);
    if (!answered && !at.actor.over()) return Did::waits;
    auto cursor = at.cursor;
    Sight sight(at.actor, cursor, quiet.stream);
    for (const auto* item = sight.item(); item; item = sight.item()) {
      if (item->kind == StreamItem::Kind::section || item->kind == StreamItem::Kind::octets) return fail(wanted, came(at, quiet.stream));
      sight.take_item();
    }
    if (!answered) return fail("an answer to PING", came(at, quiet.stream));
    return Did::finished;
  }

  Did play(const Never& never, Link& at, Moment) {
    const auto octets = never.octets.fill(scope);
    if (!octets) return error(octets.error().text), Did::failed;
    const auto* stream = at.actor.stream(never.stream);
    for (const auto& item : stream ? stream->items : std::vector<StreamItem>{}) {
      const bool there = as_text(item.octets).find(*octets) != std::string_view::npos;
      if (there) return fail(cat("never the octets ", upspec::quoted(*octets, 80), " on stream ", never.stream), describe(item));
    }
    return Did::finished;
  }

  Did play(const Alive&, Link& at, Moment now) {
    if (!memory.ping) {
      if (at.actor.open_streams() >= at.actor.allowed_streams()) return skip_for_streams(at);
      memory.alive_stream = at.actor.fresh_stream();
      h2::FieldSection request{{":method", "GET"}, {":scheme", situation.scheme}, {":authority", situation.authority}, {":path", "/"}};
      request.insert(request.end(), situation.fields.begin(), situation.fields.end());
      memory.ping = at.actor.send_ping(now);
      at.actor.send_section(memory.alive_stream, request, true, {}, std::nullopt, std::nullopt, now);
      at.actor.flush();
    }
    const std::string wanted = cat("the connection alive: PING answered, and GET / on stream ", memory.alive_stream, " answered");
    auto cursor = at.cursor;
    Sight sight(at.actor, cursor, memory.alive_stream);
    bool final_seen = false;
    for (const auto* item = sight.item(); item; item = sight.item()) {
      if (item->kind == StreamItem::Kind::reset) return fail(wanted, came(at, memory.alive_stream));
      if (item->kind == StreamItem::Kind::section) final_seen = final_seen || status_of(item->fields).value_or(0) >= 200;
      const bool whole = final_seen && item->kind == StreamItem::Kind::end;
      sight.take_item();
      if (whole && at.actor.ping_answered(*memory.ping)) {
        at.cursor = std::move(cursor);
        return Did::finished;
      }
    }
    return at.actor.over() ? fail(wanted, came(at, memory.alive_stream)) : Did::waits;
  }

  // ---- waiting in vain ----------------------------------------------------------------------------------------

  void deadline(Moment now) {
    if (done) return;
    if (const auto* expect = step < what.steps.size() ? std::get_if<Expect>(&what.steps[step].what) : nullptr) {
      auto* at = link(what.steps[step].at);
      if (started() && at && play_expect(*expect, *at, true) == Did::finished) return step_done(), advance(now);
      if (done) return;
    }
    if (!started()) {
      fail("the server's SETTINGS and its acknowledgement of ours (RFC 9113 3.4, 6.5.3)",
           links.front().connected ? cat(came(links.front(), 1), " in time") : "no connection in time");
      return;
    }
    const auto& current = what.steps[step];
    const auto* at = link(current.at);
    const auto in_time = [&](std::uint32_t stream) { return cat(at ? came(*at, stream) : "no connection", ", and no more in time"); };
    std::visit(Overloaded{[&](const Send&) { fail(memory.sending ? memory.sending->awaited() : "a connection", in_time(1)); },
                          [&](const Expect& expect) { fail(wanted(expect), in_time(stream_of_first(expect))); },
                          [&](const Quiet&) { fail("an answer to PING", in_time(0)); },
                          [&](const Alive&) { fail(cat("PING and GET / on stream ", memory.alive_stream, " answered"), in_time(memory.alive_stream)); },
                          [&](const auto&) { fail("a connection", in_time(1)); }},
               current.what);
  }
};

Play::Play(const Case& what, const Situation& situation, const Registry& registry)
    : state_(std::make_unique<State>(what, situation, registry)) {}
Play::~Play() = default;
Play::Play(Play&&) noexcept = default;
Play& Play::operator=(Play&&) noexcept = default;

std::size_t Play::links() const { return state_->links.size(); }

Play::Wish Play::wish(std::size_t link) const {
  const auto& one = state_->links[link];
  if (!one.connected) return Wish::open;
  return one.abort ? Wish::abort : one.shut ? Wish::shut : Wish::keep;
}

std::optional<Octets> Play::take_output(std::size_t link) { return state_->links[link].actor.take_output(); }

void Play::connected(std::size_t link, Moment now) {
  auto& one = state_->links[link];
  one.connected = true;
  one.actor.start(now);
}

void Play::not_connected(std::size_t, std::string_view why, Moment) { state_->error(std::string(why)); }

void Play::receive(std::size_t link, OctetView octets, Moment now) {
  if (state_->done) return;
  state_->links[link].actor.receive(octets, now);
  state_->advance(now);
}

void Play::closed(std::size_t link, Closing how, Moment now) {
  if (state_->done) return;
  state_->links[link].actor.closed(how, now);
  state_->advance(now);
}

void Play::deadline(Moment now) {
  if (state_->done) return;
  state_->links.front().actor.remark("waited in vain: the deadline has passed", now);
  state_->deadline(now);
}

bool Play::done() const { return state_->done; }

std::uint64_t Play::progress() const { return state_->progress; }

Play::Seen Play::seen() const {
  const auto& actor = state_->links.front().actor;
  const auto on = [&](std::uint16_t id) {
    const auto at = actor.peer_settings().find(id);
    return at != actor.peer_settings().end() && at->second == 1;
  };
  return {actor.settings_seen(), on(state_->situation.upgrade_setting), on(h2::setting::enable_connect_protocol)};
}

CaseResult Play::result() const {
  const auto& state = *state_;
  CaseResult result;
  result.id = state.what.id;
  result.role = state.what.role;
  result.dialect = std::string(name_of(state.what.dialect));
  result.subject = state.what.subject;
  for (const auto& id : state.what.checks)
    if (const auto* requirement = state.registry.find(id)) result.requirements.push_back(requirement->text);
  result.verdict = state.verdict;
  result.outcome = state.outcome;
  result.message = state.message;
  result.expected = state.expected;
  result.seen = state.seen;
  if (state.verdict == Verdict::fail || !state.expected.empty()) {
    result.requirement = state.requirement.empty() ? state.what.checks.front() : state.requirement;
  }
  std::multimap<Moment, const TranscriptLine*> by_time;  // lines of one moment keep their order
  for (const auto& link : state.links)
    for (const auto& line : link.actor.transcript()) by_time.emplace(line.at, &line);
  for (const auto& [at, line] : by_time) result.transcript.push_back(*line);
  return result;
}

const std::vector<Play::OtherBreach>& Play::other_breaches() const { return state_->others; }

}  // namespace upspec
