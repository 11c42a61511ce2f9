#include "run/rounds.hpp"

#include <map>

#include "base/text.hpp"

namespace upspec {
namespace {

int badness(Verdict verdict) {
  switch (verdict) {
    case Verdict::pass:
      return 0;
    case Verdict::note:
      return 1;
    case Verdict::skip:
      return 2;  // once skipped and once passed is no pass
    case Verdict::fail:
      return 3;
    case Verdict::error:
      return 4;
  }
  return 4;
}

}  // namespace

bool is_worse(Verdict a, Verdict b) { return badness(a) > badness(b); }

std::vector<CaseResult> fold_rounds(const std::vector<std::vector<CaseResult>>& rounds) {
  if (rounds.size() == 1) return rounds.front();
  struct Fold {
    std::size_t index;
    std::size_t times;  // of the worst verdict
  };
  std::vector<CaseResult> all;
  std::map<std::string, Fold> folds;
  for (const auto& round : rounds) {
    for (const CaseResult& result : round) {
      const auto [fold, is_new] = folds.try_emplace(result.id, Fold{all.size(), 0});
      if (is_new) all.push_back(result);
      CaseResult& worst = all[fold->second.index];
      if (is_worse(result.verdict, worst.verdict)) {
        worst = result;
        fold->second.times = 0;
      }
      if (result.verdict == worst.verdict) ++fold->second.times;
    }
  }
  for (const auto& [id, fold] : folds) {
    CaseResult& worst = all[fold.index];
    // What came in every round is what came: the same message as in one round, so that a baseline knows it.
    if (worst.verdict != Verdict::pass && fold.times < rounds.size())
      worst.message = cat("in ", fold.times, " of ", rounds.size(), " rounds: ", worst.message);
  }
  return all;
}

}  // namespace upspec
