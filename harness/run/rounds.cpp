#include "run/rounds.hpp"

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

void Rounds::add(std::vector<CaseResult> results) {
  ++count_;
  for (CaseResult& result : results) {
    const auto [index, is_new] = index_.try_emplace({result.role, result.id}, folds_.size());
    if (is_new) folds_.push_back({result, 0});
    Fold& fold = folds_[index->second];
    if (is_worse(result.verdict, fold.worst.verdict))
      fold = {std::move(result), 1};
    else if (result.verdict == fold.worst.verdict)
      ++fold.times;
  }
}

std::vector<CaseResult> Rounds::results() const {
  std::vector<CaseResult> all;
  for (const Fold& fold : folds_) {
    all.push_back(fold.worst);
    // What came in every round has the message of a single one, so that a baseline knows it.
    if (fold.worst.verdict != Verdict::pass && fold.times < count_)
      all.back().message = cat("in ", fold.times, " of ", count_, " rounds: ", fold.worst.message);
  }
  return all;
}

}  // namespace upspec
