// UPSPEC_PLANT=ID[,ID...] switches violations and planted bugs of the reference on: fuzz/planted.sh shows that each is
// found.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "peer/violations.hpp"

namespace upspec {

inline Violations planted_in(ReferenceRole role) {
  const char* asked = std::getenv("UPSPEC_PLANT");
  if (!asked || *asked == '\0') return {};
  std::vector<std::string> ids;
  for (const auto id : split(asked, ',')) ids.emplace_back(id);
  const auto chosen = Violations::of(ids, role);
  if (!chosen) {
    std::fprintf(stderr, "UPSPEC_PLANT: %s\n", chosen.error().text.c_str());
    std::exit(2);
  }
  return *chosen;
}

}  // namespace upspec
