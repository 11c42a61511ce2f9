// The table of each role's violations, in a file of its name. violations.hpp looks them up.
#pragma once

#include <span>

#include "peer/violations.hpp"

namespace upspec {

std::span<const Violation> server_violations();
std::span<const Violation> client_violations();
std::span<const Violation> proxy_violations();

}  // namespace upspec
