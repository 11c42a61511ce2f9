// What happened on a connection, as values that a report can print.
#pragma once

#include <cstdint>
#include <string>

#include "base/octets.hpp"

namespace upspec {

// Microseconds since the case began. A driver tells it; nothing below `net` reads a clock.
using Moment = std::uint64_t;

// How a transport ended.
enum class Closing { fin, reset };

// One frame, one event of the transport, or one remark, in the order in which the harness sent and saw them.
struct TranscriptLine {
  enum class Way { sent, received, remark };
  Moment at = 0;
  std::string link;  // which connection: "client", "origin", "client b"
  Way way = Way::remark;
  std::string text;              // decoded: a frame's line, then one line a field; printable ASCII and '\n' only
  Octets octets;                 // as on the wire; empty for a remark; cut at `longest_octets`
  std::size_t total_octets = 0;  // before the cut

  static constexpr std::size_t longest_octets = 256;
};

}  // namespace upspec
