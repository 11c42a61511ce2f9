// What a played script has seen, as values: what went to the implementation and what came from it, link by link and
// stream by stream. The oracles judge it; a campaign groups by it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/octets.hpp"
#include "h2/hpack.hpp"
#include "peer/transcript.hpp"
#include "script/script.hpp"
#include "upgrade/breach.hpp"

namespace upspec::script {

// How a stream, or an HTTP/1.1 connection, ended up. `accept`: it became a channel, whatever came later.
enum class Outcome : std::uint8_t { silence, accept, decline, reset, close };
std::string_view name_of(Outcome outcome);

// One direction of one stream: what one side said.
struct HalfSeen {
  std::vector<h2::FieldSection> sections;
  Octets octets;                    // of DATA, content and channel; the first `most_kept`
  std::uint64_t total = 0;          // of DATA, without padding
  std::uint64_t before_accept = 0;  // of `total`, what had gone when the accept went the other way
  bool ended = false;
  std::optional<std::uint32_t> reset;
};

struct StreamSeen {
  HalfSeen ours;    // the script's
  HalfSeen theirs;  // the implementation's
  bool accepted = false;
  std::int64_t room = 0;  // what the windows that we gave let them send
};

struct LinkSeen {
  LinkId link;
  bool h2 = true;
  std::vector<Breach> breaches;    // of the Monitor, against the implementation
  std::string unreadable;          // why no more could be read of it; empty while all is well
  bool garbled = false;            // a field block of ours cannot be read: what we asked for is not known
  std::optional<Closing> closing;  // by the implementation
  std::optional<Closing> closed_by_us;
  std::vector<std::uint32_t> goaways;           // their codes
  std::map<std::uint32_t, StreamSeen> streams;  // of HTTP/2

  // HTTP/1.1: all octets each way, as far as they are kept.
  Octets ours, theirs;
  std::optional<std::size_t> switched;  // how many of `theirs` had come when `ours` said 101 (behind), or the other way
                                        // round (in front)
};

struct Played {
  std::vector<LinkSeen> links;
  std::vector<TranscriptLine> transcript;  // where it was asked for
  std::size_t undelivered = 0;  // steps that found their link or their stream closed, or a wait that never came
  bool endless = false;         // the implementation went on past every bound

  const LinkSeen* find(LinkId link) const;
};

inline constexpr std::size_t most_kept = 1u << 18;

Outcome outcome_of(const LinkSeen& link, std::uint32_t stream);
// "1 accept, 3 reset": every stream of every link, for a differential run.
std::string outcomes(const Played& played);

}  // namespace upspec::script
