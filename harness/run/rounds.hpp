// `--repeat`, `--until-fail`: several rounds of a run as one list of results, each case once.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "scenario/verdict.hpp"

namespace upspec {

class Rounds {
 public:
  void add(std::vector<CaseResult> results);
  std::size_t count() const { return count_; }
  // The worst verdict of each case, in the order in which cases first came; its message says in how many rounds it
  // came, unless in all.
  std::vector<CaseResult> results() const;

 private:
  struct Fold {
    CaseResult worst;
    std::size_t times = 0;
  };
  std::vector<Fold> folds_;
  std::map<std::pair<std::string, std::string>, std::size_t> index_;  // by role and case id
  std::size_t count_ = 0;
};

bool is_worse(Verdict a, Verdict b);

}  // namespace upspec
