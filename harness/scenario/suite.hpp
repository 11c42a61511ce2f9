// Everything that cases/ holds, loaded and checked: the registry, the messages, the cases.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "scenario/case.hpp"
#include "scenario/registry.hpp"

namespace upspec {

struct Suite {
  Registry registry;
  // By role: server, client, proxy. In each, controls first, then by subject in the order of protocol.md, then as in
  // the files.
  std::vector<Case> cases;
  // By id, which is one case in each role, or by the short id, which may name one case a way and dialect.
  std::vector<const Case*> find(std::string_view id) const;
};

// Loads FOLDER/requirements.xml, FOLDER/messages.xml and FOLDER/<role>/*.xml, and refuses what it does not know.
// The error is one line: "FILE:LINE: what is wrong, what would be right".
Result<Suite> load_suite(const std::string& folder);

// One file of cases by itself, for tests and the fuzzer: the text of the file, its name in errors, the text of
// messages.xml, and the ids that it may cite.
Result<std::vector<Case>> load_cases(std::string_view text, const std::string& name, std::string_view messages,
                                     const Registry& registry);

}  // namespace upspec
