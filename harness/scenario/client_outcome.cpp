// The outcomes seen from a client: what it does with an answer that it must not take (protocol.md section 1).
#include "scenario/client_outcome.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "ws/frame.hpp"

namespace upspec {

namespace {

using State = Judgement::State;
using Kind = StreamItem::Kind;

constexpr auto protocol_error = static_cast<std::uint32_t>(h2::ErrorCode::protocol_error);

Judgement made(State state, std::string what, bool connection_over = false) {
  return {state, std::move(what), connection_over};
}

std::string closed_text(const Arrivals& actor) {
  if (!actor.broken().empty()) return actor.broken();
  return actor.closing() == Closing::reset ? "the connection was reset" : "the connection was closed";
}

bool went_away(const Arrivals& actor, std::uint32_t code) {
  return std::ranges::find(actor.goaways(), code) != actor.goaways().end();
}

// Nothing more is on the stream: did the connection end in its place?
Judgement by_the_connection(const Arrivals& actor, State when_closed) {
  if (went_away(actor, protocol_error)) return made(State::with_note, "GOAWAY(PROTOCOL_ERROR)", true);
  if (actor.closing()) return made(when_closed, closed_text(actor), true);
  if (actor.over()) return made(State::missed, closed_text(actor));
  return {};
}

// The same in every run, whatever the mask is and however they are cut. The transcript shows them.
constexpr const char* octets_came = "DATA with octets of the channel";

Judgement by_reset(Sight& sight, bool any_code) {
  const auto code = sight.item()->code;
  sight.take_item();
  const bool met = any_code || code == protocol_error;
  return made(met ? State::met : State::with_note, cat("RST_STREAM(", h2::error_name(code), ")"));
}

// RST_STREAM, and no octet of a channel before it. A client that says END_STREAM and nothing else has not made up its
// mind yet: silence at the end of the case.
Judgement judge_malformed(Sight& sight) {
  for (const auto* item = sight.item(); item; item = sight.item()) {
    if (item->kind == Kind::reset) return by_reset(sight, false);
    if (item->kind == Kind::octets) return made(State::missed, octets_came);
    sight.take_item();
  }
  return by_the_connection(sight.actor(), State::with_note);
}

// RFC 6455 7.1.7: who fails a connection may say Close before it ends it.
enum class Channel { silent, closing, talking };
Channel what_it_says(OctetView octets) {
  ws::FrameReader reader;
  reader.feed(octets);
  const auto frame = reader.next();
  if (frame) return frame->is(ws::Opcode::close) && reader.buffered() == 0 ? Channel::closing : Channel::talking;
  const bool may_be_close = octets.front() == (0x80u | static_cast<std::uint8_t>(ws::Opcode::close));  // FIN, no RSV
  return may_be_close && !reader.broken() ? Channel::silent : Channel::talking;
}

Judgement judge_fails_handshake(Sight& sight) {
  for (const auto* item = sight.item(); item; item = sight.item()) {
    if (item->kind == Kind::reset) return by_reset(sight, true);
    if (item->kind == Kind::octets && what_it_says(sight.octets()) == Channel::talking)
      return made(State::missed, octets_came);
    const bool end = item->kind == Kind::end;
    sight.take_item();
    if (end) return made(State::with_note, "END_STREAM");
  }
  return by_the_connection(sight.actor(), State::with_note);
}

// RES-10: the client's side ends, without an octet.
Judgement judge_gives_up(Sight& sight) {
  for (const auto* item = sight.item(); item; item = sight.item()) {
    if (item->kind == Kind::reset) return by_reset(sight, true);
    if (item->kind == Kind::octets) return made(State::missed, octets_came);
    const bool end = item->kind == Kind::end;
    sight.take_item();
    if (!end) continue;
    if (const auto* behind = sight.item(); behind && behind->kind == Kind::reset) sight.take_item();
    return made(State::met, "END_STREAM");
  }
  const auto& actor = sight.actor();
  return by_the_connection(actor, actor.goaways().empty() ? State::with_note : State::met);
}

struct Row {
  std::string_view name;
  Judgement (*judge)(Sight&);
  std::string_view meets;
};
constexpr std::array rows = {
    Row{"malformed", judge_malformed, "the answer refused as malformed: RST_STREAM(PROTOCOL_ERROR), no octet sent"},
    Row{"fails-handshake", judge_fails_handshake, "the handshake failed: RST_STREAM, no message sent"},
    Row{"gives-up", judge_gives_up, "the client's side ended: END_STREAM or RST_STREAM, no octet sent"},
};

const Row* find(std::string_view name) {
  const auto row = std::ranges::find(rows, name, &Row::name);
  return row == rows.end() ? nullptr : &*row;
}

}  // namespace

bool is_of_client(std::string_view outcome) { return find(outcome) != nullptr; }

Judgement judge_client(std::string_view outcome, Sight& sight) { return find(outcome)->judge(sight); }

std::string_view describe_client(std::string_view outcome) { return find(outcome)->meets; }

}  // namespace upspec
