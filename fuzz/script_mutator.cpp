// The frame-aware mutator for every target whose input is a script (harness/script/mutate.hpp).
#include <algorithm>
#include <cstdint>

#include "script/mutate.hpp"
#include "script/talks.hpp"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* octets, std::size_t size, std::size_t largest);

namespace {

using namespace upspec;

std::size_t give(const Octets& from, std::uint8_t* to) {
  std::ranges::copy(from, to);
  return from.size();
}

Octets raw(Octets octets, std::size_t largest) {
  const auto size = octets.size();
  octets.resize(std::max(largest, size));
  octets.resize(LLVMFuzzerMutate(octets.data(), size, largest));
  return octets;
}

// A talk with the reference server, or through the reference proxy, that nothing in the corpus led to.
Octets fresh_talk(script::Role role, Random& random) {
  script::Ground ground;
  ground.role = role;
  ground.dialects = {Dialect::upgrade, Dialect::connect};
  ground.paths = {"/echo", "/raw"};
  return script::encode(script::right_talk(ground, random));
}

}  // namespace

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* octets, std::size_t size, std::size_t largest,
                                               unsigned seed) {
  Random random(seed);
  constexpr std::uint64_t one_fresh_in = 24;
  const auto role = script::decode({octets, size}).role;
  if (random.below(one_fresh_in) == 0 && role != script::Role::client) {
    auto fresh = fresh_talk(role, random);
    fresh.resize(std::min(fresh.size(), largest));  // any octets are a script: the start of this one
    return give(fresh, octets);
  }
  return give(script::mutate_octets({octets, size}, largest, seed, raw), octets);
}

extern "C" std::size_t LLVMFuzzerCustomCrossOver(const std::uint8_t* one, std::size_t one_size,
                                                 const std::uint8_t* other, std::size_t other_size, std::uint8_t* out,
                                                 std::size_t largest, unsigned seed) {
  return give(script::cross_octets({one, one_size}, {other, other_size}, largest, seed), out);
}
