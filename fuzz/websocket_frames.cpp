// WebSocket frames against wslay: the frames that both read are the same, octet for octet; what we write wslay reads;
// and cuts mean nothing.
#include <wslay/wslay.h>

#include <algorithm>
#include <memory>

#include "base/splits.hpp"
#include "require.hpp"
#include "ws/frame.hpp"

namespace upspec::ws {
namespace {

std::vector<Frame> read(const Pieces& pieces) {
  FrameReader reader;
  std::vector<Frame> frames;
  for (const auto piece : pieces) {
    reader.feed(piece);
    while (auto frame = reader.next()) frames.push_back(std::move(*frame));
  }
  return frames;
}

ssize_t give(std::uint8_t* to, std::size_t room, int, void* user) {
  auto& left = *static_cast<OctetView*>(user);
  if (left.empty()) return -1;
  const auto size = std::min(room, left.size());
  std::ranges::copy(left.first(size), to);
  left = left.subspan(size);
  return static_cast<ssize_t>(size);
}

// The frames that wslay reads, until it wants more or calls one wrong.
std::vector<Frame> wslay_reads(OctetView octets) {
  const wslay_frame_callbacks callbacks{nullptr, give, nullptr};
  wslay_frame_context_ptr made = nullptr;
  require(wslay_frame_context_init(&made, &callbacks, &octets) == 0, "wslay has memory");
  const std::unique_ptr<wslay_frame_context, void (*)(wslay_frame_context_ptr)> context(made, wslay_frame_context_free);
  std::vector<Frame> frames;
  std::uint64_t left = 0;
  bool begun = false;
  while (true) {
    wslay_frame_iocb io{};
    if (wslay_frame_recv(context.get(), &io) < 0) return frames;
    if (!begun) {
      frames.push_back({io.fin != 0, io.rsv, io.opcode, {}, {}});
      if (io.mask != 0) frames.back().mask.emplace();
      left = io.payload_length;
    }
    append(frames.back().payload, {io.data, io.data_length});
    left -= io.data_length;
    begun = left != 0;
  }
}

// wslay does not show the mask itself.
bool same(const Frame& ours, const Frame& theirs) {
  return ours.fin == theirs.fin && ours.rsv == theirs.rsv && ours.opcode == theirs.opcode &&
         ours.mask.has_value() == theirs.mask.has_value() && ours.payload == theirs.payload;
}

void compare(OctetView octets, const std::vector<Frame>& ours) {
  auto theirs = wslay_reads(octets);
  // The last one may be on its way.
  if (theirs.size() > ours.size()) theirs.resize(ours.size());
  for (std::size_t i = 0; i < theirs.size(); ++i) {
    if (i + 1 == theirs.size() && theirs[i].payload.size() < ours[i].payload.size())
      return;  // it stopped in the middle
    require(same(ours[i], theirs[i]), "wslay reads the same frame");
  }
}

void check_written(const Frame& frame) {
  const auto octets = serialise(frame);
  const auto again = read({octets});
  require(again.size() == 1 && again.front() == frame, "a frame is written and read again");
}

}  // namespace
}  // namespace upspec::ws

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  using namespace upspec;
  const OctetView wire(octets, size);
  const auto whole = ws::read({wire});
  Random random(size);
  for (const std::size_t largest : {1u, 7u})
    require(ws::read(random_pieces(wire, largest, random)) == whole, "cuts mean nothing");
  ws::compare(wire, whole);
  for (const auto& frame : whole) ws::check_written(frame);
  return 0;
}
