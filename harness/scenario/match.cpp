#include "scenario/match.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "scenario/match_section.hpp"
#include "upgrade/dialect.hpp"
#include "upgrade/offer.hpp"
#include "upgrade/sections.hpp"
#include "ws/frame.hpp"

namespace upspec {

namespace {

using State = Judgement::State;
using Kind = StreamItem::Kind;

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};

Judgement met() { return {State::met, {}, false}; }
Judgement missed(std::string why) { return {State::missed, std::move(why), false}; }

struct Matcher {
  const Arrivals& actor;
  Cursor& cursor;
  Scope& scope;

  Sight sight(std::uint32_t stream) const { return {actor, cursor, stream}; }

  // Nothing at hand: more may come, or never will.
  Judgement nothing(std::uint32_t stream) const {
    return actor.over() ? missed(describe_what_came(actor, cursor, stream)) : Judgement{};
  }

  Judgement operator()(const ExpectHeaders& part) const {
    auto at = sight(part.stream);
    for (const auto* item = at.item(); item; item = at.item()) {
      if (item->kind != Kind::section) return missed(describe(*item));
      Scope tried = scope;
      const auto wrong = wrong_section(part, *item, tried);
      const bool interim = is_interim(item->fields);
      const auto text = describe(*item);
      const bool ends = item->end_stream;
      if (wrong && !interim) return missed(cat(text, ": ", *wrong));
      at.take_item();
      if (wrong || (interim && !means_interim(part))) continue;
      scope = std::move(tried);
      if (ends && part.end) at.take_item();  // END_STREAM was asked for with it
      return {State::met, text, false};
    }
    return nothing(part.stream);
  }

  Judgement operator()(const ExpectRequest& part) const {
    auto at = sight(part.stream);
    const auto* item = at.item();
    if (!item) return nothing(part.stream);
    if (item->kind != Kind::section) return missed(describe(*item));
    if (const auto wrong = wrong_request(item->fields)) return missed(*wrong);
    if (const auto* key = h2::find(item->fields, "sec-websocket-key")) scope["key"] = *key;
    const auto content = content_length(item->fields).value_or(0);
    at.take_item();
    return content == 0 ? met() : content_of(at, part.stream, content);
  }

  // BODY-02: what comes first belongs to the request.
  Judgement content_of(Sight at, std::uint32_t stream, std::uint64_t size) const {
    const auto* item = at.item();
    if (!item) return nothing(stream);
    if (item->kind != Kind::octets) return missed(describe(*item));
    if (at.octets().size() < size) return actor.over() ? nothing(stream) : Judgement{};
    at.take_octets(static_cast<std::size_t>(size));
    return met();
  }

  // Does it ask for what the case is about? Everything else in it is the Monitor's.
  std::optional<std::string> wrong_request(const h2::FieldSection& request) const {
    const auto& protocol = scope.at("protocol");
    const auto dialect = asked_dialect(request);
    if (protocol == "none")
      return dialect ? std::optional("a request for a channel, not an ordinary one") : std::nullopt;
    if (!dialect) return "a request that asks for no channel";
    if (name_of(*dialect) != scope.at("dialect")) return cat("a request for a channel in dialect ", name_of(*dialect));
    const auto* token = h2::find(request, ":protocol");
    const auto offers = asked_by(request).offers;
    const bool offered =
        token ? same_protocol(*token, protocol)
              : std::ranges::any_of(offers, [&](const Offer& one) { return same_protocol(one.protocol, protocol); });
    return offered ? std::nullopt : std::optional(cat("a request that does not offer ", protocol));
  }

  Judgement operator()(const ExpectHead& part) const {
    auto at = sight(part.stream);
    for (const auto* item = at.item(); item; item = at.item()) {
      if (item->kind != Kind::section) return missed(describe(*item));
      Scope tried = scope;
      const auto wrong = wrong_head(part, *item, tried);
      const auto text = describe(*item);
      const bool interim = is_interim(item->fields);
      if (wrong && !interim) return missed(cat(text, ": ", *wrong));
      at.take_item();
      if (wrong || (interim && !means_interim(part))) continue;
      scope = std::move(tried);
      return {State::met, text, false};
    }
    return nothing(part.stream);
  }

  Judgement operator()(const ExpectContent& part) const {
    auto at = sight(part.stream);
    std::string none;
    const auto came = at.content(none);
    if (!came) return none.empty() ? nothing(part.stream) : missed(none);
    if (as_text(*came) != filled(part.octets, scope)) return missed(cat("content ", quoted(as_text(*came), 80)));
    at.take_content();
    return met();
  }

  Judgement operator()(const ExpectOctets& part) const {
    const auto wanted = filled(part.octets, scope);
    auto at = sight(part.stream);
    const auto* item = at.item();
    if (wanted.empty()) return met();
    if (!item) return nothing(part.stream);
    if (item->kind != Kind::octets) return missed(describe(*item));
    const auto came = as_text(at.octets());
    const auto common = std::min(came.size(), wanted.size());
    if (came.substr(0, common) != std::string_view(wanted).substr(0, common))
      return missed(cat("DATA ", quoted(came, 80)));
    if (came.size() < wanted.size()) {
      const bool never = actor.over() || actor.stream(part.stream)->over;
      return never ? missed(cat("only ", came.size(), " of ", wanted.size(), " octets: ", quoted(came, 80)))
                   : Judgement{};
    }
    at.take_octets(wanted.size());
    return met();
  }

  Judgement operator()(const ExpectAmount& part) const {
    const auto* stream = actor.stream(part.stream);
    std::size_t came = 0;
    for (const auto& item : stream ? stream->items : std::vector<StreamItem>{}) came += item.octets.size();
    if (came >= part.least) return met();
    const bool never = actor.over() || (stream && stream->over);
    return never ? missed(cat("only ", came, " octets")) : Judgement{};
  }

  Judgement operator()(const ExpectWs& part) const {
    auto at = sight(part.stream);
    const auto* item = at.item();
    if (!item) return nothing(part.stream);
    if (item->kind != Kind::octets) return missed(describe(*item));
    const auto octets = at.octets();
    ws::FrameReader reader;
    reader.feed(octets);
    std::string message;
    std::uint8_t opcode = 0;
    while (const auto frame = reader.next()) {
      const bool control = frame->is_control();
      if (control && (frame->is(ws::Opcode::ping) || frame->is(ws::Opcode::pong)) && frame->opcode != part.opcode)
        continue;
      if (!control) {
        if (!frame->is(ws::Opcode::continuation)) opcode = frame->opcode;
        message += as_text(frame->payload);
        if (!frame->fin) continue;
      }
      if (auto wrong =
              wrong_message(part, control ? frame->opcode : opcode, control ? to_text(frame->payload) : message)) {
        return missed(cat("WebSocket ", *wrong));
      }
      at.take_octets(octets.size() - reader.buffered());
      if (part.opcode == any_message) scope["message.op"] = opcode == 2 ? "binary" : "text";
      return met();
    }
    const bool never = actor.over() || actor.stream(part.stream)->over || reader.broken();
    return never ? missed(cat("octets that are no whole WebSocket message: ", hex(octets, 40))) : Judgement{};
  }

  std::optional<std::string> wrong_message(const ExpectWs& part, std::uint8_t opcode,
                                           const std::string& payload) const {
    const ws::Frame frame{true, 0, opcode, std::nullopt, to_octets(payload)};
    const bool fits = part.opcode == any_message ? !frame.is_control() : opcode == part.opcode;
    if (!fits) return ws::describe(frame);
    if (frame.is(ws::Opcode::close)) {
      const auto reason = ws::read_close(frame.payload);
      return part.code && (!reason || reason->code != *part.code) ? std::optional(ws::describe(frame)) : std::nullopt;
    }
    return payload == filled(part.payload, scope) ? std::nullopt : std::optional(ws::describe(frame));
  }

  Judgement operator()(const ExpectInner& part) const {
    auto at = sight(part.stream);
    const auto* item = at.item();
    if (!item) return nothing(part.stream);
    if (item->kind != Kind::octets) return missed(describe(*item));
    const auto octets = at.octets();
    h2::FrameReader reader;
    reader.feed(octets);
    if (octets.size() > 3 && octets[3] != part.type)
      return missed(cat("octets that begin no such frame: ", hex(octets, 40)));
    const auto frame = reader.next();
    const bool never = actor.over() || actor.stream(part.stream)->over;
    if (!frame) return never ? missed(cat("octets that are no whole frame: ", hex(octets, 40))) : Judgement{};
    at.take_octets(octets.size() - reader.buffered());
    return met();
  }

  static void pass_octets(Sight& at) {
    for (const auto* item = at.item(); item && item->kind == Kind::octets; item = at.item())
      at.take_octets(at.octets().size());
  }

  Judgement operator()(const ExpectEnd& part) const {
    auto at = sight(part.stream);
    if (part.past_octets) pass_octets(at);
    const auto* item = at.item();
    if (!item) return nothing(part.stream);
    if (item->kind != Kind::end) return missed(describe(*item));
    at.take_item();
    return met();
  }

  // The direction that comes has been broken off: RST_STREAM, or the end of an HTTP/1.1 connection, of which nobody can
  // tell how it was meant. What came before does not matter.
  Judgement operator()(const ExpectAborted& part) const {
    auto at = sight(part.stream);
    for (const auto* item = at.item(); item; item = at.item()) {
      const bool is_it =
          item->kind == Kind::reset || item->kind == Kind::abort || (item->kind == Kind::end && actor.speaks_h1());
      const auto text = describe(*item);
      at.take_item();
      if (is_it) return {State::met, text, false};
    }
    if (actor.closing()) return met();
    return nothing(part.stream);
  }

  Judgement operator()(const ExpectReset& part) const {
    auto at = sight(part.stream);
    if (part.past_octets) pass_octets(at);
    const auto* item = at.item();
    if (!item) return nothing(part.stream);
    const bool is_it = actor.speaks_h1() ? item->kind == Kind::abort
                                         : item->kind == Kind::reset && (!part.code || item->code == *part.code);
    if (!is_it) return missed(describe(*item));
    const auto text = describe(*item);
    at.take_item();
    return {State::met, text, false};
  }

  Judgement operator()(const ExpectGoaway& part) const {
    for (; cursor.goaways < actor.goaways().size(); ++cursor.goaways) {
      const auto code = actor.goaways()[cursor.goaways];
      if (part.code && code != *part.code) continue;
      ++cursor.goaways;
      return {State::met, cat("GOAWAY(", h2::error_name(code), ")"), false};
    }
    return nothing(1);
  }

  Judgement operator()(const ExpectClosed&) const {
    if (!actor.closing()) return actor.over() ? missed(actor.broken()) : Judgement{};
    return {State::met, "the connection was closed", true};
  }

  Judgement operator()(const ExpectSettingsAck&) const { return actor.settings_acknowledged() ? met() : nothing(1); }
};
}  // namespace

Judgement match(const std::vector<ExpectPart>& parts, const Arrivals& actor, Cursor& cursor, Scope& scope) {
  const Matcher matcher{actor, cursor, scope};
  Judgement whole{State::met, {}, false};
  for (const auto& part : parts) {
    const auto one = std::visit(matcher, part);
    if (one.state != State::met) return one;
    if (!one.what.empty()) whole.what += cat(whole.what.empty() ? "" : ", ", one.what);
    whole.connection_over = whole.connection_over || one.connection_over;
  }
  return whole;
}

std::uint32_t stream_of(const std::vector<ExpectPart>& parts) {
  for (const auto& part : parts) {
    const auto stream =
        std::visit(Overloaded{[](const ExpectGoaway&) { return 0u; }, [](const ExpectClosed&) { return 0u; },
                              [](const ExpectSettingsAck&) { return 0u; }, [](const auto& one) { return one.stream; }},
                   part);
    if (stream != 0) return stream;
  }
  return 1;
}

}  // namespace upspec
