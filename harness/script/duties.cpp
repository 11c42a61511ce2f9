#include "script/duties.hpp"

#include <algorithm>
#include <optional>

#include "base/text.hpp"
#include "h2/codes.hpp"
#include "script/refusals.hpp"
#include "upgrade/dialect.hpp"
#include "upgrade/sections.hpp"
#include "ws/frame.hpp"

namespace upspec::script {

namespace {

// An endpoint may refuse a message that is larger (RFC 6455 7.4.1, 1009).
constexpr std::size_t largest_sure_message = 60'000;

bool is_final(const h2::FieldSection& section) {
  const auto status = status_of(section);
  return status && *status >= 200;
}

const h2::FieldSection* final_answer(const StreamSeen& stream) {
  const auto at = std::ranges::find_if(stream.theirs.sections, is_final);
  return at == stream.theirs.sections.end() ? nullptr : &*at;
}

// ---- a request ------------------------------------------------------------------------------------------------------

bool asks_to_connect(const h2::FieldSection& request) {
  const auto* method = h2::find(request, ":method");
  return method && *method == "CONNECT";
}

std::uint64_t declared_content(const h2::FieldSection& request) {
  return asked_dialect(request) == Dialect::upgrade ? content_length(request).value_or(0) : 0;
}

// What of ours is the channel's: all but the content before it (BODY-02).
HalfSeen ours_of_channel(const StreamSeen& stream) {
  HalfSeen half = stream.ours;
  const auto content = std::min(declared_content(half.sections.front()), half.total);
  const auto kept = std::min<std::uint64_t>(content, half.octets.size());
  half.octets.erase(half.octets.begin(), half.octets.begin() + static_cast<std::ptrdiff_t>(kept));
  half.total -= content;
  return half;
}

enum class Echo : std::uint8_t { none, raw, websocket };

// Of an accepted channel: does it echo, and how?
Echo echo_of(const StreamSeen& stream, const EchoPaths& paths) {
  if (!stream.accepted || !is_right_or_accepted(stream)) return Echo::none;
  const auto& request = stream.ours.sections.front();
  // BODY-07: what ends before its content does is malformed.
  if (declared_content(request) > stream.ours.total) return Echo::none;
  const auto* path = h2::find(request, ":path");
  const auto* value = h2::find(request, ":protocol");
  for (const auto& section : stream.theirs.sections)
    if (!value) value = h2::find(section, ":upgrade");
  const auto name = value ? parse_accepted(*value) : Result<Offer>(fail("no protocol"));
  if (!path || !name) return Echo::none;
  for (const auto& section : stream.theirs.sections)
    if (h2::find(section, "sec-websocket-extensions")) return Echo::none;
  if (*path == paths.raw && same_protocol(name->protocol, "upspec-echo")) return Echo::raw;
  if (*path == paths.websocket && same_protocol(name->protocol, "websocket")) return Echo::websocket;
  return Echo::none;
}

// ---- WebSocket ------------------------------------------------------------------------------------------------------

struct Message {
  std::uint8_t opcode = 1;
  Octets payload;
  bool operator==(const Message&) const = default;
};
struct Talk {
  std::vector<Message> messages;
  std::optional<Octets> last_ping;
  std::vector<Octets> pongs;
  bool closed = false;
  bool wrong = false;   // the other side has to end it
  bool unsure = false;  // too large to be sure of
  bool begun = false;   // a frame or a message that is not whole, and may be wrong already
};

bool right_control(const ws::Frame& frame) {
  if (!frame.fin || frame.payload.size() > 125) return false;
  if (!frame.is(ws::Opcode::close)) return frame.is(ws::Opcode::ping) || frame.is(ws::Opcode::pong);
  const auto reason = ws::read_close(frame.payload);
  return reason && (frame.payload.empty() || ws::may_be_sent(reason->code)) && ws::is_utf8(reason->reason);
}

void take(Talk& talk, ws::Frame& frame, Message& message, bool& open) {
  if (frame.is_control()) {
    if (!right_control(frame)) talk.wrong = true;
    talk.closed = frame.is(ws::Opcode::close);
    if (frame.is(ws::Opcode::ping)) talk.last_ping = std::move(frame.payload);
    if (frame.is(ws::Opcode::pong)) talk.pongs.push_back(std::move(frame.payload));
    return;
  }
  if (frame.opcode > 2 || (frame.opcode == 0) != open) {
    talk.wrong = true;
    return;
  }
  if (!open) message = {frame.opcode, {}};
  append(message.payload, frame.payload);
  open = !frame.fin;
  if (message.payload.size() > largest_sure_message) talk.unsure = true;
  if (!frame.fin) return;
  if (message.opcode == 1 && !ws::is_utf8(as_text(message.payload)))
    talk.wrong = true;
  else
    talk.messages.push_back(std::move(message));
}

Talk read_talk(OctetView octets, bool masked) {
  Talk talk;
  ws::FrameReader reader;
  reader.feed(octets);
  Message message;
  bool open = false;
  while (!talk.closed && !talk.wrong) {
    auto frame = reader.next();
    if (!frame) break;
    if (frame->mask.has_value() != masked || frame->rsv != 0) talk.wrong = true;
    // Lengths that are not in their shortest form, and codes that came later, may be taken or not (WS-11).
    if (frame->long_length != 0) talk.unsure = true;
    if (const auto reason = ws::read_close(frame->payload); frame->is(ws::Opcode::close) && reason)
      talk.unsure = talk.unsure || (reason->code >= 1012 && reason->code <= 1014);
    take(talk, *frame, message, open);
  }
  talk.unsure = talk.unsure || reader.broken();
  talk.begun = open || reader.buffered() > 0;
  return talk;
}

// ---- one stream -----------------------------------------------------------------------------------------------------

struct View {
  std::uint32_t id;
  const StreamSeen& stream;
  const EchoPaths& paths;

  Breach due(std::string_view requirement, std::string_view what) const {
    return {std::string(requirement), cat(what, " on stream ", id), id};
  }
};

Breach owed_of_raw(const View& at) {
  const auto ours = ours_of_channel(at.stream);
  const auto& theirs = at.stream.theirs;
  if (theirs.total < ours.total)
    return at.due("TUN-01", cat(ours.total - theirs.total, " of ", ours.total, " octets of the echo"));
  if (ours.ended && !theirs.ended) return at.due("TUN-03", "END_STREAM after ours");
  return {};
}

Breach owed_of_websocket(const View& at) {
  const auto ours = ours_of_channel(at.stream);
  const auto& theirs = at.stream.theirs;
  const auto said = read_talk(ours.octets, true);
  const auto heard = read_talk(theirs.octets, false);
  if (said.unsure || heard.unsure || ours.total > ours.octets.size() || theirs.ended || heard.closed) return {};
  if (said.wrong) return at.due("WS-11", "the end of a channel whose WebSocket frames are wrong");
  if (heard.messages.size() < said.messages.size())
    return at.due("TUN-01", cat("message ", heard.messages.size() + 1, " of ", said.messages.size(), " of the echo"));
  if (said.closed) return at.due("WS-10", "Close in answer to ours");
  // RFC 6455 5.5.3: of several Pings the last one may be answered alone, and with its octets.
  if (said.last_ping && std::ranges::find(heard.pongs, *said.last_ping) == heard.pongs.end())
    return at.due("WS-10", "a Pong with the octets of our Ping");
  if (ours.ended) return at.due("WS-11", "END_STREAM after ours");
  return {};
}

Breach owed_of_channel(const View& at) {
  switch (echo_of(at.stream, at.paths)) {
    case Echo::raw:
      return owed_of_raw(at);
    case Echo::websocket:
      return owed_of_websocket(at);
    case Echo::none:
      return {};
  }
  return {};
}

Breach owed_of_stream(const View& at) {
  const auto& ours = at.stream.ours;
  const auto& theirs = at.stream.theirs;
  if (ours.reset || theirs.reset || !is_right_or_accepted(at.stream)) return {};
  const auto& request = ours.sections.front();
  const bool asks = asked_dialect(request).has_value();
  if (at.stream.accepted) return owed_of_channel(at);
  if (!final_answer(at.stream)) return asks || ours.ended ? at.due("alive", "a response") : Breach{};
  if (ours.ended && !theirs.ended && !asks_to_connect(request)) return at.due("alive", "the end of the response");
  return {};
}

// What their window has to take before anything is owed: a sender may hold back what does not fit whole (RFC 9113 6.9
// forbids to exceed a window, not to wait for a larger one), but not behind one that takes a whole frame.
std::int64_t room_for_what_is_owed(const StreamSeen& stream) {
  constexpr std::uint64_t whole_frame = h2::initial_max_frame_size, close = 131;  // the longest Close
  if (!stream.accepted) return final_answer(stream) ? whole_frame : 1;
  const auto missing = stream.ours.total - std::min<std::uint64_t>(stream.ours.total, stream.theirs.total);
  return static_cast<std::int64_t>(std::min(missing + close, whole_frame));
}

// All our octets have come back, so that they have been consumed.
bool has_come_back(const View& at) {
  const auto echo = echo_of(at.stream, at.paths);
  if (echo == Echo::none || !owed_of_channel(at).requirement.empty()) return false;
  if (echo == Echo::raw) return true;
  const auto ours = ours_of_channel(at.stream);
  const auto said = read_talk(ours.octets, true);
  return !said.unsure && !said.begun && !said.wrong && ours.total <= ours.octets.size();
}

// Nothing of ours is left on it that somebody might still want to consume.
bool is_consumed(const View& at) {
  const auto& ours = at.stream.ours;
  const auto& theirs = at.stream.theirs;
  return ours.reset || theirs.reset || (ours.ended && theirs.ended) || ours.total == 0 || has_come_back(at);
}

// Whoever consumes gives windows back, and when he does is his affair (RFC 9113 5.2.1), but not behind one that is used
// up. What came for a stream that is over counts for the connection, and is consumed there and then (5.1, 6.9).
Breach owed_window(const LinkSeen& link, const Trace& trace, const EchoPaths& paths) {
  for (const auto& [id, stream] : link.streams) {
    const View at{id, stream, paths};
    const bool open = !stream.ours.reset && !stream.ours.ended && !stream.theirs.reset && !stream.theirs.ended;
    if (open && trace.is_used_up(id) && has_come_back(at))
      return at.due("TUN-07", "WINDOW_UPDATE, since all that filled the window has come back");
  }
  const auto consumed = [&](const auto& one) { return is_consumed({one.first, one.second, paths}); };
  if (!link.garbled && trace.is_used_up(0) && std::ranges::all_of(link.streams, consumed))
    return {"TUN-07", "WINDOW_UPDATE of the connection, of whose window nothing is in use", 0};
  return {};
}

// ---- what is certain ------------------------------------------------------------------------------------------------

std::optional<Breach> unlike_echo(const View& at) {
  const auto echo = echo_of(at.stream, at.paths);
  if (echo == Echo::none) return std::nullopt;
  const auto ours = ours_of_channel(at.stream);
  const auto& theirs = at.stream.theirs;
  if (echo == Echo::raw) {
    const auto size = std::min(ours.octets.size(), theirs.octets.size());
    const bool same =
        std::equal(ours.octets.begin(), ours.octets.begin() + static_cast<std::ptrdiff_t>(size), theirs.octets.begin());
    if (same && theirs.total > ours.total && ours.reset)
      return at.due("TUN-04", "an echo of what went in behind our RST_STREAM");
    if (!same || theirs.total > ours.total) return at.due("TUN-01", "other octets than those that went into the echo");
  }
  if (echo != Echo::websocket) return std::nullopt;
  const auto said = read_talk(ours.octets, true);
  const auto heard = read_talk(theirs.octets, false);
  if (said.unsure || heard.unsure || heard.wrong || ours.total > ours.octets.size()) return std::nullopt;
  const auto size = std::min(said.messages.size(), heard.messages.size());
  const bool same = std::equal(said.messages.begin(), said.messages.begin() + static_cast<std::ptrdiff_t>(size),
                               heard.messages.begin());
  if (same && heard.messages.size() > said.messages.size() && ours.reset)
    return at.due("TUN-04", "an echo of what went in behind our RST_STREAM");
  if (!same || heard.messages.size() > said.messages.size())
    return at.due("TUN-01", "other messages than those that went into the echo");
  // Close is the last word of an echo that has answered everything; without one of ours it had no reason.
  const bool reason = said.closed || said.wrong || said.begun || ours.ended;
  if (!reason && (heard.closed || (theirs.ended && !theirs.reset)))
    return at.due("TUN-03", "the end of an echo that nobody had ended");
  return std::nullopt;
}

// The echo was cut off while all was right.
std::optional<Breach> cut_off(const View& at) {
  const auto& ours = at.stream.ours;
  const auto& theirs = at.stream.theirs;
  const auto echo = echo_of(at.stream, at.paths);
  if (ours.reset || !theirs.reset || echo == Echo::none) return std::nullopt;
  if (echo == Echo::websocket && read_talk(ours_of_channel(at.stream).octets, true).begun) return std::nullopt;
  StreamSeen without_end = at.stream;
  without_end.theirs.reset.reset();
  const auto missing = owed_of_channel({at.id, without_end, at.paths});
  if (missing.requirement.empty() || missing.requirement == "WS-11") return std::nullopt;
  return at.due(missing.requirement == "TUN-03" ? "TUN-03" : "TUN-04",
                cat("RST_STREAM(", h2::error_name(*theirs.reset), ") in place of ", missing.text, ", sent"));
}

// RFC 6455 5.5.1: who receives Close, and has sent none, sends one.
std::optional<Breach> ended_without_close(const View& at) {
  const auto& ours = at.stream.ours;
  const auto& theirs = at.stream.theirs;
  if (echo_of(at.stream, at.paths) != Echo::websocket || !theirs.ended || theirs.reset || ours.reset)
    return std::nullopt;
  const auto channel = ours_of_channel(at.stream);
  const auto said = read_talk(channel.octets, true);
  const auto heard = read_talk(theirs.octets, false);
  const bool sure = !said.unsure && !said.wrong && !heard.unsure && channel.total <= channel.octets.size();
  if (!sure || !said.closed || heard.closed) return std::nullopt;
  return at.due("WS-10", "END_STREAM without a Close in answer to ours");
}

std::optional<Breach> served_although_malformed(const View& at) {
  if (at.stream.accepted || at.stream.ours.sections.empty()) return std::nullopt;  // an accept is the Monitor's
  const auto& request = at.stream.ours.sections.front();
  const auto* answer = final_answer(at.stream);
  if (!answer || *status_of(*answer) >= 400 || !asked_dialect(request)) return std::nullopt;
  const auto wrong = check_request(request, {true, true});
  if (wrong.empty()) return std::nullopt;
  return at.due(wrong.front().requirement,
                cat("answered with ", *h2::find(*answer, ":status"), ", although ", wrong.front().text, ","));
}

// Every request on the connection can be judged, so that whatever ended it was not ours.
bool all_right(const LinkSeen& link) {
  return !link.garbled && std::ranges::all_of(link.streams, [](const auto& one) {
    return one.second.ours.sections.empty() ? one.second.theirs.sections.empty() : is_right_or_accepted(one.second);
  });
}

std::optional<Breach> ended_without_reason(const LinkSeen& link, const Trace& trace) {
  constexpr auto calm = static_cast<std::uint32_t>(h2::ErrorCode::enhance_your_calm);
  // The head of a frame may be wrong already.
  if (!trace.doubt().empty() || !trace.at_border() || !all_right(link) || link.closed_by_us || trace.said_goodbye())
    return std::nullopt;
  for (const auto code : link.goaways)
    if (code != 0 && code != calm)
      return Breach{"alive", cat("GOAWAY(", h2::error_name(code), ") to a client that has done nothing wrong"), 0};
  if (link.closing && link.goaways.empty())
    return Breach{"alive", "the connection ended under a client that has done nothing wrong", 0};
  return std::nullopt;
}

}  // namespace

Breach owed(const LinkSeen& link, const Trace& trace, const EchoPaths& paths) {
  if (link.closing || link.closed_by_us || !link.unreadable.empty() || !link.goaways.empty()) return {};
  if (!trace.at_border()) return {};
  if (!trace.pings_answered()) return {"TUN-11", "an answer to PING", 0};
  if (!trace.doubt().empty()) return owed_error(link, trace);
  if (!trace.acknowledged()) return {"TUN-11", "SETTINGS ACK", 0};
  if (auto due = owed_window(link, trace, paths); !due.requirement.empty()) return due;
  if (!all_right(link)) return {};
  for (const auto& [id, stream] : link.streams) {
    if (trace.their_room(id) < room_for_what_is_owed(stream)) continue;
    if (auto due = owed_of_stream({id, stream, paths}); !due.requirement.empty()) return due;
  }
  return {};
}

std::vector<Breach> broken_duties(const LinkSeen& link, const Trace& trace, const EchoPaths& paths) {
  std::vector<Breach> all;
  const auto add = [&](std::optional<Breach> breach) {
    if (breach) all.push_back(*std::move(breach));
  };
  for (const auto& [id, stream] : link.streams) {
    const View at{id, stream, paths};
    add(served_although_malformed(at));
    if (!paths.websocket.empty() || !paths.raw.empty()) add(accepted_although_unknown(id, stream));
    add(unlike_echo(at));
    if (!trace.doubt().empty() || !trace.at_border() || trace.their_room(id) <= 0) continue;
    add(cut_off(at));
    add(ended_without_close(at));
  }
  if (trace.doubt().empty() && trace.has_foreign_pong())
    all.push_back({"TUN-11", "PING ACK with other octets than those of our PINGs", 0});
  add(ended_without_reason(link, trace));
  return all;
}

}  // namespace upspec::script
