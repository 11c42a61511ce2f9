// For tests: cases from a few lines of XML, with the project's own registry of requirements.
#pragma once

#include <string>
#include <string_view>

#include "base/text.hpp"
#include "scenario/suite.hpp"
#include "scenario/xml.hpp"

namespace upspec {

inline const Registry& shipped_registry() {
  static const auto registry = Registry::load(UPSPEC_SOURCE_DIR "/cases/requirements.xml");
  return registry.value();
}

inline const std::string& shipped_messages() {
  static const auto text = read_file(UPSPEC_SOURCE_DIR "/cases/messages.xml");
  return text;
}

// A file of cases: the root's tag is line 1, so the text after it begins in line 2.
inline Result<std::vector<Case>> load(std::string_view cases, std::string_view root = "subject=\"s\" role=\"server\"") {
  return load_cases(cat("<cases ", root, ">\n", cases, "\n</cases>"), "f.xml", shipped_messages(), shipped_registry());
}

// One case in dialect `upgrade` that has these steps; they begin in line 3.
inline Result<std::vector<Case>> load_steps(std::string_view steps, std::string_view checks = "TUN-01",
                                            std::string_view dialect = "upgrade") {
  return load(cat("<case id=\"c\" checks=\"", checks, "\" dialect=\"", dialect, "\">\n", steps, "\n</case>"));
}

}  // namespace upspec
