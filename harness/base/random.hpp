// A seeded generator: the same seed gives the same run, here and on every machine.
#pragma once

#include <cstdint>

#include "base/octets.hpp"

namespace upspec {

// splitmix64 (Steele, Lea, Flood 2014). Not for secrets.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next();
  // 0 to `end` - 1; `end` above 0.
  std::uint64_t below(std::uint64_t end) { return next() % end; }
  Octets octets(std::size_t count);

 private:
  std::uint64_t state_;
};

}  // namespace upspec
