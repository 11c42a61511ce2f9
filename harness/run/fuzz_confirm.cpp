#include "run/fuzz_confirm.hpp"

#include <algorithm>
#include <utility>

namespace upspec {
namespace {

class Confirming {
 public:
  Confirming(Finding finding, const Again& again, const ConfirmLimits& limits)
      : finding_(std::move(finding)), key_(finding_.key()), again_(again), limits_(limits) {}

  Finding run(const std::vector<script::Script>& history) {
    if (!reproduce(history)) return std::move(finding_);
    finding_.confirmed = true;
    drop_scripts();
    for (std::size_t i = 0; i <= finding_.before.size(); ++i) drop_steps(i);
    shrink_steps();
    (void)comes({}, true);  // the last word: transcript and evidence of the smallest
    return std::move(finding_);
  }

 private:
  std::vector<script::Script> all() const {
    auto scripts = finding_.before;
    scripts.push_back(finding_.script);
    return scripts;
  }

  // Does it come with these scripts? Then they are the finding's.
  bool comes(std::vector<script::Script> scripts, bool as_it_is = false) {
    if (as_it_is)
      scripts = all();
    else if (plays_ >= limits_.plays || limits_.over())
      return false;
    ++plays_;
    auto seen = again_(scripts, key_);
    if (!seen) return false;
    seen->script = std::move(scripts.back());
    scripts.pop_back();
    seen->before = std::move(scripts);
    seen->confirmed = true;
    seen->execution = finding_.execution;
    seen->seconds = finding_.seconds;
    finding_ = *std::move(seen);
    return true;
  }

  // By itself; else with more and more of what went before. Twice each: what depends on timing does not always come.
  bool reproduce(const std::vector<script::Script>& history) {
    const auto script = finding_.script;
    for (std::size_t length = 0;; length = std::min(history.size(), length == 0 ? 1 : length * 4)) {
      std::vector<script::Script> scripts(history.end() - static_cast<std::ptrdiff_t>(length), history.end());
      scripts.push_back(script);
      if (comes(scripts) || comes(scripts)) return true;
      if (length == history.size()) return false;
    }
  }

  void drop_scripts() {
    for (std::size_t i = 0; i < finding_.before.size();) {
      auto fewer = all();
      fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
      if (!comes(std::move(fewer))) ++i;
    }
  }

  // Halves, quarters, ... single steps, from the end: what comes late is most often not needed.
  void drop_steps(std::size_t which) {
    for (auto size = all()[which].steps.size() / 2; size > 0; size /= 2) {
      for (auto end = all()[which].steps.size(); end >= size && end > 0;) {
        auto fewer = all();
        auto& steps = fewer[which].steps;
        const auto from = static_cast<std::ptrdiff_t>(end - size);
        steps.erase(steps.begin() + from, steps.begin() + static_cast<std::ptrdiff_t>(end));
        end = comes(std::move(fewer)) ? std::min(end - size, all()[which].steps.size()) : end - size;
      }
    }
  }

  // Plain forms in place of odd ones, one step at a time.
  void shrink_steps() {
    for (std::size_t i = 0; i < finding_.script.steps.size(); ++i) {
      auto simpler = all();
      auto& step = simpler.back().steps[i];
      step.split = 0;
      if (auto* section = std::get_if<script::SectionStep>(&step.what)) {
        section->cut = 0;
        section->form = {};
      }
      if (!(step == finding_.script.steps[i])) comes(std::move(simpler));
    }
  }

  Finding finding_;
  const std::string key_;
  const Again& again_;
  const ConfirmLimits& limits_;
  std::size_t plays_ = 0;
};

}  // namespace

Finding confirmed(Finding finding, const std::vector<script::Script>& history, const Again& again,
                  const ConfirmLimits& limits) {
  return Confirming(std::move(finding), again, limits).run(history);
}

}  // namespace upspec
