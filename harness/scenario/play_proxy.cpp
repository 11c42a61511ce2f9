#include <algorithm>

#include "base/text.hpp"
#include "scenario/play_state.hpp"

namespace upspec {

namespace {

// Nothing more is awaited of what stands behind the cursor.
bool is_quiet(const Link& link, std::uint32_t stream) {
  const auto* state = link.arrivals().stream(stream);
  if (!state) return true;
  const auto at = link.cursor.streams.find(stream);
  const auto from = at == link.cursor.streams.end() ? Cursor::OfStream{} : at->second;
  for (auto i = from.item; i < state->items.size(); ++i) {
    const auto& item = state->items[i];
    const bool is_taken = i == from.item && item.kind == StreamItem::Kind::octets && from.offset >= item.octets.size();
    if (!is_taken && item.kind != StreamItem::Kind::whole) return false;
  }
  return true;
}

bool has_received(const Link& link, std::string_view text) {
  if (link.h1) return link.h1->has_received(text);
  const auto holds = [&](std::string_view one) { return one.find(text) != one.npos; };
  for (const auto& [id, stream] : link.actor.streams())
    for (const auto& item : stream.items) {
      const auto in_field = [&](const h2::Field& field) { return holds(field.name) || holds(field.value); };
      if (holds(as_text(item.octets)) || std::ranges::any_of(item.fields, in_field)) return true;
    }
  return false;
}

std::string line_of(const Link& link, std::uint32_t stream) {
  const auto* state = link.arrivals().stream(stream);
  return state && !state->items.empty() ? describe(state->items.front()) : "nothing";
}

}  // namespace

// ---- steps behind ---------------------------------------------------------------------------------------------------

Play::State::Did Play::State::take_step_behind(const Step& current, Moment now) {
  if (const auto* flow = std::get_if<Flow>(&current.what)) return flow_now(*flow, now);
  const auto* seat = behind.find(current.at);
  auto* at = seat ? &links.all()[seat->link] : nullptr;
  if (const auto* never = std::get_if<Never>(&current.what)) return never_behind(*never);
  if (const auto* refuse = std::get_if<Refuse>(&current.what)) {
    behind.refuse(refuse->how);
    return Did::finished;
  }
  if (const auto* quiet = std::get_if<Quiet>(&current.what)) return quiet_by_errand(*quiet, at, now);
  if (std::holds_alternative<Expect>(current.what)) return expect_across(std::get<Expect>(current.what), false);
  if (!at) return error(cat("no request is called \"", current.at, "\" yet; an <expect> at it takes one first"));
  if (const auto* send = std::get_if<Send>(&current.what)) {
    if (!memory.send) {
      const auto* came = at->arrivals().stream(seat->stream);
      auto made = with_accept(on_stream(*send, seat->stream), came->request, at->h1.has_value());
      if (!made) return error(made.error().text);
      memory.send = std::move(*made);
    }
    return play(*memory.send, *at, now);
  }
  return std::visit([&](const auto& one) { return play(one, *at, now); }, current.what);
}

Play::State::Did Play::State::play(const Refuse&, Link&, Moment) {
  return error("<refuse> in front; it is the origin that refuses");
}

// Alternatives may stand at different ends; each is tried where it stands.
Play::State::Did Play::State::expect_across(const Expect& expect, bool last) {
  const auto& at_step = what.steps[step].at;
  std::vector<Expected> missed;
  for (const auto& alternative : expect.alternatives) {
    const auto& name = alternative.at.empty() ? at_step : alternative.at;
    const auto* seat = behind.find(name);
    if (Behind::is_name(name) && !seat) {
      const auto did = expect_request({{alternative}, expect.connection}, name, missed, last);
      if (did) return *did;
      continue;
    }
    auto* link = seat ? &links.all()[seat->link] : links.find(name);
    if (!link) return error(cat("no connection is called \"", name, "\""));
    const Expect here = on_stream({{alternative}, {}}, seat ? seat->stream : 1);
    const auto one = try_expectation(here, what.dialect, *link, scope, last);
    if (one.state == Expected::State::met) return met(one);
    if (one.state == Expected::State::missed) missed.push_back(one);
    if (one.state == Expected::State::waiting) mind_octets(here, *link);
  }
  if (missed.size() < expect.alternatives.size()) return Did::waits;
  std::string came;
  for (const auto& one : missed)
    if (came.find(one.what) == came.npos) came += cat(came.empty() ? "" : "; ", one.what);
  return fail(describe(expect, what.dialect, scope, Side::client), came, missed.front().brief);
}

// Takes the first request behind that fits; nothing when none has yet. Which one a proxy sends first is its own affair,
// so one that does not fit is only wrong when no other can come.
std::optional<Play::State::Did> Play::State::expect_request(const Expect& expect, const std::string& name,
                                                            std::vector<Expected>& missed, bool last) {
  std::optional<Expected> wrong;
  bool waits = false;
  for (const auto seat : behind.untaken()) {
    if (!behind.is_on(seat, expect.connection)) continue;
    const auto here = on_stream(expect, seat.stream);
    const auto one = try_expectation(here, what.dialect, links.all()[seat.link], scope, last);
    if (one.state == Expected::State::met) {
      behind.bind(name, seat);
      return met(one);
    }
    waits = waits || one.state == Expected::State::waiting;
    if (one.state == Expected::State::missed && !wrong) wrong = one;
  }
  if (waits) return std::nullopt;
  for (const auto& link : links.all()) {
    if (!link.accepts || link.arrivals().broken().empty()) continue;
    missed.push_back({Expected::State::missed, nullptr, false, {}, link.arrivals().broken(), link.arrivals().broken()});
    return std::nullopt;
  }
  std::size_t asked = 0;
  bool all_answered = true;
  for (const auto& link : links.all()) {
    if (link.accepts) continue;
    asked += link.asked_by_us();
    all_answered = all_answered && link.all_answered();
  }
  const bool none_comes = all_answered || (wrong && asked <= behind.arrived() + behind.markers());
  if (!none_comes) return std::nullopt;
  const auto front = links.main().came(1);
  missed.push_back(wrong ? *wrong
                         : Expected{Expected::State::missed,
                                    nullptr,
                                    false,
                                    {},
                                    cat("no request behind, and in front: ", front),
                                    "no request behind"});
  return std::nullopt;
}

Play::State::Did Play::State::never_behind(const Never& never) {
  const auto octets = never.octets.fill(scope);
  if (!octets) return error(octets.error().text);
  for (const auto& link : links.all()) {
    if (link.accepts && has_received(link, *octets))
      return fail(cat("never the octets ", upspec::quoted(*octets, 80), " behind the proxy"),
                  "they came (in the transcript)", "octets that must not come");
  }
  return Did::finished;
}

// Two requests of our own, one after the other: what the proxy had to carry before them has been carried when the
// second is answered.
Play::State::Did Play::State::quiet_by_errand(const Quiet& quiet, Link* at, Moment now) {
  const auto* seat = behind.find(what.steps[step].at);
  // What shares a connection with a request that we have not answered may wait for it; no clause forbids that.
  const bool is_pending = at && seat && !at->is_answered(seat->stream);
  while (memory.errands < 2) {
    const auto did = is_pending ? errand_h1(now) : errand(now);
    if (did != Did::finished) return did;
    errand_done();
  }
  constexpr std::string_view wanted = "nothing more before an ordinary request, made now, was answered";
  const auto stream = seat ? seat->stream : quiet.stream;
  if (at && !is_quiet(*at, stream)) return fail(std::string(wanted), at->came(stream), "not quiet");
  if (at || behind.untaken().empty()) return Did::finished;
  const auto first = behind.untaken().front();
  return fail("no request behind", line_of(links.all()[first.link], first.stream), "a request behind");
}

// Its connection ends with it: a case may run hundreds of them.
void Play::State::errand_done() {
  if (auto* link = memory.errand.empty() ? nullptr : links.find(memory.errand)) link->shut = true;
  memory.errand.clear();
  memory.marker.clear();
  memory.errand_sent = false;
  ++memory.errands;
}

// ---- much data ------------------------------------------------------------------------------------------------------

std::optional<FlowEnd> Play::State::flow_end(const std::string& name) {
  if (const auto* seat = behind.find(name)) return FlowEnd{&links.all()[seat->link], seat->stream};
  auto* link = Behind::is_name(name) ? nullptr : links.find(name);
  return link ? std::optional(FlowEnd{link, 1}) : std::nullopt;
}

Play::State::Did Play::State::play(const Flow& flow, Link&, Moment now) { return flow_now(flow, now); }

// Pressing goes on until requests of our own, on connections of their own, were answered and nothing more was taken
// meanwhile: no clock tells when a proxy has stopped reading. Who takes too much is offered all the rest, so that its
// resident memory shows where it went. Who takes so little that its buffers never fill has shown nothing against it by
// the last of these requests.
Play::State::Did Play::State::flow_now(const Flow& flow, Moment now) {
  constexpr std::uint64_t most_pressed = std::uint64_t{64} << 20;
  constexpr int most_errands = 300;
  const auto wanted = flow.press
                          ? cat("at most ", flow.octets, " octets taken while nobody reads, and then all of them")
                          : cat(flow.octets, " octets of a pattern, unchanged");
  if (!memory.flow) {
    const auto from = flow_end(flow.from), to = flow_end(flow.to);
    if (!from || !to) return error(cat("no channel from \"", flow.from, "\" to \"", flow.to, "\""));
    memory.flow.emplace(*from, *to, flow.press ? most_pressed : flow.octets, now);
    if (flow.press) memory.flow->hold(now);
  }
  auto& moving = *memory.flow;
  const auto before = moving.sent() + moving.came();
  moving.pump(now);
  while (moving.held()) {
    const bool too_much = moving.sent() > flow.octets;
    // Nor does one that is too busy with it to answer a request change that.
    const auto* asked = memory.errand.empty() ? nullptr : links.find(memory.errand);
    if (too_much && (moving.sent() == most_pressed || memory.flow_still >= 3 || (asked && asked->over())))
      return fail(wanted, cat(moving.sent(), " octets, and more would have been"), "no back-pressure");
    const auto did = errand_h1(now);
    if (did != Did::finished) return did;
    errand_done();
    ++progress;
    memory.flow_still = moving.sent() == memory.flow_mark ? memory.flow_still + 1 : 0;
    memory.flow_mark = moving.sent();
    const bool is_slow = memory.errands >= most_errands;
    if ((memory.flow_still < 3 && !is_slow) || moving.sent() > flow.octets) continue;
    moving.stop();
    moving.release(now);
  }
  if (const auto ok = moving.take(now); !ok) return fail(wanted, ok.error().text, "not the octets that were sent");
  if (moving.done()) return Did::finished;
  moving.pump(now);
  if (moving.sent() + moving.came() != before) ++progress;
  return Did::waits;
}

// ---- requests of our own --------------------------------------------------------------------------------------------

Play::State::Did Play::State::errand(Moment now) {
  auto& main = links.main();
  if (main.h1 || main.over()) return errand_h1(now);
  if (memory.marker.empty()) {
    if (main.actor.open_streams() >= main.actor.allowed_streams()) return skip_for_streams(main.actor);
    memory.marker = behind.new_marker();
    memory.alive_stream = main.actor.fresh_stream();
    h2::FieldSection request{{":method", "GET"},
                             {":scheme", situation.scheme},
                             {":authority", situation.authority},
                             {":path", memory.marker}};
    request.insert(request.end(), situation.fields.begin(), situation.fields.end());
    main.actor.send_section(memory.alive_stream, request, true, {}, std::nullopt, std::nullopt, now);
    main.actor.flush();
  }
  const auto* stream = main.actor.stream(memory.alive_stream);
  if (stream && stream->over) return Did::finished;
  return main.over() ? fail(alive_text(), main.came(memory.alive_stream), "not alive") : Did::waits;
}

Play::State::Did Play::State::errand_h1(Moment now) {
  if (memory.errand.empty()) {
    memory.marker = behind.new_marker();
    memory.errand = cat("errand-", behind.markers());
    links.open(memory.errand, {});
    return Did::waits;
  }
  auto& link = *links.find(memory.errand);
  if (!link.ready()) return Did::waits;
  if (!link.h1) {
    if (!std::exchange(memory.errand_sent, true)) {
      const h2::FieldSection request{{":method", "GET"},
                                     {":scheme", situation.scheme},
                                     {":authority", situation.authority},
                                     {":path", memory.marker}};
      link.actor.send_section(1, request, true, {}, std::nullopt, std::nullopt, now);
      link.actor.flush();
    }
    const auto* stream = link.actor.stream(1);
    if (stream && stream->over) return Did::finished;
    return link.over() ? fail(alive_text(), link.came(1), "not alive") : Did::waits;
  }
  if (!std::exchange(memory.errand_sent, true)) {
    std::string head = cat("GET ", memory.marker, " HTTP/1.1\r\nHost: ", situation.authority, "\r\n");
    for (const auto& field : situation.fields) head += cat(field.name, ": ", field.value, "\r\n");
    head += "Connection: close\r\n\r\n";
    link.h1->send_head(head, head.size(), now);
    link.h1->flush();
  }
  const auto* exchange = link.h1->stream(1);
  const auto is_whole = [](const StreamItem& item) { return item.kind == StreamItem::Kind::whole; };
  if (exchange && std::ranges::any_of(exchange->items, is_whole)) return Did::finished;
  return link.over() ? fail(alive_text(), link.came(1), "not alive") : Did::waits;
}

// ---- the end --------------------------------------------------------------------------------------------------------

// A pooled connection is never left to the next case: behind we say FIN and wait for the proxy's end, in front we are
// gone.
void Play::State::end_connections() {
  for (auto& link : links.all()) (link.accepts && !situation.resets_behind ? link.shut : link.abort) = true;
}

// What a proxy passes on, the octets of the channel and the values of the handshake, is ours: it answers for them only
// where the case says so.
std::vector<Breach> Play::State::own_breaches(const Link& link) const {
  auto all = link.breaches();
  std::erase_if(all, [&](const Breach& one) {
    const bool is_passed_on = one.requirement.starts_with("WS-") || one.requirement == "RES-09";
    return is_passed_on && std::ranges::find(what.checks, one.requirement) == what.checks.end();
  });
  return all;
}

// SEC-06: more requests behind than in front. One that a proxy tries again is no second one.
std::vector<Breach> Play::State::breaches_behind() const {
  std::size_t asked = 0;
  for (const auto& link : links.all()) {
    if (link.accepts) continue;
    if (link.h1) return {};  // what a case writes there as octets may be more than one
    asked += link.asked_by_us();
  }
  if (behind.arrived() + behind.markers() <= asked) return {};
  for (const auto seat : behind.untaken()) {
    if (behind.is_repeated(links, seat)) continue;
    return {{"SEC-06",
             cat("more requests came behind than went in front; one that nobody sent: ",
                 line_of(links.all()[seat.link], seat.stream)),
             0}};
  }
  return {};
}

}  // namespace upspec
