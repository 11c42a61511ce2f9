// Resident memory of a program that the harness started: how far it went beyond where it was (protocol.md section 11).
// Nothing is sampled: the kernel keeps the highest value. Linux.
#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include "scenario/case.hpp"
#include "scenario/verdict.hpp"

namespace upspec {

// Begins to watch the processes of this group when it is made.
class ResidentWatch {
 public:
  explicit ResidentWatch(int group);
  // How many octets the highest since then is above what it was then; nothing where the kernel does not tell.
  std::optional<std::uint64_t> grown() const;

 private:
  int group_;
  std::map<int, std::uint64_t> before_;  // octets, by process
};

// A reader stops, and much waits for it: only there is the memory of a proxy bounded by a case.
bool presses(const Case& one);
// 64 MiB were there to be taken. A proxy may take 24 MiB of them (16 MiB, and its windows), and have as much again for
// what it makes of them.
constexpr std::uint64_t most_growth = std::uint64_t{48} << 20;
// What `one` came to, with this growth while it was played.
void judge_growth(CaseResult& result, const Case& one, std::uint64_t grown);

}  // namespace upspec
