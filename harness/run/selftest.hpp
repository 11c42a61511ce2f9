// Breaks the reference on purpose, one requirement at a time, and sees which case notices. In memory, no clock.
// Values in, values out; selftest_table.hpp prints them.
#pragma once

#include <string>
#include <vector>

#include "peer/violations.hpp"
#include "scenario/suite.hpp"

namespace upspec {

struct Noticed {
  std::string case_id;  // or "monitor/ID"
  std::string message;
};

// One violation, and who noticed.
struct ViolationRow {
  Violation violation;
  std::vector<Noticed> citing;  // cases that cite the requirement
  std::vector<Noticed> others;
  std::size_t played = 0;
  std::string uncovered;  // the registry's reason why no case checks the requirement

  enum class Standing { noticed, excused, elsewhere, unnoticed };
  Standing standing() const {
    if (!citing.empty()) return Standing::noticed;
    if (!uncovered.empty()) return Standing::excused;
    return others.empty() ? Standing::unnoticed : Standing::elsewhere;
  }
};

// What the registry, the cases and the violations lack of each other.
struct Gaps {
  std::vector<std::string> unexplained;   // requirements for the role that no case checks, and no reason given
  std::vector<std::string> stale;         // a reason is given, and a case checks it
  std::vector<std::string> explained;     // "TUN-09: reason"
  std::vector<std::string> no_violation;  // MUST requirements for the role, with cases, that nothing breaks
  std::vector<std::string> never_failed;  // cases that no violation trips
};

struct SelftestResult {
  std::vector<CaseResult> not_clean;  // of the reference that breaks nothing: all but passes
  std::size_t clean = 0;              // passes of it
  std::vector<ViolationRow> rows;
  Gaps gaps;
  bool ok() const;
};

struct SelftestWork {
  ReferenceRole role = ReferenceRole::server;
  std::vector<std::string> violations;  // globs; empty: all
  // How many cases meet a violation: those that cite its requirement, and the others where none of these notices; or
  // all; or one after the other until one notices.
  enum class Breadth { citing, all, first } breadth = Breadth::citing;
};
SelftestResult selftest(const Suite& suite, const SelftestWork& work);
bool has_selftest(ReferenceRole role);

// Without `never_failed`, which the rows say.
Gaps gaps_of(const Suite& suite, std::span<const Violation> violations, ReferenceRole role);

}  // namespace upspec
