// What a fuzz target says when its property does not hold. It ends the process, because that is how a fuzzer sees it.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace upspec {

inline void require(bool holds, const char* property) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", property);
  std::abort();
}

}  // namespace upspec
