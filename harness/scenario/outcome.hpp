// The named outcomes of protocol.md section 1, each implemented once: what came in, which judgement out.
#pragma once

#include <string>

#include "scenario/case.hpp"
#include "scenario/sight.hpp"

namespace upspec {

struct Judgement {
  enum class State { met, with_note, waiting, missed };
  State state = State::waiting;
  std::string what;              // met: which of the allowed outcomes it was. missed: what was wrong
  bool connection_over = false;  // met by the end of the connection: nothing is left to be quiet or alive
};

// After these an implementation may end the connection as well (RFC 9113 5.4.2 lets it treat a stream error as a
// connection error), by a GOAWAY with this code, or without one.
std::optional<std::uint32_t> code_that_may_end_the_connection(const OutcomeName& outcome);

// Takes what belongs to the outcome from the sight when it is met: the whole response, and a RST_STREAM(NO_ERROR)
// behind.
Judgement judge(const OutcomeName& outcome, Dialect dialect, Sight& sight);

// "RST_STREAM(PROTOCOL_ERROR) or a 4xx response": what meets it, for the report.
// `seen_from`: our end.
std::string describe(const OutcomeName& outcome, Dialect dialect, Side seen_from = Side::client);

}  // namespace upspec
