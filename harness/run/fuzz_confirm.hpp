// From "something was seen" to a finding that others can look at: again on a fresh process, with as few steps as it
// takes. It plays through a function, so it needs no process itself.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "run/fuzz_finding.hpp"

namespace upspec {

// Plays these scripts one after the other, on a fresh process where there is one; the finding of that key, if it came.
using Again = std::function<std::optional<Finding>(const std::vector<script::Script>& scripts, const std::string& key)>;

struct ConfirmLimits {
  std::size_t plays = 200;
  std::function<bool()> over = [] { return false; };  // there is no more time
};

// `history`: what had been played before it, latest last. The finding comes back confirmed and smaller, or as it was.
Finding confirmed(Finding finding, const std::vector<script::Script>& history, const Again& again,
                  const ConfirmLimits& limits);

}  // namespace upspec
