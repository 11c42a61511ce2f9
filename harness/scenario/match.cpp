#include "scenario/match.hpp"

#include <algorithm>

#include "base/regex.hpp"
#include "base/text.hpp"
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

// Holes were checked by the loader; what cannot be filled is a capture that never happened, and matches nothing.
std::string filled(const Template& text, const Scope& scope) { return text.fill(scope).value_or("(not known)"); }

std::string describe(const Pattern& pattern, const Scope& scope) {
  switch (pattern.kind) {
    case Pattern::Kind::exact:
      return upspec::quoted(filled(pattern.text, scope));
    case Pattern::Kind::any:
      return "any value";
    case Pattern::Kind::regex:
      return cat("matching ", filled(pattern.text, scope));
    case Pattern::Kind::list: {
      std::string all;
      for (const auto& member : pattern.members) all += cat(all.empty() ? "" : ", ", filled(member, scope));
      for (const auto& member : pattern.forbidden) all += cat(all.empty() ? "" : ", ", "not ", filled(member, scope));
      return cat("the members ", all, pattern.others ? " and perhaps others" : "");
    }
  }
  return {};
}

bool list_matches(const Pattern& pattern, std::string_view value, const Scope& scope) {
  std::vector<std::string> left;
  for (const auto member : split(value, ','))
    if (!trim(member).empty()) left.push_back(lower(trim(member)));
  for (const auto& member : pattern.members) {
    const auto at = std::ranges::find(left, lower(filled(member, scope)));
    if (at == left.end()) return false;
    left.erase(at);
  }
  for (const auto& member : pattern.forbidden)
    if (std::ranges::find(left, lower(filled(member, scope))) != left.end()) return false;
  return left.empty() || pattern.others;
}

bool matches(const Pattern& pattern, const std::string& value, const Scope& scope) {
  switch (pattern.kind) {
    case Pattern::Kind::exact:
      return value == filled(pattern.text, scope);
    case Pattern::Kind::any:
      return true;
    case Pattern::Kind::regex:
      return matches_regex(value, filled(pattern.text, scope));
    case Pattern::Kind::list:
      return list_matches(pattern, value, scope);
  }
  return false;
}

// What is wrong with the section, if anything. Captures go into the scope.
std::optional<std::string> wrong_field(const FieldExpectation& field, const h2::FieldSection& section, Scope& scope) {
  const auto* value = h2::find(section, field.name);
  if (field.absent) return value ? std::optional(cat(field.name, " is there: ", upspec::quoted(*value))) : std::nullopt;
  if (!value) return cat(field.name, " is missing");
  for (const auto& one : section) {
    if (one.name != field.name || !matches(field.pattern, one.value, scope)) continue;
    if (!field.pattern.capture.empty()) scope[field.pattern.capture] = one.value;
    return std::nullopt;
  }
  return cat(field.name, " is ", upspec::quoted(*value));
}

// An interim response is what was meant only where the case names one: any other may come before the answer (RFC
// 9110 15.2).
bool means_interim(const ExpectHeaders& part) {
  return std::ranges::any_of(part.fields, [](const FieldExpectation& field) {
    return field.name == ":status" && field.pattern.kind == Pattern::Kind::exact &&
           field.pattern.text.fill({}).value_or("").starts_with('1');
  });
}

std::optional<std::string> wrong_section(const ExpectHeaders& part, const StreamItem& item, Scope& scope) {
  for (const auto& field : part.fields)
    if (auto wrong = wrong_field(field, item.fields, scope)) return wrong;
  if (part.end && *part.end != item.end_stream)
    return item.end_stream ? "it has END_STREAM" : "it is without END_STREAM";
  return std::nullopt;
}

// ---- HTTP/1.1 ------------------------------------------------------------------------------------------------------

// RFC 9110 7.6.1, 7.8 and RFC 9112 6.1 compare these without regard to case.
bool is_folded(std::string_view name) {
  return name == "connection" || name == "upgrade" || name == "transfer-encoding";
}

bool matches_h1(const FieldExpectation& field, const std::string& value, const Scope& scope) {
  if (field.pattern.kind == Pattern::Kind::exact && is_folded(field.name))
    return equal_folded(value, filled(field.pattern.text, scope));
  return matches(field.pattern, value, scope);
}

// A list may stand on several lines; any other value is one line's.
std::optional<std::string> wrong_h1_field(const FieldExpectation& field, const h2::FieldSection& section,
                                          Scope& scope) {
  std::string all;
  std::size_t lines = 0;
  for (const auto& one : section) {
    if (one.name != field.name) continue;
    all += cat(lines++ == 0 ? "" : ", ", one.value);
    const bool holds =
        !field.absent && field.pattern.kind != Pattern::Kind::list && matches_h1(field, one.value, scope);
    if (!holds) continue;
    if (!field.pattern.capture.empty()) scope[field.pattern.capture] = one.value;
    return std::nullopt;
  }
  if (field.absent)
    return lines == 0 ? std::nullopt : std::optional(cat(field.name, " is there: ", upspec::quoted(all)));
  if (lines == 0) return cat(field.name, " is missing");
  if (field.pattern.kind == Pattern::Kind::list && list_matches(field.pattern, all, scope)) return std::nullopt;
  return cat(field.name, " is ", upspec::quoted(all));
}

// "GET /any?q=1 HTTP/1.1", word by word; what stands behind the pattern's last word (a reason phrase) is not looked at.
std::optional<std::string> wrong_start_line(const std::vector<Pattern>& wanted, std::string_view line, Scope& scope) {
  const auto words = split(line, ' ');
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const auto word = std::string(i < words.size() ? words[i] : "");
    if (i >= words.size() || !matches(wanted[i], word, scope)) return "its start line is another";
    if (!wanted[i].capture.empty()) scope[wanted[i].capture] = word;
  }
  return std::nullopt;
}

std::optional<std::string> wrong_head(const ExpectHead& part, const StreamItem& item, Scope& scope) {
  if (auto wrong = wrong_start_line(part.start, item.line, scope)) return wrong;
  for (const auto& field : part.fields)
    if (auto wrong = wrong_h1_field(field, item.fields, scope)) return wrong;
  return std::nullopt;
}

bool means_interim(const ExpectHead& part) {
  return part.start.size() > 1 && part.start[1].kind == Pattern::Kind::exact &&
         part.start[1].text.fill({}).value_or("").starts_with('1');
}

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
    if (as_text(*came) != filled(part.octets, scope))
      return missed(cat("content ", upspec::quoted(as_text(*came), 80)));
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
      return missed(cat("DATA ", upspec::quoted(came, 80)));
    if (came.size() < wanted.size()) {
      const bool never = actor.over() || actor.stream(part.stream)->over;
      return never ? missed(cat("only ", came.size(), " of ", wanted.size(), " octets: ", upspec::quoted(came, 80)))
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

struct Describer {
  const Scope& scope;

  std::string operator()(const ExpectHeaders& part) const {
    std::string all = cat("HEADERS on stream ", part.stream);
    for (const auto& field : part.fields) {
      all += field.absent ? cat(", no ", field.name) : cat(", ", field.name, " ", describe(field.pattern, scope));
    }
    if (part.end) all += *part.end ? ", with END_STREAM" : ", without END_STREAM";
    return all;
  }
  std::string operator()(const ExpectHead& part) const {
    std::string all = "a head";
    for (std::size_t i = 0; i < part.start.size(); ++i) all += cat(i == 0 ? " " : ", ", describe(part.start[i], scope));
    for (const auto& field : part.fields)
      all += field.absent ? cat(", no ", field.name) : cat(", ", field.name, " ", describe(field.pattern, scope));
    return all;
  }
  std::string operator()(const ExpectContent& part) const {
    return cat("the content ", upspec::quoted(filled(part.octets, scope), 200));
  }
  std::string operator()(const ExpectAborted&) const { return "the channel broken off"; }
  std::string operator()(const ExpectOctets& part) const {
    return cat("the octets ", upspec::quoted(filled(part.octets, scope), 200));
  }
  std::string operator()(const ExpectAmount& part) const { return cat(part.least, " octets on stream ", part.stream); }
  std::string operator()(const ExpectWs& part) const {
    const auto payload =
        part.code ? ws::close_payload(*part.code) : to_octets(std::string_view(filled(part.payload, scope)));
    const auto opcode = part.opcode == any_message ? static_cast<std::uint8_t>(ws::Opcode::text) : part.opcode;
    return cat("the WebSocket message ", ws::describe({true, 0, opcode, std::nullopt, payload}));
  }
  std::string operator()(const ExpectInner& part) const {
    return cat("a frame ", h2::frame_type_name(part.type), " of the inner connection");
  }
  std::string operator()(const ExpectEnd& part) const { return cat("END_STREAM on stream ", part.stream); }
  std::string operator()(const ExpectReset& part) const {
    return cat("RST_STREAM", part.code ? cat("(", h2::error_name(*part.code), ")") : "", " on stream ", part.stream);
  }
  std::string operator()(const ExpectGoaway& part) const {
    return cat("GOAWAY", part.code ? cat("(", h2::error_name(*part.code), ")") : "");
  }
  std::string operator()(const ExpectRequest& part) const {
    const auto& protocol = scope.at("protocol");
    return cat(protocol == "none" ? "an ordinary request"
                                  : cat("a request for ", protocol, " in dialect ", scope.at("dialect")),
               " on stream ", part.stream);
  }
  std::string operator()(const ExpectClosed&) const { return "the end of the connection"; }
  std::string operator()(const ExpectSettingsAck&) const { return "an acknowledgement of the SETTINGS sent"; }
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

std::string describe(const std::vector<ExpectPart>& parts, const Scope& scope) {
  std::string all;
  for (const auto& part : parts) all += cat(all.empty() ? "" : "; then ", std::visit(Describer{scope}, part));
  return all;
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
