// Octets of a connection: however they are cut they are the same frames, the frames are the same octets again, every
// payload can be read and described, and a field section that decodes survives the forms that the encoder writes: one
// of them a section, or a run would be ten times as long.
#include <algorithm>

#include "base/splits.hpp"
#include "h2/frame.hpp"
#include "h2/hpack.hpp"
#include "require.hpp"

namespace upspec::h2 {
namespace {

struct Read {
  std::vector<Frame> frames;
  std::size_t left = 0;
  bool operator==(const Read&) const = default;
};

Read read(const Pieces& pieces) {
  FrameReader reader;
  Read all;
  for (const auto piece : pieces) {
    reader.feed(piece);
    while (auto frame = reader.next()) all.frames.push_back(std::move(*frame));
  }
  all.left = reader.buffered();
  return all;
}

void check_octets(OctetView octets, const Read& whole) {
  for (const auto& frame : whole.frames) {
    const auto written = serialise(frame);
    require(written.size() <= octets.size(), "frames are no longer than what they came from");
    auto came = to_octets(octets.first(written.size()));
    came[5] &= 0x7f;  // the reserved bit is all that the reader drops
    require(written == came, "a frame is written as it came");
    octets = octets.subspan(written.size());
  }
  require(octets.size() == whole.left, "what is no whole frame waits");
}

void check_payload(const Frame& frame) {
  require(describe(frame).find('\n') == std::string::npos, "a frame is described in one line");
  const auto room = frame.payload.size();
  if (const auto part = read_data(frame)) require(part->octets.size() <= room && part->flow == room, "DATA fits");
  if (const auto part = read_headers(frame)) require(part->size() <= room, "HEADERS fits");
  if (const auto part = read_push_promise(frame)) require(part->fragment.size() + 4 <= room, "PUSH_PROMISE fits");
  if (const auto part = read_goaway(frame)) require(part->debug.size() + 8 == room, "GOAWAY fits");
  if (const auto list = read_settings(frame.payload)) {
    require(settings_payload(*list) == frame.payload, "SETTINGS are written as they came");
  }
  require(read_rst_stream(frame).has_value() == (room == 4), "RST_STREAM has 4 octets");
  require(read_window_update(frame).has_value() == (room == 4), "WINDOW_UPDATE has 4 octets");
}

void check_form(const FieldSection& section, Random& random) {
  // nghttp2 takes strings of 65536 octets on the wire; in Huffman code an octet has up to 30 bits.
  constexpr std::size_t longest = 65536 * 8 / 30;
  const auto too_long = [](const Field& f) { return f.name.size() > longest || f.value.size() > longest; };
  if (std::ranges::any_of(section, too_long)) return;
  const auto which = random.below(16);
  const FieldForm form{static_cast<Indexing>(which & 3), (which & 4) != 0, (which & 8) != 0};
  FieldEncoder encoder;
  FieldDecoder decoder;
  for (const std::uint32_t table : {4096u, 4096u, 100u}) {  // the second from what the first has left in the table
    encoder.limit_table(table);
    require(decoder.decode(encoder.encode(section, form)) == section, "a section survives every form");
  }
}

void check_sections(const std::vector<Frame>& frames, Random& random) {
  FieldDecoder decoder;
  Octets block;
  for (const auto& frame : frames) {
    const bool first = frame.is(FrameType::headers);
    if (!first && !frame.is(FrameType::continuation)) continue;
    const auto fragment = first ? read_headers(frame) : Result<OctetView>(frame.payload);
    if (!fragment) return;
    if (first) block.clear();
    append(block, *fragment);
    if (!frame.has(flag::end_headers)) continue;
    const auto section = decoder.decode(block);
    if (!section) return;
    check_form(*section, random);
  }
}

}  // namespace
}  // namespace upspec::h2

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  using namespace upspec;
  const OctetView wire(octets, size);
  const auto whole = h2::read({wire});
  Random random(size);
  for (const std::size_t largest : {1u, 7u, 50u}) {
    require(h2::read(random_pieces(wire, largest, random)) == whole, "cuts mean nothing");
  }
  h2::check_octets(wire, whole);
  for (const auto& frame : whole.frames) h2::check_payload(frame);
  h2::check_sections(whole.frames, random);
  return 0;
}
