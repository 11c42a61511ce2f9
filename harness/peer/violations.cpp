#include "peer/violations.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace upspec {

namespace {
constexpr std::array<Violation, 0> table{};
}  // namespace

std::span<const Violation> all_violations() { return table; }

Result<Violations> Violations::of(std::span<const std::string> ids, ReferenceRole) {
  if (!ids.empty()) return fail(cat("unknown violation ", quoted(ids.front())));
  return Violations();
}

}  // namespace upspec
