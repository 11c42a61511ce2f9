// Tries the alternatives of an `<expect>`, `<outcome>` or `<any-of>` on what has come so far.
#pragma once

#include <string>

#include "scenario/case.hpp"
#include "scenario/link.hpp"
#include "scenario/template.hpp"

namespace upspec {

struct Expected {
  enum class State { met, waiting, missed };
  State state = State::waiting;
  const Expectation* which = nullptr;  // of the one that is met
  bool with_note = false;
  std::string outcome;  // met: "malformed: RST_STREAM(PROTOCOL_ERROR)"
  std::string what;     // met: without the outcome's name. missed: what came instead
  std::string brief;    // missed: the first thing that was wrong with it
};

// Takes from the link and puts captures into the scope when one is met: the first that needs no note, before any that
// does. `last`: nothing more will be waited for, so what is met with a note is taken as it is.
Expected try_expectation(const Expect& expect, Dialect dialect, Link& link, Scope& scope, bool last);

// "the accept: ..., or RST_STREAM on stream 1"
// `seen_from`: our end.
std::string describe(const Expect& expect, Dialect dialect, const Scope& scope, Side seen_from = Side::client);

// One of its alternatives is a connection error.
bool awaits_the_end(const Expect& expect);

// The stream that its first alternative speaks of.
std::uint32_t stream_of(const Expect& expect);

}  // namespace upspec
