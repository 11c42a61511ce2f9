#include "scenario/case.hpp"

#include <algorithm>

namespace upspec {

std::string_view protocol_of(const Case& one) {
  const auto needs = [&](std::string_view what) { return std::ranges::find(one.needs, what) != one.needs.end(); };
  return needs("none") ? "none" : needs("h2c") ? "h2c" : needs("raw") ? "upspec-echo" : "websocket";
}

}  // namespace upspec
