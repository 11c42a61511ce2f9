// Results for the tests of this room: ordinary ones, and one whose every string is hostile.
#pragma once

#include <string>
#include <vector>

#include "scenario/verdict.hpp"

namespace upspec::report::samples {

// All 256 octets, what ends CDATA, what looks like an entity, markup, a non-character, a surrogate, an overlong form,
// a terminal's escape, a hole of the page.
std::string hostile();

RunInfo run();
CaseResult passed();
CaseResult failed();
CaseResult skipped();
CaseResult died();
CaseResult noted();
CaseResult hostile_case();
std::vector<CaseResult> one_of_each();

// The exit status of a command, and what it printed.
struct Outcome {
  int status = -1;
  std::string output;
};
Outcome shell(const std::string& command);

// Writes the text into a file of the test's own and gives its path.
std::string in_file(const std::string& name, const std::string& text);

// "/.../reports/junit.xsd"
std::string schema(const std::string& name);

}  // namespace upspec::report::samples
