// `upspec-echo`: octets, then the end, come back as they went (protocol.md section 13).
// The shape that every application of a channel has: octets in, octets out, an end in each direction.
#pragma once

#include <utility>

#include "base/octets.hpp"

namespace upspec {

class RawEcho {
 public:
  void receive(OctetView octets) { append(out_, octets); }
  void peer_ended() { ended_ = true; }
  Octets take_output() { return std::exchange(out_, {}); }
  bool finished() const { return ended_; }

 private:
  Octets out_;
  bool ended_ = false;
};

}  // namespace upspec
