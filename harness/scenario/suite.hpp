// Everything that cases/ holds, loaded and checked: the registry, the messages, the cases.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "scenario/case.hpp"
#include "scenario/registry.hpp"

namespace upspec {

struct Suite {
  Registry registry;
  std::vector<Case> cases;  // controls first, then by subject in the order of protocol.md, then as in the files
  const Case* find(std::string_view id) const;  // by id, or by short id where that names one case only
};

// Loads FOLDER/requirements.xml, FOLDER/messages.xml and FOLDER/<role>/*.xml, and refuses what it does not know.
// The error is one line: "FILE:LINE: what is wrong, what would be right".
Result<Suite> load_suite(const std::string& folder);

// One file of cases by itself, for tests and the fuzzer; `text` is the file's content, `name` its name in errors.
Result<std::vector<Case>> load_cases(std::string_view text, const std::string& name, const std::string& messages,
                                     const Registry& registry);

}  // namespace upspec
