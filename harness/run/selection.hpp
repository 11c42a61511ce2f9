// Which cases a run takes: `--case --exclude --requirement --level --basis --shard`.
// Cases in, cases out. Knows nothing of controls (plan.hpp) and of what the implementation offers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "scenario/suite.hpp"

namespace upspec {

struct Shard {  // "2/5": the second of five parts, `index` from 1
  std::uint64_t index = 1;
  std::uint64_t count = 1;
  bool operator==(const Shard&) const = default;
};
Result<Shard> parse_shard(std::string_view text);

struct Filter {
  std::vector<std::string> cases = {};         // globs for a case's id or short id; empty: all
  std::vector<std::string> excludes = {};      // globs
  std::vector<std::string> requirements = {};  // a case is in when ANY of its ids is one of these
  std::vector<std::string> levels = {};        // ... when ALL its ids have one of these: "MUST"
  std::vector<std::string> bases = {};         // ... when ALL its ids stand on one of these: "rfc"
  Shard shard = {};
};

// Fails where the filter names what does not exist, and where it takes nothing.
Result<std::vector<const Case*>> select_cases(const Suite& suite, const Filter& filter, std::string_view role);

// Whether `monitor/ID` is of this run: what its level, its basis or its name leaves out is not reported.
bool takes_monitor(const Filter& filter, const Requirement& requirement);

}  // namespace upspec
