#include "script/script.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace upspec::script {
namespace {

enum Kind : std::uint8_t { frame, section, octets, websocket, raw, wait, half_close, abort };

// Octet 1 of a step: kind (3 bits), end (1), link (2), how it is written (2).
enum Writing : std::uint8_t { whole, join, octet_by_octet, pieces };

class Reader {
 public:
  explicit Reader(OctetView octets) : octets_(octets) {}

  bool more() const { return !octets_.empty(); }
  std::size_t left() const { return octets_.size(); }
  std::uint8_t octet() {
    if (octets_.empty()) return 0;
    const auto first = octets_.front();
    octets_ = octets_.subspan(1);
    return first;
  }
  // Seven bits an octet, the low ones first; 32 bits are kept.
  std::uint32_t number() {
    std::uint32_t value = 0;
    for (int shift = 0; shift < 35; shift += 7) {
      const auto next = octet();
      value |= static_cast<std::uint32_t>(next & 0x7fu) << shift;
      if (next < 0x80) break;
    }
    return value;
  }
  Octets octets() { return to_octets(counted()); }
  std::string text() { return to_text(counted()); }

 private:
  // What its number before it says, as far as there is so much.
  OctetView counted() {
    const auto asked = std::min<std::size_t>(number(), largest_octets);
    const auto taken = octets_.first(std::min(asked, octets_.size()));
    octets_ = octets_.subspan(taken.size());
    return taken;
  }

  OctetView octets_;
};

class Writer {
 public:
  void octet(unsigned value) { out_.push_back(static_cast<std::uint8_t>(value)); }
  void number(std::uint32_t value) {
    for (; value >= 0x80; value >>= 7) octet((value & 0x7f) | 0x80);
    octet(value);
  }
  void octets(OctetView all) {
    number(static_cast<std::uint32_t>(all.size()));
    append(out_, all);
  }
  Octets take() { return std::move(out_); }

 private:
  Octets out_;
};

constexpr std::size_t usual_steps = 12;

constexpr unsigned bit(bool set, int at) { return set ? 1u << at : 0u; }

FrameStep read_frame(Reader& in) {
  h2::Frame made;
  made.type = in.octet();
  made.flags = in.octet();
  made.stream = in.number() & 0x7fffffff;
  made.payload = in.octets();
  return {std::move(made)};
}

SectionStep read_section(Reader& in) {
  SectionStep made;
  made.stream = in.number() & 0x7fffffff;
  const auto bits = in.octet();
  made.end = (bits & 1) != 0;
  made.form = {static_cast<h2::Indexing>(bits >> 1 & 3), (bits & 8) == 0, (bits & 16) == 0, (bits & 32) != 0};
  if ((bits & 64) != 0) made.cut = in.octet();
  const auto count = std::min<std::size_t>(in.octet(), most_fields);
  made.fields.reserve(std::min(count, in.left()));
  for (std::size_t i = 0; i < count && in.more(); ++i) {
    auto name = in.text();
    made.fields.push_back({std::move(name), in.text()});
  }
  return made;
}

OctetsStep read_octets(Reader& in) {
  const auto stream = in.number() & 0x7fffffff;
  const bool end = (in.octet() & 1) != 0;
  return {stream, in.octets(), end};
}

WebSocketStep read_websocket(Reader& in) {
  WebSocketStep made;
  made.stream = in.number() & 0x7fffffff;
  const auto first = in.octet();
  made.fin = (first & 0x80) != 0;
  made.rsv = first >> 4 & 7;
  made.opcode = first & 15;
  made.masked = (in.octet() & 1) != 0;
  made.payload = in.octets();
  return made;
}

WaitStep read_wait(Reader& in) {
  WaitStep made;
  made.what = static_cast<Awaited>(in.octet() % 6);
  if (names_stream(made.what)) made.stream = in.number() & 0x7fffffff;
  if (made.what == Awaited::octets) made.octets = in.number();
  return made;
}

Step read_step(Reader& in) {
  const auto first = in.octet();
  Step step;
  step.link = {(first & 8) != 0 ? End::behind : End::front, static_cast<std::uint8_t>(first >> 4 & 3)};
  constexpr std::array<std::uint8_t, 3> splits = {0, joined, 1};
  const auto writing = static_cast<std::size_t>(first >> 6);
  step.split = writing == pieces ? in.octet() : splits[writing];
  switch (static_cast<Kind>(first & 7)) {
    case frame:
      step.what = read_frame(in);
      break;
    case section:
      step.what = read_section(in);
      break;
    case octets:
      step.what = read_octets(in);
      break;
    case websocket:
      step.what = read_websocket(in);
      break;
    case raw:
      step.what = RawStep{in.octets()};
      break;
    case wait:
      step.what = read_wait(in);
      break;
    case half_close:
      step.what = HalfCloseStep{};
      break;
    case abort:
      step.what = AbortStep{};
      break;
  }
  return step;
}

void write(const FrameStep& step, Writer& out) {
  out.octet(step.frame.type);
  out.octet(step.frame.flags);
  out.number(step.frame.stream);
  out.octets(step.frame.payload);
}

void write(const SectionStep& step, Writer& out) {
  out.number(step.stream);
  out.octet(bit(step.end, 0) | static_cast<unsigned>(step.form.indexing) << 1 | bit(!step.form.huffman, 3) |
            bit(!step.form.indexed_name, 4) | bit(step.form.resized, 5) | bit(step.cut != 0, 6));
  if (step.cut != 0) out.octet(step.cut);
  out.octet(static_cast<unsigned>(std::min(step.fields.size(), most_fields)));
  for (std::size_t i = 0; i < std::min(step.fields.size(), most_fields); ++i) {
    out.octets(as_octets(step.fields[i].name));
    out.octets(as_octets(step.fields[i].value));
  }
}

void write(const OctetsStep& step, Writer& out) {
  out.number(step.stream);
  out.octet(bit(step.end, 0));
  out.octets(step.octets);
}

void write(const WebSocketStep& step, Writer& out) {
  out.number(step.stream);
  out.octet(bit(step.fin, 7) | (step.rsv & 7u) << 4 | (step.opcode & 15u));
  out.octet(bit(step.masked, 0));
  out.octets(step.payload);
}

void write(const RawStep& step, Writer& out) { out.octets(step.octets); }

void write(const WaitStep& step, Writer& out) {
  out.octet(static_cast<unsigned>(step.what));
  if (names_stream(step.what)) out.number(step.stream);
  if (step.what == Awaited::octets) out.number(step.octets);
}

void write(const HalfCloseStep&, Writer&) {}
void write(const AbortStep&, Writer&) {}

void write(const Step& step, Writer& out) {
  const auto writing = step.split == 0        ? whole
                       : step.split == joined ? join
                       : step.split == 1      ? octet_by_octet
                                              : pieces;
  out.octet(static_cast<unsigned>(step.what.index()) | bit(step.link.end == End::behind, 3) |
            (step.link.number & 3u) << 4 | static_cast<unsigned>(writing) << 6);
  if (writing == pieces) out.octet(step.split);
  std::visit([&](const auto& what) { write(what, out); }, step.what);
}

}  // namespace

bool names_stream(Awaited what) { return what == Awaited::section || what == Awaited::octets || what == Awaited::end; }

bool has(Role role, End end) { return end == End::front ? role != Role::client : role != Role::server; }

bool speaks_h2(Role role, End end) { return end == End::front ? role != Role::proxy_12 : role != Role::proxy_21; }

bool SectionStep::operator==(const SectionStep& other) const {
  return stream == other.stream && fields == other.fields && end == other.end && cut == other.cut &&
         form.indexing == other.form.indexing && form.huffman == other.form.huffman &&
         form.indexed_name == other.form.indexed_name && form.resized == other.form.resized;
}

Script decode(OctetView octets) {
  Reader in(octets);
  Script script;
  const auto first = in.octet();
  script.role = static_cast<Role>((first & 7) % 5);
  script.greets = (first & 8) == 0;
  script.acknowledges = (first & 16) == 0;
  script.gives_windows = (first & 32) == 0;
  script.steps.reserve(std::min(usual_steps, in.left()));
  while (in.more() && script.steps.size() < most_steps) script.steps.push_back(read_step(in));
  return script;
}

Octets encode(const Script& script) {
  Writer out;
  out.octet(static_cast<unsigned>(script.role) | bit(!script.greets, 3) | bit(!script.acknowledges, 4) |
            bit(!script.gives_windows, 5));
  for (const auto& step : script.steps) write(step, out);
  return out.take();
}

}  // namespace upspec::script
