// One step at a time: the part of mutate.hpp that knows frames, sections, octets and waits.
#include <algorithm>
#include <string>
#include <utility>

#include "base/text.hpp"
#include "script/mutate.hpp"
#include "script/mutate_parts.hpp"
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

h2::Setting any_setting(Random& random) {
  if (one_in(4, random)) return {any_of(settings, random), any_of(numbers, random)};
  const auto [id, value] = any_of(setting_words, random);
  return {id, value};
}

h2::Frame any_settings(Random& random) {
  std::vector<h2::Setting> list;
  for (auto more = random.below(4); more > 0; --more) list.push_back(any_setting(random));
  return h2::settings(list);
}

void mutate_settings(Octets& payload, Random& random) {
  auto list = h2::read_settings(payload).value_or(std::vector<h2::Setting>{});
  const auto at = list.begin() + static_cast<std::ptrdiff_t>(list.empty() ? 0 : random.below(list.size()));
  switch (list.empty() ? 0 : random.below(4)) {
    case 0:
      list.insert(at, any_setting(random));
      break;
    case 1:
      list.erase(at);
      break;
    case 2:
      at->value = any_of(numbers, random);
      break;
    default:
      *at = any_setting(random);
  }
  payload = h2::settings_payload(list);
}

// As what the frame's type says that it is, half of the time.
void mutate_payload(h2::Frame& frame, Random& random) {
  if (frame.is(h2::FrameType::settings) && one_in(2, random)) return mutate_settings(frame.payload, random);
  const bool number = frame.is(h2::FrameType::window_update) || frame.is(h2::FrameType::rst_stream);
  if (!number || one_in(2, random)) return mutate_payload(frame.payload, random);
  frame.payload.clear();
  append_number(frame.payload, any_of(numbers, random), 4);
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
      mutate_payload(frame, random);
  }
}

// ---- the other kinds of steps ---------------------------------------------------------------------------------------

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
  if (one_in(4, random)) {
    step = any_websocket(step.stream, step.masked, random);
    return;
  }
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

// ---- new ones
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

}  // namespace

void mutate_step(Step& step, Random& random) {
  std::visit([&](auto& what) { mutate_step(what, random); }, step.what);
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
      step.what = any_websocket(stream, step.link.end == End::front, random);
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

}  // namespace upspec::script
