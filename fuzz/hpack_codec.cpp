// HPACK against nghttp2, both ways: what we encode over one connection's table nghttp2 decodes, whatever the form; what
// nghttp2's deflater encodes is the same fields again, and its representations are those that we count.
#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <memory>

#include "h2/hpack.hpp"
#include "peer/block_forms.hpp"
#include "require.hpp"
#include "script/script.hpp"

namespace upspec {
namespace {

using Deflater = std::unique_ptr<nghttp2_hd_deflater, void (*)(nghttp2_hd_deflater*)>;

Deflater make_deflater() {
  nghttp2_hd_deflater* made = nullptr;
  require(nghttp2_hd_deflate_new(&made, 4096) == 0, "nghttp2 makes a deflater");
  return {made, nghttp2_hd_deflate_del};
}

Octets deflate(nghttp2_hd_deflater* deflater, h2::FieldSection& section) {
  std::vector<nghttp2_nv> list;
  for (auto& [name, value] : section)
    list.push_back({reinterpret_cast<std::uint8_t*>(name.data()), reinterpret_cast<std::uint8_t*>(value.data()),
                    name.size(), value.size(), NGHTTP2_NV_FLAG_NONE});
  Octets out(nghttp2_hd_deflate_bound(deflater, list.data(), list.size()));
  const auto size = nghttp2_hd_deflate_hd(deflater, out.data(), out.size(), list.data(), list.size());
  require(size >= 0, "nghttp2 encodes it");
  out.resize(static_cast<std::size_t>(size));
  return out;
}

// nghttp2 takes strings of 65536 octets on the wire; in Huffman code an octet has up to 30 bits.
bool too_long(const h2::FieldSection& section) {
  return std::ranges::any_of(section,
                             [](const h2::Field& f) { return f.name.size() > 16000 || f.value.size() > 16000; });
}

// One connection: its tables live through all sections.
struct Connection {
  h2::FieldEncoder encoder;
  h2::FieldDecoder of_encoder, of_deflater;
  Deflater deflater = make_deflater();

  void check(const script::SectionStep& step) {
    auto section = step.fields;
    if (too_long(section)) return;
    const auto block = encoder.encode(section, step.form);
    require(of_encoder.decode(block) == section, "nghttp2 decodes what we encode");
    require(scan_block(block).fields.size() == section.size(), "as many representations as fields");
    const auto deflated = deflate(deflater.get(), section);
    require(of_deflater.decode(deflated) == step.fields, "what nghttp2 encodes is the same again");
    require(scan_block(deflated).fields.size() == step.fields.size(),
            "nghttp2 writes as many representations as fields");
  }
};

// Any octets as a block: what nghttp2 can decode has as many representations as fields.
void check_octets(OctetView octets) {
  h2::FieldDecoder decoder;
  const auto section = decoder.decode(octets);
  const auto scanned = scan_block(octets);
  if (section) require(scanned.fields.size() == section->size(), "both read as many fields");
}

}  // namespace
}  // namespace upspec

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  using namespace upspec;
  check_octets({octets, size});
  Connection connection;
  for (const auto& step : script::decode({octets, size}).steps) {
    if (const auto* section = std::get_if<script::SectionStep>(&step.what)) connection.check(*section);
    if (const auto* frame = std::get_if<script::FrameStep>(&step.what)) check_octets(frame->frame.payload);
  }
  return 0;
}
