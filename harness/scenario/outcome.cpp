#include "scenario/outcome.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "scenario/client_outcome.hpp"
#include "upgrade/sections.hpp"
#include "ws/handshake.hpp"

namespace upspec {

namespace {

using State = Judgement::State;
using Kind = StreamItem::Kind;

constexpr auto code_of(h2::ErrorCode code) { return static_cast<std::uint32_t>(code); }
constexpr std::uint32_t protocol_error = code_of(h2::ErrorCode::protocol_error);
constexpr std::uint32_t no_error = code_of(h2::ErrorCode::no_error);

std::string reset_text(std::uint32_t code) { return cat("RST_STREAM(", h2::error_name(code), ")"); }
std::string goaway_text(std::uint32_t code) { return cat("GOAWAY(", h2::error_name(code), ")"); }
std::string closed_text(const Arrivals& actor) {
  if (!actor.broken().empty()) return actor.broken();
  return actor.closing() == Closing::reset ? "the connection was reset" : "the connection was closed";
}

Judgement met(std::string what) { return {State::met, std::move(what), false}; }
Judgement noted(std::string what) { return {State::with_note, std::move(what), false}; }
Judgement missed(std::string what) { return {State::missed, std::move(what), false}; }
Judgement over(State state, std::string what) { return {state, std::move(what), true}; }

// A GOAWAY that says something is wrong; NO_ERROR announces a shutdown and ends nothing by itself.
std::optional<std::uint32_t> angry_goaway(const Sight& sight) {
  for (const auto code : sight.actor().goaways())
    if (code != no_error) return code;
  return std::nullopt;
}

// What stands first on the stream: a final section, a reset, or nothing yet. Interim responses are passed over
// (RES-07).
const StreamItem* first_answer(Sight& sight) {
  while (const auto* item = sight.item()) {
    if (sight.actor().speaks_h1() && (item->kind == Kind::end || item->kind == Kind::abort)) return nullptr;
    if (item->kind != Kind::section || !is_interim(item->fields)) return item;
    sight.take_item();
  }
  return nullptr;
}

// Takes a final response to its end. An early end by RST_STREAM is an end too: RFC 9113 8.1.1 lets a server answer a
// malformed request before it resets.
enum class Whole { yes, cut_by_reset, not_yet, never };
Whole take_response(Sight& sight, std::string& what) {
  const auto* head = sight.item();
  what = cat("a ", *h2::find(head->fields, ":status"), " response");
  sight.take_item();
  if (sight.actor().speaks_h1()) {
    std::string none;
    const bool whole = sight.content(none).has_value();
    if (whole) sight.take_content();
    return whole ? Whole::yes : none.empty() && !sight.actor().over() ? Whole::not_yet : Whole::never;
  }
  for (const auto* item = sight.item();; item = sight.item()) {
    if (!item) return sight.actor().over() ? Whole::never : Whole::not_yet;
    const auto kind = item->kind;
    if (kind == Kind::reset) what += cat(", then ", reset_text(item->code));
    sight.take_item();
    if (kind == Kind::reset) return Whole::cut_by_reset;
    if (kind != Kind::end) continue;
    if (const auto* behind = sight.item(); behind && behind->kind == Kind::reset && behind->code == no_error)
      sight.take_item();
    return Whole::yes;
  }
}

// RFC 9110 7.8, RFC 6455 4.2.2: what an HTTP/1.1 client looks at.
std::optional<std::string> wrong_in_switch(const StreamItem& item, const Sight& sight) {
  const auto& asked = sight.request();
  const auto* upgrade = h2::find(item.fields, "upgrade");
  const auto* connection = h2::find(item.fields, "connection");
  const auto* offered = h2::find(asked, "upgrade");
  if (!connection || lower(*connection).find("upgrade") == std::string::npos)
    return "101 without the option upgrade in Connection";
  if (!upgrade) return "101 without Upgrade";
  const auto offers = split(offered ? std::string_view(*offered) : std::string_view(), ',');
  const auto is_it = [&](std::string_view one) { return equal_folded(trim(one), trim(*upgrade)); };
  if (std::ranges::none_of(offers, is_it))
    return cat("101 for ", upspec::quoted(*upgrade, 80), ", which was not offered");
  const auto* key = h2::find(asked, "sec-websocket-key");
  const auto* accept = h2::find(item.fields, "sec-websocket-accept");
  if (key && equal_folded(*upgrade, "websocket") && (!accept || *accept != ws::accept_for(*key)))
    return cat("101 with sec-websocket-accept ", accept ? upspec::quoted(*accept, 80) : "left out");
  return std::nullopt;
}

// The accept's own form (RES-01 to RES-03); everything else in it is the Monitor's.
std::optional<std::string> wrong_in_accept(const StreamItem& item, const Sight& sight) {
  if (sight.actor().speaks_h1()) return wrong_in_switch(item, sight);
  constexpr std::array<std::string_view, 3> own = {"RES-01", "RES-02", "RES-03"};
  for (const auto& breach : check_response(item.fields, item.end_stream, asked_by(sight.request())))
    if (std::ranges::find(own, breach.requirement) != own.end()) return breach.text;
  return std::nullopt;
}

bool is_accepting(const StreamItem& item, Dialect dialect) {
  return item.kind == Kind::section && is_accept(dialect, item.fields, item.end_stream);
}

Judgement nothing_yet(const Sight& sight) {
  return sight.actor().over() ? missed(closed_text(sight.actor())) : Judgement{};
}

Judgement judge_accept(const OutcomeName&, Dialect dialect, Sight& sight) {
  const auto* item = first_answer(sight);
  if (!item) return nothing_yet(sight);
  if (!is_accepting(*item, dialect)) return missed(describe(*item));
  if (const auto wrong = wrong_in_accept(*item, sight)) return missed(*wrong);
  const auto what = cat("the accept, :status ", *h2::find(item->fields, ":status"));
  sight.take_item();
  return met(what);
}

// A complete final response, once it is known to be none that accepts.
Judgement judge_response(Sight& sight, State state, bool reset_ends_it) {
  std::string what;
  switch (take_response(sight, what)) {
    case Whole::yes:
      return {state, what, false};
    case Whole::cut_by_reset:
      return reset_ends_it ? Judgement{state, what, false} : missed(what);
    case Whole::never:
      return missed(cat(what, " that was cut short: ", closed_text(sight.actor())));
    case Whole::not_yet:
      return {State::waiting, cat(what, " without an end"), false};
  }
  return {};
}

Judgement judge_decline(const OutcomeName&, Dialect dialect, Sight& sight) {
  const auto* item = first_answer(sight);
  if (!item) return nothing_yet(sight);
  if (item->kind == Kind::reset) {
    const auto code = item->code;
    if (code != code_of(h2::ErrorCode::refused_stream)) return missed(reset_text(code));
    sight.take_item();
    return noted(reset_text(code));
  }
  const auto status = item->kind == Kind::section ? status_of(item->fields) : std::nullopt;
  if (!status || is_accepting(*item, dialect) || *status < 200) return missed(describe(*item));
  if (dialect == Dialect::connect && *status < 300) return missed(describe(*item));
  return judge_response(sight, State::met, false);
}

Judgement judge_malformed(const OutcomeName&, Dialect, Sight& sight) {
  const auto* item = first_answer(sight);
  if (!item) {
    if (const auto code = angry_goaway(sight); code == protocol_error)
      return over(State::with_note, goaway_text(*code));
    if (sight.actor().closing()) return over(State::with_note, closed_text(sight.actor()));
    return nothing_yet(sight);
  }
  if (item->kind == Kind::reset) {
    const auto code = item->code;
    sight.take_item();
    return code == protocol_error ? met(reset_text(code)) : noted(reset_text(code));
  }
  const auto status = item->kind == Kind::section ? status_of(item->fields) : std::nullopt;
  if (!status || *status < 400) return missed(describe(*item));
  return judge_response(sight, *status < 500 ? State::met : State::with_note, true);
}

// What `decline` or `malformed` allow, with a note only where both would have one.
Judgement judge_refused(const OutcomeName& name, Dialect dialect, Sight& sight) {
  const auto* item = first_answer(sight);
  const auto status = item && item->kind == Kind::section ? status_of(item->fields) : std::nullopt;
  return status && *status < 400    ? judge_decline(name, dialect, sight)
         : status && *status >= 500 ? judge_response(sight, State::met, true)
                                    : judge_malformed(name, dialect, sight);
}

Judgement judge_stream_error(const OutcomeName& outcome, Dialect, Sight& sight) {
  for (const auto* item = sight.item(); item; item = sight.item()) {
    if (item->kind == Kind::reset) {
      const auto code = item->code;
      sight.take_item();
      return code == outcome.code ? met(reset_text(code)) : noted(reset_text(code));
    }
    // What was on its way takes nothing away from the error: octets, the end of that direction, an answer given before
    // the rest of the request came (RFC 9113 8.1).
    sight.take_item();
  }
  if (const auto code = angry_goaway(sight); code == outcome.code) return over(State::with_note, goaway_text(*code));
  if (sight.actor().closing()) return over(State::with_note, closed_text(sight.actor()));
  return nothing_yet(sight);
}

Judgement judge_connection_error(const OutcomeName& outcome, Dialect, Sight& sight) {
  const auto code = angry_goaway(sight);
  if (!sight.actor().closing())
    return sight.actor().over()
               ? missed(closed_text(sight.actor()))
               : Judgement{State::waiting, code ? cat(goaway_text(*code), ", but the connection is still open") : "",
                           false};
  if (!code) return over(State::with_note, closed_text(sight.actor()));
  return over(*code == outcome.code ? State::met : State::with_note,
              cat(goaway_text(*code), ", then ", closed_text(sight.actor())));
}

struct Row {
  std::string_view name;
  Judgement (*judge)(const OutcomeName&, Dialect, Sight&);
  std::string_view meets;
};
constexpr std::array rows = {
    Row{"accept", judge_accept, ""},
    Row{"decline", judge_decline, "a complete final response that is no accept"},
    Row{"malformed", judge_malformed, "the request refused as malformed: RST_STREAM(PROTOCOL_ERROR) or a 4xx response"},
    Row{"refused", judge_refused,
        "the request not accepted: a final response that is no accept, or RST_STREAM(PROTOCOL_ERROR)"},
    Row{"stream-error", judge_stream_error, "a stream error: RST_STREAM"},
    Row{"connection-error", judge_connection_error, "a connection error: the connection closed after GOAWAY"},
};

}  // namespace

Judgement judge(const OutcomeName& outcome, Dialect dialect, Sight& sight) {
  if (sight.actor().side() == Side::server && is_of_client(outcome.name)) return judge_client(outcome.name, sight);
  const auto row = std::ranges::find(rows, std::string_view(outcome.name), &Row::name);
  if (sight.actor().speaks_h1()) dialect = Dialect::upgrade;  // HTTP/1.1 has one accept, whatever is behind: 101
  return row == rows.end() ? missed(cat("no outcome is called ", outcome.name)) : row->judge(outcome, dialect, sight);
}

std::optional<std::uint32_t> code_that_may_end_the_connection(const OutcomeName& outcome) {
  if (outcome.name == "malformed" || outcome.name == "refused" || outcome.name == "fails-handshake")
    return protocol_error;
  if (outcome.name == "stream-error") return outcome.code;
  return std::nullopt;
}

std::string describe(const OutcomeName& outcome, Dialect dialect, Side seen_from) {
  if (seen_from == Side::server && is_of_client(outcome.name)) return std::string(describe_client(outcome.name));
  if (outcome.name == "accept") {
    return dialect == Dialect::upgrade
               ? "the accept: :status 101 with one :upgrade that names an offered protocol, without END_STREAM, "
                 "content-length and connection-specific fields"
               : "the accept: a 2xx response without END_STREAM";
  }
  const auto row = std::ranges::find(rows, std::string_view(outcome.name), &Row::name);
  const bool coded = outcome.name == "stream-error" || outcome.name == "connection-error";
  return cat(row->meets, coded ? cat("(", h2::error_name(outcome.code), ")") : "");
}

}  // namespace upspec
