// Cases as scripts, so that every case is a seed; and scripts as cases, so that every finding is one.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "scenario/case.hpp"
#include "script/script.hpp"

namespace upspec::script {

// The holes of a case are filled with this, and with a key and a token that are always the same.
struct Surroundings {
  std::string scheme = "http";
  std::string authority = "localhost";
  std::map<std::string, std::string> paths = {{"websocket", "/echo"}, {"raw", "/raw"}, {"h2c", "/"}};
  std::uint16_t upgrade_setting = h2::setting::enable_upgrade;
};

// What the case says, and waits where it expects something. `role`: of the implementation under test, with its way.
Result<Script> script_of(const Case& what, Role role, const Surroundings& around = {});
// The role and the way that a case is for.
Role role_of(const Case& what);

struct CaseText {
  std::string id = "found";
  std::string subject = "findings";
  std::string checks =
      "TUN-01";         // requirement ids: the case fails when the Monitor, or a step, sees one of them broken
  std::string about{};  // a comment
};
// A whole file of one case, as the loader takes it. What the case language has no word for is a comment in it.
std::string case_of(const Script& script, const CaseText& text);

}  // namespace upspec::script
