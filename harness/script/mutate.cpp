#include "script/mutate.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.hpp"
#include "script/words.hpp"

namespace upspec::script {
namespace {

constexpr std::size_t longest_octets = 4096;

std::uint32_t any_stream(Random& random) {
  return one_in(8, random) ? any_of(numbers, random) & 0x7fffffff : static_cast<std::uint32_t>(1 + 2 * random.below(4));
}

// ---- octets ---------------------------------------------------------------------------------------------------------

void mutate_payload(Octets& octets, Random& random) {
  switch (random.below(6)) {
    case 0:
      if (!octets.empty()) octets[random.below(octets.size())] = static_cast<std::uint8_t>(random.below(256));
      break;
    case 1:
      octets.resize(std::min<std::size_t>(any_of(numbers, random), one_in(16, random) ? largest_octets : 64));
      break;
    case 2:
      if (octets.size() < longest_octets) append(octets, to_octets(OctetView(octets)));
      break;
    case 3:
      append(octets, random.octets(1 + random.below(8)));
      break;
    case 4:
      octets.clear();
      break;
    default: {
      const auto word = any_of(field_values, random);
      octets.insert(octets.begin() + static_cast<std::ptrdiff_t>(random.below(octets.size() + 1)), word.begin(),
                    word.end());
    }
  }
}

// ---- frames ---------------------------------------------------------------------------------------------------------

h2::Frame any_settings(Random& random) {
  std::vector<h2::Setting> list;
  for (auto more = random.below(4); more > 0; --more)
    list.push_back({any_of(settings, random), any_of(numbers, random)});
  return h2::settings(list);
}

h2::Frame any_frame(Random& random) {
  const auto stream = any_stream(random);
  switch (random.below(9)) {
    case 0:
      return any_settings(random);
    case 1:
      return h2::window_update(one_in(3, random) ? 0 : stream, any_of(numbers, random));
    case 2:
      return h2::rst_stream(stream, static_cast<std::uint32_t>(random.below(16)));
    case 3:
      return h2::ping(random.octets(8), one_in(3, random));
    case 4:
      return h2::data(stream, random.octets(random.below(20)), one_in(3, random) ? h2::flag::end_stream : 0);
    case 5:
      return h2::padded_data(stream, random.octets(random.below(20)), static_cast<std::uint8_t>(random.below(20)));
    case 6:
      return h2::goaway(any_of(numbers, random), static_cast<std::uint32_t>(random.below(16)));
    case 7:
      return h2::priority(stream, any_of(numbers, random), 1);
    default:
      return {static_cast<std::uint8_t>(random.below(12)), static_cast<std::uint8_t>(random.below(64)), stream,
              random.octets(random.below(24))};
  }
}

void mutate_step(FrameStep& step, Random& random) {
  auto& frame = step.frame;
  switch (random.below(5)) {
    case 0:
      frame.flags ^= static_cast<std::uint8_t>(1 << random.below(6));
      break;
    case 1:
      frame.type = static_cast<std::uint8_t>(random.below(11));
      break;
    case 2:
      frame.stream = one_in(4, random) ? 0 : any_stream(random);
      break;
    case 3:
      frame = any_frame(random);
      break;
    default:
      mutate_payload(frame.payload, random);
  }
}

// ---- the other kinds of steps
// -----------------------------------------------------------------------------------------

void mutate_step(SectionStep& step, Random& random) {
  switch (random.below(12)) {
    case 0:
      step.end = !step.end;
      break;
    case 1:
      step.form.indexing = static_cast<h2::Indexing>(random.below(4));
      break;
    case 2:
      step.form.huffman = !step.form.huffman;
      break;
    case 3:
      step.form.indexed_name = !step.form.indexed_name;
      break;
    case 4:
      step.form.resized = !step.form.resized;
      break;
    case 5:
      step.cut = static_cast<std::uint8_t>(random.below(40));
      break;
    default:
      mutate_fields(step.fields, random);
  }
}

void mutate_step(OctetsStep& step, Random& random) {
  if (one_in(4, random)) {
    step.end = !step.end;
  } else {
    mutate_payload(step.octets, random);
  }
}

void mutate_step(WebSocketStep& step, Random& random) {
  switch (random.below(7)) {
    case 0:
      step.fin = !step.fin;
      break;
    case 1:
      step.rsv = static_cast<std::uint8_t>(random.below(8));
      break;
    case 2:
      step.opcode = static_cast<std::uint8_t>(random.below(16));
      break;
    case 3:
      step.masked = !step.masked;
      break;
    case 4: {
      step.opcode = 8;
      step.payload.clear();
      append_number(step.payload, any_of(close_codes, random), 2);
      break;
    }
    default:
      mutate_payload(step.payload, random);
  }
}

void mutate_step(RawStep& step, Random& random) {
  if (one_in(4, random)) return mutate_payload(step.octets, random);
  step.octets = to_octets(std::string_view(mutate_head(to_text(step.octets), random)));
}

void mutate_step(WaitStep& step, Random& random) {
  step.what = static_cast<Awaited>(random.below(6));
  step.stream = names_stream(step.what) ? any_stream(random) : 1;
  step.octets = step.what == Awaited::octets ? static_cast<std::uint32_t>(random.below(200)) : 0;
}

void mutate_step(HalfCloseStep&, Random&) {}
void mutate_step(AbortStep&, Random&) {}

// ---- steps as a list
// ----------------------------------------------------------------------------------------------------

h2::FieldSection any_request(Random& random) {
  const auto protocol = std::string(any_of(protocols, random));
  const auto path = protocol == "upspec-echo" ? "/raw" : protocol == "h2c" ? "/" : "/echo";
  h2::FieldSection fields = {{":method", "GET"}, {":scheme", "http"}, {":authority", "localhost"}, {":path", path}};
  if (one_in(4, random)) return fields;
  if (one_in(2, random)) {
    fields.front().value = "CONNECT";
    fields.push_back({":protocol", protocol});
  } else {
    fields.push_back({":upgrade", protocol});
  }
  if (protocol == "websocket") {
    fields.push_back({"sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="});
    fields.push_back({"sec-websocket-version", "13"});
  }
  return fields;
}

h2::FieldSection any_answer(Random& random) {
  if (one_in(2, random)) return {{":status", "101"}, {":upgrade", "websocket"}, {"sec-websocket-accept", "${accept}"}};
  return {{":status", std::string(one_in(2, random) ? "200" : any_of(field_values, random))}};
}

Step any_step(const Script& script, Random& random) {
  Step step;
  const bool front = has(script.role, End::front), behind = has(script.role, End::behind);
  step.link.end = !behind || (front && one_in(2, random)) ? End::front : End::behind;
  if (one_in(12, random)) step.link.number = 1;
  const auto stream = any_stream(random);
  switch (random.below(10)) {
    case 0:
    case 1:
      step.what = FrameStep{any_frame(random)};
      break;
    case 2:
      step.what = SectionStep{
          stream, step.link.end == End::front ? any_request(random) : any_answer(random), one_in(4, random), {}, 0};
      break;
    case 3:
      step.what = OctetsStep{stream, random.octets(random.below(40)), one_in(4, random)};
      break;
    case 4:
      step.what = WebSocketStep{stream, true, 0, 1, step.link.end == End::front, to_octets("hello")};
      break;
    case 5:
      step.what = RawStep{to_octets(any_of(head_lines, random))};
      break;
    case 6:
    case 7: {
      WaitStep wait;
      mutate_step(wait, random);
      step.what = wait;
      break;
    }
    case 8:
      step.what = one_in(4, random) ? decltype(step.what)(HalfCloseStep{}) : FrameStep{any_settings(random)};
      break;
    default:
      step.what = one_in(4, random) ? decltype(step.what)(AbortStep{}) : WaitStep{Awaited::section, stream, 0};
  }
  return step;
}

void retarget(Step& step, Random& random) {
  if (one_in(6, random)) step.link.number = static_cast<std::uint8_t>(random.below(3));
  const auto to = any_stream(random);
  std::visit(
      [&](auto& what) {
        if constexpr (requires { what.stream; }) what.stream = to;
        if constexpr (requires { what.frame; }) what.frame.stream = to;
      },
      step.what);
}

void rewrite(Step& step, Random& random) {
  constexpr std::array<std::uint8_t, 6> splits = {0, joined, 1, 2, 9, 17};
  step.split = any_of(splits, random);
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
  switch (random.below(16)) {
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
    default:
      std::visit([&](auto& what) { mutate_step(what, random); }, at()->what);
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
