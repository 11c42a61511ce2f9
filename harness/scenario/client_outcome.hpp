// The outcomes that are a client's own: what it does with an answer. outcome.hpp offers them with all others.
#pragma once

#include <string_view>

#include "scenario/outcome.hpp"
#include "scenario/sight.hpp"

namespace upspec {

// "malformed", "fails-handshake", "gives-up". The two below take only such a name.
bool is_of_client(std::string_view outcome);
Judgement judge_client(std::string_view outcome, Sight& sight);
std::string_view describe_client(std::string_view outcome);

}  // namespace upspec
