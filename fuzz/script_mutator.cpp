// The frame-aware mutator for every target whose input is a script (harness/script/mutate.hpp).
#include <algorithm>
#include <cstdint>

#include "script/mutate.hpp"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* octets, std::size_t size, std::size_t largest);

namespace {

std::size_t give(const upspec::Octets& from, std::uint8_t* to) {
  std::ranges::copy(from, to);
  return from.size();
}

upspec::Octets raw(upspec::Octets octets, std::size_t largest) {
  const auto size = octets.size();
  octets.resize(std::max(largest, size));
  octets.resize(LLVMFuzzerMutate(octets.data(), size, largest));
  return octets;
}

}  // namespace

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* octets, std::size_t size, std::size_t largest,
                                               unsigned seed) {
  return give(upspec::script::mutate_octets({octets, size}, largest, seed, raw), octets);
}

extern "C" std::size_t LLVMFuzzerCustomCrossOver(const std::uint8_t* one, std::size_t one_size,
                                                 const std::uint8_t* other, std::size_t other_size, std::uint8_t* out,
                                                 std::size_t largest, unsigned seed) {
  return give(upspec::script::cross_octets({one, one_size}, {other, other_size}, largest, seed), out);
}
