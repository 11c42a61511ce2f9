// Does what came match an `<expect>`? Parts are matched in their order, each from where the last one ended.
#pragma once

#include <string>
#include <vector>

#include "scenario/case.hpp"
#include "scenario/outcome.hpp"
#include "scenario/sight.hpp"
#include "scenario/template.hpp"

namespace upspec {

// Works on the cursor and the scope it is given: a caller that tries alternatives gives copies, and keeps those of the
// one that was met. `waiting` while more may come.
Judgement match(const std::vector<ExpectPart>& parts, const Arrivals& actor, Cursor& cursor, Scope& scope);

// One line: ":status 101, upgrade: websocket, no content-length, without END_STREAM; then END_STREAM".
std::string describe(const std::vector<ExpectPart>& parts, const Scope& scope);

// The stream that the first part speaks of; 1 where none does.
std::uint32_t stream_of(const std::vector<ExpectPart>& parts);

}  // namespace upspec
