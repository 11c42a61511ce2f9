#include "scenario/sending.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "upgrade/dialect.hpp"
#include "ws/frame.hpp"

namespace upspec {

namespace {

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};

Result<h2::Field> filled(const FieldLine& line, const Scope& scope) {
  auto name = line.name.fill(scope);
  if (!name) return tl::unexpected(name.error());
  auto value = line.value.fill(scope);
  if (!value) return tl::unexpected(value.error());
  return h2::Field{std::move(*name), std::move(*value)};
}

// Pseudo-headers come first (RFC 9113 8.3), so a new one goes behind the last of them.
void add_in_place(h2::FieldSection& section, h2::Field field) {
  const bool pseudo = field.name.starts_with(':');
  const auto regular = std::ranges::find_if(section, [](const h2::Field& f) { return !f.name.starts_with(':'); });
  section.insert(pseudo ? regular : section.end(), std::move(field));
}

// What ExpectWs has seen.
std::uint8_t message_opcode(const Scope& scope) {
  const auto at = scope.find("message.op");
  return static_cast<std::uint8_t>(at != scope.end() && at->second == "binary" ? ws::Opcode::binary : ws::Opcode::text);
}

// One octet beyond what the peer's SETTINGS_MAX_FRAME_SIZE allows; the length has 24 bits.
h2::Frame too_large(std::uint32_t stream, const Octets& pattern, const Actor& actor) {
  const auto at = actor.peer_settings().find(h2::setting::max_frame_size);
  const auto limit = at == actor.peer_settings().end() ? h2::initial_max_frame_size : at->second;
  Octets octets(std::min<std::size_t>(limit, (1u << 24) - 2) + 1);
  for (std::size_t i = 0; i < octets.size(); ++i) octets[i] = pattern[i % pattern.size()];
  return h2::data(stream, octets);
}

}  // namespace

Result<h2::FieldForm> parse_form(std::string_view text) {
  struct Word {
    std::string_view name;
    void (*apply)(h2::FieldForm&);
  };
  constexpr std::array known = {
      Word{"automatic", [](h2::FieldForm& f) { f.indexing = h2::Indexing::automatic; }},
      Word{"incremental", [](h2::FieldForm& f) { f.indexing = h2::Indexing::incremental; }},
      Word{"without", [](h2::FieldForm& f) { f.indexing = h2::Indexing::without; }},
      Word{"never", [](h2::FieldForm& f) { f.indexing = h2::Indexing::never; }},
      Word{"plain", [](h2::FieldForm& f) { f.huffman = false; }},
      Word{"huffman", [](h2::FieldForm& f) { f.huffman = true; }},
      Word{"resized", [](h2::FieldForm& f) { f.resized = true; }},
      Word{"literal-name", [](h2::FieldForm& f) { f.indexed_name = false; }},
  };
  h2::FieldForm form;
  for (const auto word : words(text)) {
    const auto at = std::ranges::find(known, word, &Word::name);
    if (at == known.end())
      return fail("the words are automatic incremental without never huffman plain literal-name resized");
    at->apply(form);
  }
  return form;
}

Result<std::optional<std::vector<std::size_t>>> parse_cut(std::string_view text) {
  std::optional<std::vector<std::size_t>> sizes;
  for (const auto word : words(text)) {
    const auto size = to_number(word);
    if (!size || *size > 1u << 20) return fail("it is a list of fragment sizes in octets");
    if (!sizes) sizes.emplace();
    sizes->push_back(*size);
  }
  return sizes;
}

Result<h2::FieldSection> section_of(const std::vector<FieldLine>& like, const std::vector<FieldLine>& lines,
                                    const Scope& scope) {
  h2::FieldSection section;
  for (const auto& line : like) {
    auto field = filled(line, scope);
    if (!field) return tl::unexpected(field.error());
    section.push_back(std::move(*field));
  }
  for (const auto& line : lines) {
    auto field = filled(line, scope);
    if (!field) return tl::unexpected(field.error());
    const auto same = std::ranges::find(section, field->name, &h2::Field::name);
    if (line.change == FieldLine::Change::remove) {
      std::erase_if(section, [&](const h2::Field& f) { return f.name == field->name; });
    } else if (line.change == FieldLine::Change::last) {
      section.push_back(std::move(*field));
    } else if (line.change == FieldLine::Change::set && same != section.end()) {
      same->value = std::move(field->value);
    } else {
      add_in_place(section, std::move(*field));
    }
  }
  return section;
}

Result<std::vector<h2::Setting>> settings_of(const std::vector<SettingLine>& lines, const Scope& scope,
                                             std::uint16_t upgrade_setting) {
  std::vector<h2::Setting> list;
  for (const auto& line : lines) {
    const auto text = line.value.fill(scope);
    if (!text) return tl::unexpected(text.error());
    const auto value = to_number(*text);
    if (!value || *value > 0xffffffffu)
      return fail(cat("setting value ", upspec::quoted(*text), " is no 32-bit number"));
    const auto id = line.id == h2::setting::enable_upgrade ? upgrade_setting : line.id;
    list.push_back({id, static_cast<std::uint32_t>(*value)});
  }
  return list;
}

Result<Octets> ws_octets(const SendWs& part, const Scope& scope, Random& random) {
  const auto text = part.payload.fill(scope);
  if (!text) return tl::unexpected(text.error());
  ws::Frame frame;
  frame.fin = part.fin;
  frame.rsv = part.rsv;
  frame.opcode = part.opcode == any_message ? message_opcode(scope) : part.opcode;
  frame.payload = part.code ? ws::close_payload(*part.code, *text) : to_octets(std::string_view(*text));
  if (part.masked) {
    frame.mask.emplace();
    std::ranges::copy(random.octets(4), frame.mask->begin());
  }
  return ws::serialise(frame);
}

// One part to one op.
struct Sending::Maker {
  const Scope& scope;
  const std::vector<h2::Field>& added;
  std::uint16_t upgrade_setting;
  Random& random;

  Result<Op> operator()(const SendHeaders& part) const {
    auto fields = section_of(part.like, part.lines, scope);
    if (!fields) return tl::unexpected(fields.error());
    const auto form = part.form.fill(scope).and_then(parse_form);
    if (!form) return tl::unexpected(form.error());
    auto cut = part.cut.fill(scope).and_then(parse_cut);
    if (!cut) return tl::unexpected(cut.error());
    return Section{part.stream, std::move(*fields), added, part.end, *form, std::move(*cut), part.padding};
  }
  Result<Op> operator()(const SendData& part) const {
    const auto text = part.octets.fill(scope);
    if (!text) return tl::unexpected(text.error());
    if (part.beyond) return Large{part.stream, to_octets(std::string_view(*text))};
    if (!part.exact) return Flow{part.stream, to_octets(std::string_view(*text)), {part.largest, part.padding}};
    const std::uint8_t flags = part.end ? h2::flag::end_stream : 0;
    if (part.padding) return Exact{h2::padded_data(part.stream, as_octets(*text), *part.padding, flags)};
    return Exact{h2::data(part.stream, as_octets(*text), flags)};
  }
  Result<Op> operator()(const SendWs& part) const {
    return ws_octets(part, scope, random).map([&](Octets octets) -> Op {
      return Flow{part.stream, std::move(octets), {part.largest, part.padding}};
    });
  }
  Result<Op> operator()(const SendAccept&) const { return fail("<accept> of no request"); }
  Result<Op> operator()(const SendHead&) const { return fail("<h1> on an HTTP/2 connection; it is <headers>"); }
  Result<Op> operator()(const SendChunk&) const { return fail("<chunk> on an HTTP/2 connection; it is <octets>"); }
  Result<Op> operator()(const SendFrame& part) const {
    return Plain{{part.type, part.flags, part.stream, part.payload}};
  }
  Result<Op> operator()(const SendRaw& part) const { return Raw{part.octets}; }
  Result<Op> operator()(const SendEnd& part) const { return Plain{h2::data(part.stream, {}, h2::flag::end_stream)}; }
  Result<Op> operator()(const SendGoaway& part) const { return part; }
  Result<Op> operator()(const SendPush& part) const {
    auto request = section_of(part.like, part.lines, scope);
    if (!request) return tl::unexpected(request.error());
    return Push{part.stream, part.promised, std::move(*request)};
  }
  Result<Op> operator()(const SendSettings& part) const {
    auto list = settings_of(part.list, scope, upgrade_setting);
    if (!list) return tl::unexpected(list.error());
    return NewSettings{std::move(*list)};
  }
};

Result<Sending> Sending::make(const Send& send, const Scope& scope, const std::vector<h2::Field>& added,
                              std::uint16_t upgrade_setting, Random& random) {
  Sending made;
  made.split_ = send.split;
  const Maker maker{scope, added, upgrade_setting, random};
  for (std::size_t time = 0; time < send.times; ++time) {
    for (const auto& part : send.parts) {
      auto op = std::visit(maker, part);
      if (!op) return tl::unexpected(op.error());
      made.ops_.push_back(std::move(*op));
    }
  }
  return made;
}

namespace {

// Who has given a complete answer that is no accept may read no further, and then gives no window back (RFC 9113 8.1).
bool is_declined(const ActorStream& stream) {
  const auto dialect = asked_dialect(stream.request);
  bool answered = false;
  for (const auto& item : stream.items) {
    if (item.kind == StreamItem::Kind::section)
      answered = !is_interim(item.fields) && !(dialect && is_accept(*dialect, item.fields, item.end_stream));
    if (item.kind == StreamItem::Kind::end) return answered;
  }
  return false;
}

}  // namespace

bool Sending::emit(Op& op, Actor& actor, Moment now) {
  const auto reset = [&](std::uint32_t stream) {
    const auto* state = actor.stream(stream);
    return state && !state->items.empty() && state->items.back().kind == StreamItem::Kind::reset;
  };
  return std::visit(
      Overloaded{[&](Section& section) {
                   const auto* stream = actor.stream(section.stream);
                   if (!stream || !stream->sent_section) {
                     section.fields.insert(section.fields.end(), section.added.begin(), section.added.end());
                   }
                   actor.send_section(section.stream, section.fields, section.end, section.form, section.cut,
                                      section.padding, now);
                   return true;
                 },
                 [&](Exact& exact) {
                   if (reset(exact.frame.stream)) return true;
                   if (!actor.may_send(exact.frame.stream, exact.frame.payload.size())) return false;
                   actor.send(exact.frame, now);
                   return true;
                 },
                 [&](Flow& flow) {
                   if (reset(flow.stream)) return true;
                   const auto sent = actor.send_data(flow.stream, flow.octets, now, flow.form);
                   flow.octets.erase(flow.octets.begin(), flow.octets.begin() + static_cast<std::ptrdiff_t>(sent));
                   const auto* stream = actor.stream(flow.stream);
                   return flow.octets.empty() || (stream && is_declined(*stream));
                 },
                 [&](Large& large) {
                   if (!reset(large.stream)) actor.send(too_large(large.stream, large.pattern, actor), now);
                   return true;
                 },
                 [&](Plain& plain) {
                   if (plain.frame.is(h2::FrameType::data) && reset(plain.frame.stream)) return true;
                   actor.send(plain.frame, now);
                   return true;
                 },
                 [&](Raw& raw) {
                   actor.send_raw(raw.octets, now);
                   return true;
                 },
                 [&](Push& push) {
                   actor.send_push(push.stream, push.promised, push.request, now);
                   return true;
                 },
                 [&](SendGoaway& goaway) {
                   actor.send_goaway(goaway.last, goaway.code, now);
                   return true;
                 },
                 [&](NewSettings& settings) {
                   actor.send_settings(settings.list, now);
                   return true;
                 }},
      op);
}

bool Sending::go(Actor& actor, Moment now) {
  while (!ops_.empty()) {
    if (actor.over()) {
      ops_.clear();
      break;
    }
    if (!emit(ops_.front(), actor, now)) break;
    ops_.pop_front();
  }
  actor.flush(split_);
  return ops_.empty();
}

std::size_t Sending::left() const {
  std::size_t octets = 0;
  for (const auto& op : ops_)
    if (const auto* flow = std::get_if<Flow>(&op)) octets += flow->octets.size();
  return octets;
}

std::string Sending::awaited() const {
  if (ops_.empty()) return "nothing";
  const auto stream =
      std::visit(Overloaded{[](const Flow& flow) { return flow.stream; },
                            [](const Exact& exact) { return exact.frame.stream; }, [](const auto&) { return 0u; }},
                 ops_.front());
  return cat("WINDOW_UPDATE, to send DATA on stream ", stream);
}

}  // namespace upspec
