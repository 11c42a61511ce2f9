// For tests: the same octets in many pieces. A reader of a stream must not see where the cuts were.
#pragma once

#include <algorithm>
#include <vector>

#include "base/octets.hpp"
#include "base/random.hpp"

namespace upspec {

using Pieces = std::vector<OctetView>;

// Pieces of 1 to `largest` octets; never an empty one.
inline Pieces random_pieces(OctetView octets, std::size_t largest, Random& random) {
  Pieces pieces;
  while (!octets.empty()) {
    const std::size_t size = std::min<std::size_t>(octets.size(), 1 + random.below(largest));
    pieces.push_back(octets.first(size));
    octets = octets.subspan(size);
  }
  return pieces;
}

// Calls check(pieces) with the octets whole, one by one, and in random pieces.
template <class Check>
void for_each_split(OctetView octets, Check check) {
  Random random(octets.size());
  check(Pieces{octets});
  check(random_pieces(octets, 1, random));
  for (std::size_t largest = 2; largest <= 32; ++largest) check(random_pieces(octets, largest, random));
}

}  // namespace upspec
