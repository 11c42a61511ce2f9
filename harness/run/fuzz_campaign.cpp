#include "run/fuzz_campaign.hpp"

#include <algorithm>
#include <deque>

#include "base/text.hpp"
#include "run/fuzz_confirm.hpp"
#include "run/fuzz_leaks.hpp"
#include "script/flows.hpp"
#include "script/mutate.hpp"
#include "script/shape.hpp"

namespace upspec {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr std::size_t longest_history = 64;
// Once a hang is known, each script that meets it again need not wait in full for what does not come.
constexpr auto patience_when_known = 150ms;
// A finding may take so long to be confirmed and made small: of a short campaign a small part, or what the first one
// hides is never met.
Clock::duration longest_confirmation(Clock::duration campaign) {
  return std::clamp<Clock::duration>(campaign / 15, 4s, 20s);
}

}  // namespace

// One instance, one thread.
class Campaign::Worker {
 public:
  Worker(Campaign& campaign, FuzzTarget& target, std::size_t number)
      : campaign_(campaign), target_(target), random_(campaign.options_.seed * 1000003 + number), leaks_(target) {}

  bool work() {
    while (!campaign_.over()) {
      const auto script = choose();
      if (!script) return true;
      if (!play(*script)) return false;
    }
    return true;
  }

 private:
  std::optional<script::Script> choose() {
    if (auto seed = campaign_.next_seed()) return seed;
    if (campaign_.options_.only_seeds) return std::nullopt;
    const auto dice = random_.below(10);
    if (campaign_.corpus_.size() == 0 || dice < 4) return talk();
    auto script = dice < 5 ? script::right_talk(target_.ground(), random_) : campaign_.corpus_.pick(random_);
    if (dice == 9) script = script::cross(script, campaign_.corpus_.pick(random_), random_);
    script::mutate(script, random_);
    script.role = script::Role::server;
    return script;
  }

  script::Script talk() {
    constexpr std::uint64_t long_one_in = 12;
    return random_.below(long_one_in) == 0 ? script::long_talk(target_.ground(), random_)
                                           : script::right_talk(target_.ground(), random_);
  }

  bool play(const script::Script& script) {
    const auto begin = Clock::now();
    const auto driven = target_.play(script, patience());
    std::vector<Finding> found;
    if (!driven.connected && !reachable(found)) return false;
    if (found.empty()) found = findings_of(driven, target_.ground().paths);
    if (auto death = target_.death()) found = {finding_of(*death)};
    keep_if_new(script, driven);
    count(driven, Clock::now() - begin);
    for (auto& finding : found) take(std::move(finding), script);
    if (auto leak = leaks_.look(script)) take(std::move(*leak), script);
    history_.push_back(script);
    if (history_.size() > longest_history) history_.pop_front();
    const bool stuck = driven.owed.requirement == "TUN-11";
    if (target_.death() || stuck) renew();
    return true;
  }

  std::chrono::milliseconds patience() const {
    const std::lock_guard lock(campaign_.mutex_);
    const bool hangs = std::ranges::any_of(campaign_.seen_, [](const auto& key) { return key.starts_with("hang/"); });
    return hangs ? std::min(campaign_.options_.patience, std::chrono::milliseconds(patience_when_known))
                 : campaign_.options_.patience;
  }

  // Nobody answers: it died, or it is stuck. A process of ours is started anew.
  bool reachable(std::vector<Finding>& found) {
    if (auto death = target_.death()) {
      found.push_back(finding_of(*death));
      return true;
    }
    if (!target_.is_ours()) return false;
    found.push_back(finding_of({"alive", "a connection", 0}, Finding::Oracle::hang));
    return renew();
  }

  void keep_if_new(const script::Script& script, const Driven& driven) {
    std::vector<std::uint64_t> all;
    for (const auto& link : driven.played.links)
      for (const auto& [id, trace] : driven.traces)
        if (id == link.link) std::ranges::copy(script::shapes_of(link, trace), std::back_inserter(all));
    campaign_.corpus_.add(script, all);
  }

  void count(const Driven& driven, Clock::duration took) {
    const std::lock_guard lock(campaign_.mutex_);
    ++campaign_.numbers_.executions;
    campaign_.numbers_.undelivered += driven.played.undelivered > 0 ? 1 : 0;
    campaign_.numbers_.waited += std::chrono::duration<double>(driven.waited).count();
    busy_ += std::chrono::duration<double>(took).count();
  }

  bool renew() {
    history_.clear();
    leaks_.forget();
    const std::lock_guard lock(campaign_.mutex_);
    ++campaign_.numbers_.restarts;
    return target_.renew();
  }

  // ---- a finding --------------------------------------------------------------------------------------------------

  void take(Finding finding, const script::Script& script) {
    if (!campaign_.claim(finding.key())) return;
    finding.script = script;
    finding.execution = campaign_.numbers().executions;
    finding.seconds = std::chrono::duration<double>(Clock::now() - campaign_.start_).count();
    const auto until = Clock::now() + longest_confirmation(campaign_.options_.time);
    const Again again = [&](const std::vector<script::Script>& scripts, const std::string& key) {
      return play_again(scripts, key);
    };
    ConfirmLimits limits;
    limits.over = [&] { return Clock::now() > until || campaign_.stop_.raised(); };
    const std::vector<script::Script> history(history_.begin(), history_.end());
    if (finding.oracle != Finding::Oracle::leak) finding = confirmed(std::move(finding), history, again, limits);
    campaign_.add(std::move(finding));
    renew();
  }

  std::optional<Finding> play_again(const std::vector<script::Script>& scripts, const std::string& key) {
    target_.renew();
    for (std::size_t i = 0; i < scripts.size(); ++i) {
      const bool last = i + 1 == scripts.size();
      auto driven = target_.play(scripts[i], campaign_.options_.patience, last);
      if (!last) continue;
      std::vector<Finding> found = findings_of(driven, target_.ground().paths);
      if (auto death = target_.death()) found = {finding_of(*death)};
      for (auto& one : found) {
        if (one.key() != key) continue;
        one.transcript = std::move(driven.played.transcript);
        return std::move(one);
      }
    }
    return std::nullopt;
  }

  Campaign& campaign_;
  FuzzTarget& target_;
  Random random_;
  LeakWatch leaks_;
  std::deque<script::Script> history_;  // since the process's start
  double busy_ = 0;
};

Campaign::Campaign(const CampaignOptions& options, FuzzCorpus& corpus, const StopFlag& stop)
    : options_(options), corpus_(corpus), stop_(stop), seen_(options.known) {}

bool Campaign::over() const { return stop_.raised() || Clock::now() - start_ >= options_.time; }

std::optional<script::Script> Campaign::next_seed() {
  const std::lock_guard lock(mutex_);
  if (next_seed_ == options_.seeds.size()) return std::nullopt;
  return options_.seeds[next_seed_++];
}

bool Campaign::claim(const std::string& key) {
  const std::lock_guard lock(mutex_);
  return seen_.insert(key).second;
}

void Campaign::add(Finding finding) {
  const std::lock_guard lock(mutex_);
  findings_.push_back(std::move(finding));
  on_finding(findings_.back());
}

bool Campaign::work(FuzzTarget& target, std::size_t worker) {
  {
    const std::lock_guard lock(mutex_);
    ++workers_;
  }
  return Worker(*this, target, worker).work();
}

std::vector<Finding> Campaign::findings() const {
  const std::lock_guard lock(mutex_);
  return findings_;
}

CampaignNumbers Campaign::numbers() const {
  const std::lock_guard lock(mutex_);
  CampaignNumbers numbers = numbers_;
  numbers.seconds = std::chrono::duration<double>(Clock::now() - start_).count();
  if (workers_ > 0 && numbers.seconds > 0) numbers.waited /= numbers.seconds * static_cast<double>(workers_);
  numbers.corpus = corpus_.size();
  numbers.shapes = corpus_.shapes();
  numbers.findings = findings_.size();
  return numbers;
}

}  // namespace upspec
