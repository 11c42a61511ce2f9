// The registry of requirements: cases/requirements.xml as values.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "scenario/verdict.hpp"
#include "upgrade/dialect.hpp"

namespace upspec {

struct Requirement {
  RequirementText text;           // id, level, basis, clause, sentence
  std::string roles;              // of "CSI"
  std::string ways = {};          // of a proxy, those it holds in: "21 22"; empty: all
  std::vector<Dialect> dialects;  // those it holds in
  std::string uncovered;          // why no case checks it; empty where one has to
};

class Registry {
 public:
  // The error is one line: "FILE:LINE: what is wrong, what would be right".
  static Result<Registry> load(const std::string& file);

  const Requirement* find(std::string_view id) const;
  const std::vector<Requirement>& all() const { return all_; }  // in the order of protocol.md

 private:
  std::vector<Requirement> all_;
};

}  // namespace upspec
