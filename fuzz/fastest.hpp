// How often something runs in a second of the processor's time, for the programs that say how fast targets are.
#pragma once

#include <algorithm>
#include <cstddef>
#include <ctime>

namespace upspec {

// `round` goes on for that many seconds and gives back how many runs it made. The fastest of some slices: on a machine
// that others use too, the slow ones tell of them.
template <class Round>
double fastest(double seconds, Round round) {
  constexpr int slices = 10;
  double best = 0;
  for (int slice = 0; slice < slices; ++slice) {
    const auto start = std::clock();
    std::size_t runs = 0;
    double spent = 0;
    while (spent < seconds / slices) {
      runs += round();
      spent = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
    }
    best = std::max(best, static_cast<double>(runs) / spent);
  }
  return best;
}

}  // namespace upspec
