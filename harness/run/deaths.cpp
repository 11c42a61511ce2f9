#include "run/deaths.hpp"

#include <algorithm>
#include <set>

#include "base/text.hpp"

namespace upspec {
namespace {

void blame(Played& one, const Death& death) {
  one.died = true;
  one.others.clear();  // what a dying process said says nothing
  one.result.verdict = Verdict::error;
  one.result.outcome.clear();
  one.result.message = cat(death.alive ? "a sanitizer reported: " : "the implementation died: ", death.how);
  one.result.evidence = death.evidence;
}

// One batch of cases and the process behind it.
class Batch {
 public:
  Batch(const PlayCases& play, const Watched& watched, const OnEnd& on_end)
      : play_(play), watched_(watched), on_end_(on_end) {}

  // `since_start`: how many cases the process has seen.
  void run(std::vector<const Case*> left, std::size_t& since_start) {
    const std::size_t every = watched_.restart_every ? static_cast<std::size_t>(*watched_.restart_every) : 0;
    while (!left.empty() && wants_more_ && !watched_.stopped()) {
      if (every != 0 && since_start >= every) {
        if (!again()) break;
        since_start = 0;
      }
      const std::size_t most = every == 0 ? left.size() : std::min(left.size(), every - since_start);
      told_.clear();
      const auto death = play_until_death({left.begin(), left.begin() + static_cast<std::ptrdiff_t>(most)});
      since_start += told_.size();
      if (!death && told_.empty()) break;  // stopped: nothing moves
      const bool goes_on = !death || find_the_one(*death);
      if (death) since_start = 0;
      std::erase_if(left, [&](const Case* one) { return told_.contains(one); });
      if (!goes_on) break;
    }
    if (why_not_again_) give_up(left);
  }

 private:
  std::optional<Death> play_until_death(const std::vector<const Case*>& cases) {
    std::optional<Death> death;
    play_(cases, [&](const Case& one, Played result) {
      // A process that died breaks connections: what passed needs no second look until something did not.
      const bool odd = result.result.verdict != Verdict::pass;
      unsure_.emplace_back(&one, std::move(result));
      if (death) return false;  // it was running then
      if (!odd) return true;
      death = watched_.death();
      if (!death) tell_unsure();
      return !death && wants_more_;
    });
    if (!death) death = watched_.death();
    if (!death) tell_unsure();
    return death;
  }

  // Plays again, alone, each case that was running. False: the process cannot be had again, or the run was stopped.
  bool find_the_one(const Death& first) {
    bool found = false;
    const auto suspects = std::exchange(unsure_, {});
    if (suspects.empty()) return again();
    for (const auto& [one, before] : suspects) {
      if (!again()) {
        for (const auto& [other, result] : suspects)  // what passed has passed
          if (result.result.verdict == Verdict::pass && !told_.contains(other)) tell(*other, result);
        return false;
      }
      std::optional<Played> alone;
      play_({one}, [&](const Case&, Played result) {
        alone = std::move(result);
        return true;
      });
      if (!alone) return false;  // stopped
      if (const auto death = watched_.death()) {
        blame(*alone, *death);
        found = true;
      }
      tell(*one, std::move(*alone));
    }
    if (!found) tell_unexplained(first, suspects.front().second, suspects);
    return again();
  }

  bool again() {
    if (watched_.stopped()) return false;
    const auto restarted = watched_.restart();
    if (!restarted) why_not_again_ = restarted.error().text;
    return restarted.has_value();
  }

  void tell_unexplained(const Death& death, const Played& like,
                        const std::vector<std::pair<const Case*, Played>>& suspects) {
    std::vector<std::string> ids;
    ids.reserve(suspects.size());
    for (const auto& [one, result] : suspects) ids.push_back(one->id);
    Played extra;
    extra.result.id = "implementation/died";
    extra.result.role = like.result.role;
    extra.result.dialect = like.result.dialect;
    extra.result.subject = "implementation";
    blame(extra, death);
    extra.result.message += " (no case alone makes it)";
    extra.result.evidence = cat("while these ran side by side: ", join(ids, ", "), "\n", death.evidence);
    static const Case nobody;
    wants_more_ = on_end_(nobody, std::move(extra)) && wants_more_;
  }

  void give_up(const std::vector<const Case*>& cases) {
    for (const Case* one : cases) {
      Played result;
      result.result.id = one->id;
      result.result.role = one->role;
      result.result.dialect = name_of(one->dialect);
      result.result.subject = one->subject;
      result.result.verdict = Verdict::error;
      result.result.message = cat("the implementation could not be started again: ", *why_not_again_);
      result.died = true;
      tell(*one, std::move(result));
    }
  }

  void tell(const Case& one, Played result) {
    told_.insert(&one);
    wants_more_ = on_end_(one, std::move(result)) && wants_more_;
  }
  void tell_unsure() {
    for (auto& [one, result] : std::exchange(unsure_, {})) tell(*one, std::move(result));
  }

  const PlayCases& play_;
  const Watched& watched_;
  const OnEnd& on_end_;
  std::vector<std::pair<const Case*, Played>> unsure_;  // ended since the process was last known to live
  std::set<const Case*> told_;
  std::optional<std::string> why_not_again_;
  bool wants_more_ = true;
};

}  // namespace

PlayCases watching_deaths(PlayCases play, Watched watched) {
  return [play = std::move(play), watched = std::move(watched), since_start = std::size_t{0}](
             const std::vector<const Case*>& cases, const OnEnd& on_end) mutable {
    Batch(play, watched, on_end).run(cases, since_start);
  };
}

}  // namespace upspec
