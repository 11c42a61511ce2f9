// What the peer has done to each stream of a connection, so that a frame that comes too late is answered as RFC
// 9113 5.1 says. nghttp2 forgets a stream when it closes, and is stricter or laxer than the RFC on what follows. Knows
// ids, ends and resets; no frame, no octets.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>

namespace upspec {

class StreamLedger {
 public:
  enum class Standing : std::uint8_t {
    idle,        // never opened, and no higher id was
    skipped,     // never opened, or forgotten; a higher id was
    open,        // the peer may send
    peer_ended,  // the peer sent END_STREAM; our side is open
    peer_left,   // closed, and the peer's END_STREAM or RST_STREAM was the last it may send
    we_reset,    // our RST_STREAM is on its way: what comes meanwhile is ignored (RFC 9113 5.1)
  };

  Standing standing(std::uint32_t stream) const;
  // Streams that count against SETTINGS_MAX_CONCURRENT_STREAMS.
  std::size_t active() const { return active_; }

  void open(std::uint32_t stream);
  void peer_ended(std::uint32_t stream);
  void peer_reset(std::uint32_t stream);
  void we_reset(std::uint32_t stream);
  void closed(std::uint32_t stream);

  // Closed streams that are remembered; the oldest go first.
  static constexpr std::size_t memory = 2000;

 private:
  struct Entry {
    bool peer_done = false;
    bool we_reset = false;
    bool closed = false;
  };
  void forget_oldest();

  std::map<std::uint32_t, Entry> entries_;
  std::uint32_t highest_ = 0;
  std::size_t active_ = 0;
};

}  // namespace upspec
