#include "script/mutate.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "script/mutate_parts.hpp"
#include "script/words.hpp"

namespace upspec::script {
namespace {

void rewrite(Step& step, Random& random) {
  constexpr std::array<std::uint8_t, 6> splits = {0, joined, 1, 2, 9, 17};
  step.split = any_of(splits, random);
}

// A section's fields are most of what can be wrong with a script: they come up more often than their number.
std::size_t step_to_change(const std::vector<Step>& steps, Random& random) {
  const auto at = random.below(steps.size());
  if (!one_in(4, random)) return at;
  const auto is_section = [](const Step& step) { return std::holds_alternative<SectionStep>(step.what); };
  const auto from = steps.begin() + static_cast<std::ptrdiff_t>(at);
  auto section = std::find_if(from, steps.end(), is_section);
  if (section == steps.end()) section = std::find_if(steps.begin(), from, is_section);
  return section == steps.end() ? at : static_cast<std::size_t>(section - steps.begin());
}

void change_step(Script& script, Random& random) {
  const auto at = step_to_change(script.steps, random);
  const auto octets = data_of(script.steps[at]);
  mutate_step(script.steps[at], random);
  if (data_of(script.steps[at]) != octets && !one_in(4, random)) keep_count(script, at, octets);
}

// A few of the same in a row: what counts them up shows no coverage on the way.
void repeat(std::vector<Step>& steps, Random& random) {
  const auto at = random.below(steps.size());
  const auto copy = steps[at];
  const auto room = most_steps - std::min(most_steps, steps.size());
  steps.insert(steps.begin() + static_cast<std::ptrdiff_t>(at), std::min<std::size_t>(room, 1 + random.below(4)), copy);
}

void change_one(Script& script, Random& random) {
  auto& steps = script.steps;
  const auto at = [&] { return steps.begin() + static_cast<std::ptrdiff_t>(random.below(steps.size())); };
  if (steps.empty()) return steps.push_back(any_step(script, random));
  const bool room = steps.size() < most_steps;
  switch (random.below(18)) {
    case 0:
    case 1:
      if (room)
        steps.insert(steps.begin() + static_cast<std::ptrdiff_t>(random.below(steps.size() + 1)),
                     any_step(script, random));
      break;
    case 2:
      steps.erase(at());
      break;
    case 3:
      if (room) {
        const auto copy = *at();
        steps.insert(at(), copy);
      }
      break;
    case 4:
      std::iter_swap(at(), at());
      break;
    case 5:
      retarget(*at(), random);
      break;
    case 6:
      rewrite(*at(), random);
      break;
    case 7:
      if (!one_in(8, random)) return repeat(steps, random);
      (one_in(2, random) ? script.gives_windows : one_in(2, random) ? script.acknowledges : script.greets) ^= true;
      break;
    case 8:
      change_content(script, random);
      break;
    case 9:
      say_websocket(script, random);
      break;
    default:
      change_step(script, random);
  }
}

Octets fitting(Script script, std::size_t largest) {
  auto octets = encode(script);
  while (octets.size() > largest && !script.steps.empty()) {
    script.steps.pop_back();
    octets = encode(script);
  }
  if (octets.size() > largest) octets.resize(largest);
  return octets;
}

}  // namespace

void mutate(Script& script, Random& random) {
  for (auto more = 1 + random.below(3); more > 0; --more) change_one(script, random);
}

Script cross(const Script& one, const Script& other, Random& random) {
  Script out = one;
  const auto first = random.below(one.steps.size() + 1), second = random.below(other.steps.size() + 1);
  const auto end = one_in(2, random) ? other.steps.size() : second + random.below(other.steps.size() - second + 1);
  const auto at = [](const auto& steps, std::size_t number) {
    return steps.begin() + static_cast<std::ptrdiff_t>(number);
  };
  std::vector<Step> tail(at(one.steps, first), one.steps.end());
  out.steps.resize(first);
  out.steps.insert(out.steps.end(), at(other.steps, second), at(other.steps, end));
  if (one_in(2, random)) out.steps.insert(out.steps.end(), tail.begin(), tail.end());
  if (out.steps.size() > most_steps) out.steps.resize(most_steps);
  return out;
}

Octets mutate_octets(OctetView script, std::size_t largest, std::uint64_t seed, const RawMutation& raw) {
  Random random(seed);
  if (one_in(16, random)) {
    auto changed = raw(to_octets(script), largest);
    if (changed.size() > largest) changed.resize(largest);
    return changed;
  }
  auto changed = decode(script);
  mutate(changed, random);
  return fitting(std::move(changed), largest);
}

Octets cross_octets(OctetView one, OctetView other, std::size_t largest, std::uint64_t seed) {
  Random random(seed);
  return fitting(cross(decode(one), decode(other), random), largest);
}

}  // namespace upspec::script
