#include "base/random.hpp"

namespace upspec {

std::uint64_t Random::next() {
  std::uint64_t z = state_ += 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

Octets Random::octets(std::size_t count) {
  Octets out(count);
  for (auto& octet : out) octet = static_cast<std::uint8_t>(next() >> 32);
  return out;
}

}  // namespace upspec
