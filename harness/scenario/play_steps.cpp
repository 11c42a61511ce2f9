#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "scenario/h1_sending.hpp"
#include "scenario/play_state.hpp"
#include "upgrade/dialect.hpp"

namespace upspec {

namespace {

bool opens_a_stream(const Send& send, const Actor& actor) {
  return std::ranges::any_of(send.parts, [&](const SendPart& part) {
    const auto* headers = std::get_if<SendHeaders>(&part);
    return headers && actor.opens(headers->stream);
  });
}

// An ordinary request's stream ends with its answer, which may be on its way.
bool makes_room(const Actor& actor) {
  return !actor.over() && std::ranges::any_of(actor.streams(), [](const auto& one) {
    return one.second.sent_section && !one.second.over && !asked_dialect(one.second.request);
  });
}

}  // namespace

// A peer may allow fewer streams at a time than the case opens; one more would be refused by right.
Play::State::Did Play::State::skip_for_streams(const Actor& actor) {
  return skip(cat("needs ", actor.open_streams() + 1, " streams at a time; the implementation allows ",
                  actor.allowed_streams()));
}

Play::State::Did Play::State::play(const Let& let, Link&, Moment) {
  const auto value = let.value.fill(scope);
  if (!value) return error(value.error().text);
  scope[let.name] = *value;
  return Did::finished;
}

Play::State::Did Play::State::play(const Cut& cut, Link& at, Moment now) {
  (cut.reset ? at.abort : at.shut) = true;
  at.remark(cut.reset ? "we reset the connection (TCP RST)" : "we close our side (FIN)", now);
  return Did::finished;
}

Play::State::Did Play::State::play(const Send& send, Link& at, Moment now) {
  if (at.h1) {
    if (!at.connected) return Did::waits;
    const auto sent = send_h1(send, scope, random, *at.h1, now);
    if (!sent) return error(sent.error().text);
    at.shut = at.shut || sent->shut;
    at.abort = at.abort || sent->abort;
    return Did::finished;
  }
  if (!memory.sending) {
    if (opens_a_stream(send, at.actor) && at.actor.open_streams() >= at.actor.allowed_streams())
      return skip_for_streams(at.actor);
    const bool asks = at.actor.side() == Side::client;
    auto made = Sending::make(send, scope, asks ? situation.fields : std::vector<h2::Field>{},
                              situation.upgrade_setting, random);
    if (!made) return error(made.error().text);
    memory.sending = std::move(*made);
  }
  // A window that opens a little is an event too: much goes through small ones.
  const auto left = memory.sending->left();
  const bool gone = memory.sending->go(at.actor, now);
  if (memory.sending->left() < left) ++progress;
  return gone ? Did::finished : Did::waits;
}

Play::State::Did Play::State::play(const Expect& expect, Link& at, Moment) {
  const auto is_elsewhere = [](const Expectation& one) { return !one.at.empty(); };
  const bool across = is_proxy() || std::ranges::any_of(expect.alternatives, is_elsewhere);
  return across ? expect_across(expect, false) : expect_now(expect, at, false);
}

// Much may come slowly: more of the octets that are waited for is an event, too.
void Play::State::mind_octets(const Expect& expect, Link& at) {
  constexpr std::size_t most = 1u << 24;  // who waits for something else does not wait for ever
  std::size_t came = 0;
  for (const auto& alternative : expect.alternatives) {
    const auto* parts = std::get_if<std::vector<ExpectPart>>(&alternative.what);
    if (!parts) continue;
    for (const auto& part : *parts) {
      const auto* octets = std::get_if<ExpectOctets>(&part);
      if (!octets) continue;
      const Sight sight(at.arrivals(), at.cursor, octets->stream);
      const auto* item = sight.item();
      if (item && item->kind == StreamItem::Kind::octets) came = std::max(came, sight.octets().size());
    }
  }
  if (came <= memory.octets_seen || came > most) return;
  memory.octets_seen = came;
  ++progress;
}

Play::State::Did Play::State::expect_now(const Expect& expect, Link& at, bool last) {
  const auto one = try_expectation(expect, what.dialect, at, scope, last);
  if (one.state == Expected::State::waiting) {
    mind_octets(expect, at);
    return Did::waits;
  }
  if (one.state == Expected::State::missed)
    return fail(describe(expect, what.dialect, scope, at.actor.side()), one.what, one.brief);
  return met(one);
}

Play::State::Did Play::State::met(const Expected& one) {
  ruling.met(one.outcome);
  const auto& about = one.which->about;
  if (one.which->met == Expectation::Met::not_testable) return skip(cat("not testable: ", about, " (", one.what, ")"));
  if (one.with_note || one.which->met == Expectation::Met::with_note)
    ruling.note(about.empty() ? one.what : cat(about, " (", one.what, ")"));
  if (one.which->met == Expectation::Met::ends) return pass();
  return Did::finished;
}

// Two PINGs, the second when the first is answered: an endpoint may put its answer to one before all else that it has
// to send. What comes behind the second answer, even in the same read, is no breach of the quiet.
Play::State::Did Play::State::play(const Quiet& quiet, Link& at, Moment now) {
  if (at.h1) return quiet_by_errand(quiet, &at, now);
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

Play::State::Did Play::State::quiet_until(const Quiet& quiet, Link& at, Actor::Mark until) {
  const auto* stream = at.actor.stream(quiet.stream);
  const Actor::Mark mark{std::min(until.items, stream ? stream->items.size() : 0), until.octets_of_last};
  const auto from = at.cursor.streams[quiet.stream];
  for (auto i = from.item; i < mark.items; ++i) {
    const auto& item = stream->items[i];
    if (quiet.not_reset && item.kind == StreamItem::Kind::reset)
      return fail(cat("no RST_STREAM on stream ", quiet.stream), at.came(quiet.stream), describe(item));
    const auto size = std::min(i + 1 == mark.items ? mark.octets_of_last : SIZE_MAX, item.octets.size());
    const bool loud = item.kind == StreamItem::Kind::section || size > (i == from.item ? from.offset : 0);
    if (!loud) continue;
    return fail(cat("nothing on stream ", quiet.stream, " before the answer to a PING"), at.came(quiet.stream),
                describe(item));
  }
  return Did::finished;
}

Play::State::Did Play::State::play(const Never& never, Link& at, Moment) {
  const auto octets = never.octets.fill(scope);
  if (!octets) return error(octets.error().text);
  const auto* stream = at.arrivals().stream(never.stream);
  for (const auto& item : stream ? stream->items : std::vector<StreamItem>{}) {
    const bool there = as_text(item.octets).find(*octets) != std::string_view::npos;
    if (there)
      return fail(cat("never the octets ", upspec::quoted(*octets, 80), " on stream ", never.stream), describe(item),
                  "octets that must not come");
  }
  return Did::finished;
}

Play::State::Did Play::State::play(const Alive&, Link& at, Moment now) {
  if (at.accepts) return alive_client(at, now);
  if (at.h1) return errand(now);
  if (is_proxy() && memory.marker.empty()) memory.marker = behind.new_marker();
  if (!memory.ping) {
    if (at.actor.open_streams() >= at.actor.allowed_streams())
      return makes_room(at.actor) ? Did::waits : skip_for_streams(at.actor);
    memory.alive_stream = at.actor.fresh_stream();
    h2::FieldSection request{{":method", "GET"},
                             {":scheme", situation.scheme},
                             {":authority", situation.authority},
                             {":path", memory.marker.empty() ? "/" : memory.marker}};
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
Play::State::Did Play::State::alive_client(Link& at, Moment now) {
  if (!memory.ping) memory.ping = at.actor.send_ping(now);
  if (at.actor.ping_answered(*memory.ping) || at.ended_by_right()) return Did::finished;
  return at.over() ? fail(alive_text(), at.came(0), "not alive") : Did::waits;
}

// The wire has had its say before; a program that says the opposite contradicts it.
Play::State::Did Play::State::play(const Report& wanted, Link& at, Moment now) {
  if (!situation.client_reports) return Did::finished;  // nobody to ask
  if (!report) {
    // What a client that has failed a channel waits for now is our end, and not the rest of its patience; and so does
    // one that has closed its side.
    if ((!wanted.success || at.gone) && !std::exchange(at.shut, true))
      at.remark("we have nothing more to say: FIN", now);
    return Did::waits;
  }
  if (report->how == ClientReport::How::killed) {
    ruling.note(cat("the client's program did not end by itself (", report->text, ")"));
    return Did::finished;
  }
  const bool success = report->how == ClientReport::How::success;
  if (success == wanted.success) return Did::finished;
  return fail(cat("the client's program to report ", wanted.success ? "success" : "failure", ", as the wire has shown"),
              cat("it ", report->text), success ? "reports success" : "reports failure");
}

std::string Play::State::alive_text() const {
  if (!memory.errand.empty()) return cat("GET ", memory.marker, " on a connection of its own answered");
  if (memory.alive_stream == 0) return "the connection alive: PING answered";
  return cat("the connection alive: PING answered, and GET / on stream ", memory.alive_stream, " answered");
}

}  // namespace upspec
