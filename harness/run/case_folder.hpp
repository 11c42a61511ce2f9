// Where the cases are: beside an installed program, or in the source tree of a built one.
#pragma once

#include <string>

#include "base/result.hpp"

namespace upspec {

// `asked` (`--cases`), else $UPSPEC_CASES, else the folder of this program's installation or build.
Result<std::string> find_case_folder(const std::string& asked);

// "0.1.0"
std::string upspec_version();

}  // namespace upspec
