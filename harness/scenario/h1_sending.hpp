// A `<send>` on an HTTP/1.1 connection: no frames and no windows, so all of it goes at once.
#pragma once

#include "base/random.hpp"
#include "peer/h1_actor.hpp"
#include "scenario/case.hpp"
#include "scenario/template.hpp"

namespace upspec {

// What is to be done with the transport once it is written.
struct H1Sent {
  bool shut = false;   // `<end/>`: FIN
  bool abort = false;  // `<rst/>`: a TCP reset
};

// Fails with one line, before anything was sent, when a hole has no value or a part has no form in HTTP/1.1.
Result<H1Sent> send_h1(const Send& send, const Scope& scope, Random& random, H1Actor& actor, Moment now);

}  // namespace upspec
