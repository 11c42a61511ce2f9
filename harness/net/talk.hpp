// One performer against one target, fed from a descriptor beside the sockets: what `upspec connect` is made of.
#pragma once

#include <chrono>
#include <optional>

#include "net/address.hpp"
#include "net/performer.hpp"
#include "net/tls.hpp"

namespace upspec {

class Talker : public Performer {
 public:
  // Nothing is read while it does not want any.
  virtual bool wants_input() const = 0;
  virtual void input(OctetView octets) = 0;
  virtual void input_ended() = 0;
};

struct TalkOptions {
  Address target;
  std::optional<TlsClient> tls;
  std::chrono::nanoseconds timeout = std::chrono::seconds(5);
  int input = -1;  // a descriptor of any kind, whose flags stay as they are; -1: none
};

// Returns when the talker is done. Throws what it throws.
void talk(const TalkOptions& options, Talker& talker);

}  // namespace upspec
