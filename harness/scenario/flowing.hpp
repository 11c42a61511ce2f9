// Much data through a proxy, from one end to the other: a pattern that is made as it is sent and checked as it comes,
// so that no amount of it is held. Octets in, octets out; it knows no step.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "scenario/case.hpp"
#include "scenario/link.hpp"

namespace upspec {

// One end: a link, and the stream or exchange on it.
struct FlowEnd {
  Link* link = nullptr;
  std::uint32_t stream = 1;
};

class Flowing {
 public:
  Flowing(FlowEnd from, FlowEnd to, std::uint64_t most, Moment now);

  // Nobody reads at the other end, until release().
  void hold(Moment now);
  void release(Moment now);
  bool held() const { return held_; }
  // Says the next octets when all before them are written, and there is a window for them.
  void pump(Moment now);
  // Takes what has come. The error says what is wrong with it.
  Result<void> take(Moment now);
  // Nothing more is to be sent: what came by then is all.
  void stop() { most_ = sent_; }

  const Link* from() const { return from_.link; }
  const Link* to() const { return to_.link; }
  std::uint64_t sent() const { return sent_; }
  std::uint64_t came() const { return came_; }
  bool done() const { return came_ == most_; }

 private:
  FlowEnd from_, to_;
  std::uint64_t most_;
  std::uint64_t sent_ = 0;  // written, as far as the transport has taken it
  std::uint64_t came_ = 0;
  bool held_ = false;
};

}  // namespace upspec
