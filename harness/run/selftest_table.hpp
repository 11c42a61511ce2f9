// The self-test's result as text for people and JSON for programs.
#pragma once

#include <string>

#include "run/selftest.hpp"

namespace upspec {

// requirement -> violation -> cases that noticed; then what is missing.
std::string selftest_text(const SelftestResult& result, bool verbose);
std::string selftest_json(const SelftestResult& result);

}  // namespace upspec
