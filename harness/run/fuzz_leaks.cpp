#include "run/fuzz_leaks.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <thread>
#include <tuple>
#include <utility>

#include "base/text.hpp"

namespace upspec {
namespace {

constexpr std::size_t scripts_a_look = 250;
constexpr std::size_t most_recent = 250;
constexpr std::size_t grown_descriptors = 20;  // or threads
constexpr std::size_t grown_memory = 16u << 20;
constexpr std::size_t least_rise = grown_memory / 16;  // in a round
constexpr std::size_t plays_of_a_suspect = 3;
constexpr std::size_t most_suspects = 12;
constexpr std::size_t repetitions = 40;
constexpr std::size_t more_rounds = 15;
constexpr auto patience = std::chrono::milliseconds(100);

// What is not given back at once may be so in a moment: a proxy's connection behind, a thread's stack.
std::optional<Holdings> settled(FuzzTarget& target) {
  const script::Script nothing;
  (void)target.play(nothing, patience);
  return target.holdings();
}

// A busy program closes its connections late. One look after the other until they are closed, or it is certain enough
// that nobody will.
bool come_back(FuzzTarget& target, std::size_t Holdings::* what, std::size_t most) {
  constexpr int looks = 50;
  for (int look = 0; look < looks; ++look) {
    const auto now = target.holdings();
    if (!now || *now.*what <= most) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  return false;
}

bool has_grown(const Holdings& before, const Holdings& now) {
  return now.descriptors >= before.descriptors + grown_descriptors ||
         now.threads >= before.threads + grown_descriptors || now.resident >= before.resident + grown_memory;
}

}  // namespace

void LeakWatch::forget() {
  before_.reset();
  recent_.clear();
  played_ = 0;
  grown_ = 0;
}

std::optional<Finding> LeakWatch::look(const script::Script& played) {
  recent_.push_back(played);
  if (recent_.size() > most_recent) recent_.pop_front();
  if (++played_ % scripts_a_look != 0) return std::nullopt;
  const auto now = settled(target_);
  if (!now) return std::nullopt;
  if (!before_ || !has_grown(*before_, *now)) {
    // Caches and pools fill in the beginning: the first look is not the measure.
    if (!before_ || played_ < 4 * scripts_a_look) before_ = now;
    grown_ = 0;
    return std::nullopt;
  }
  if (++grown_ < 3) return std::nullopt;
  grown_ = 0;
  before_ = now;
  return blame();
}

std::optional<Finding> LeakWatch::blame() {
  std::vector<script::Script> suspects(recent_.rbegin(), recent_.rend());
  std::vector<Holdings> after;
  for (const auto& script : suspects) {
    for (std::size_t i = 0; i < plays_of_a_suspect; ++i) (void)target_.play(script, patience);
    const auto now = settled(target_);
    if (!now) return std::nullopt;
    after.push_back(*now);
  }
  for (const auto at : by_rise(after, most_suspects))
    if (auto finding = try_script(suspects[at])) return finding;
  return std::nullopt;
}

std::vector<std::size_t> by_rise(const std::vector<Holdings>& after, std::size_t most) {
  std::vector<std::size_t> order;
  for (std::size_t at = 1; at < after.size(); ++at) order.push_back(at);
  const auto rise = [&](std::size_t at) {
    const auto of = [&](auto what) {
      return static_cast<std::int64_t>(after[at].*what) - static_cast<std::int64_t>(after[at - 1].*what);
    };
    return std::tuple(of(&Holdings::descriptors) + of(&Holdings::threads), of(&Holdings::resident), after.size() - at);
  };
  std::ranges::sort(order, std::greater(), rise);
  if (!after.empty()) order.push_back(0);
  if (order.size() > most) order.resize(most);
  return order;
}

// Protocol.md section 11 compares repetitions; so does this, after one round that fills what is filled once.
std::optional<Finding> LeakWatch::try_script(const script::Script& script) {
  std::array<Holdings, 3> after;
  for (auto& one : after) {
    const auto now = after_a_round(script);
    if (!now) return std::nullopt;
    one = *now;
  }
  const auto rises = [&](auto what, std::size_t least) {
    return after[1].*what >= after[0].*what + least && after[2].*what >= after[1].*what + least;
  };
  Finding finding;
  finding.oracle = Finding::Oracle::leak;
  finding.requirement = "SEC-05";
  finding.script = script;
  finding.confirmed = true;
  for (const auto& [what, name] :
       {std::pair(&Holdings::descriptors, "descriptors"), std::pair(&Holdings::threads, "threads")}) {
    if (!rises(what, repetitions / 2) || come_back(target_, what, after[0].*what + repetitions / 2)) continue;
    finding.text = cat(after[2].*what - after[1].*what, " more ", name, " after ", repetitions, " runs");
    return finding;
  }
  if (!rises(&Holdings::resident, least_rise)) return std::nullopt;
  // A program that collects its garbage lets memory grow for a while: only what never stops is a leak.
  auto last = after[2].resident;
  for (std::size_t round = 0; round < more_rounds; ++round) {
    const auto now = after_a_round(script);
    if (!now || now->resident < last + least_rise) return std::nullopt;
    last = now->resident;
  }
  finding.requirement = "SEC-03";
  finding.text =
      cat((last - after[0].resident) >> 10, " KiB more memory after ", (more_rounds + 2) * repetitions, " runs");
  return finding;
}

std::optional<Holdings> LeakWatch::after_a_round(const script::Script& script) {
  for (std::size_t i = 0; i < repetitions; ++i) (void)target_.play(script, patience);
  return settled(target_);
}

}  // namespace upspec
