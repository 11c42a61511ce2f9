// The command line of `upspec` as a value. CLI11 stays behind this and cli_*.cpp.
#pragma once

#include <string>
#include <vector>

#include "run/options.hpp"

namespace upspec {

// The program's name first.
Call parse_call(const std::vector<std::string>& command_line);

}  // namespace upspec
