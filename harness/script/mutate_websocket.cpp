// WebSocket frames: the part of mutate.hpp that knows RFC 6455, section 5. Bytes changed at random in a masked frame
// are one odd message after the other; what its reader decides by lies in the head, and in what a Close holds.
#include <array>
#include <utility>
#include <vector>

#include "h2/hpack.hpp"
#include "script/mutate_parts.hpp"
#include "script/words.hpp"
#include "ws/frame.hpp"

namespace upspec::script {
namespace {

constexpr auto bad_utf8 =
    std::to_array<std::string_view>({"\xff", "a\x80", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82"});

Octets any_close(Random& random) {
  switch (random.below(6)) {
    case 0:
      return {};
    case 1:
      return random.octets(1);  // half of a code
    case 2:
      return ws::close_payload(1000, any_of(bad_utf8, random));
    case 3:
      return ws::close_payload(1000, std::string(one_in(2, random) ? 123 : 124, 'u'));
    default:
      return ws::close_payload(any_of(close_codes, random));
  }
}

// What an endpoint says every day.
WebSocketStep right(std::uint32_t stream, bool masked, Random& random) {
  WebSocketStep step{.stream = stream, .fin = true, .rsv = 0, .opcode = 1, .masked = masked, .payload = {}};
  constexpr std::array<std::uint8_t, 4> opcodes = {1, 2, 9, 10};
  step.opcode = any_of(opcodes, random);
  step.payload = Octets(random.below(126), 'u');
  return step;
}

}  // namespace

WebSocketStep any_websocket(std::uint32_t stream, bool masked, Random& random) {
  auto step = right(stream, masked, random);
  switch (random.below(14)) {
    case 0:
      step.rsv = static_cast<std::uint8_t>(1 + random.below(7));
      break;
    case 1: {
      constexpr std::array<std::uint8_t, 6> reserved = {3, 5, 7, 11, 13, 15};
      step.opcode = any_of(reserved, random);
      break;
    }
    case 2:
      step.masked = !masked;
      break;
    case 3:
      step.opcode = static_cast<std::uint8_t>(8 + random.below(3));
      step.payload = Octets(126 + random.below(3), 'u');
      break;
    case 4:
      step.opcode = static_cast<std::uint8_t>(8 + random.below(3));
      step.fin = false;
      break;
    case 5:
      step.opcode = 1;
      step.payload = to_octets(any_of(bad_utf8, random));
      step.fin = !one_in(3, random);
      break;
    case 6:
      step.opcode = static_cast<std::uint8_t>(random.below(3));  // a message begins, or goes on that has not begun
      step.fin = one_in(3, random);
      break;
    case 7:
    case 8:
    case 9:
      step.opcode = 8;
      step.payload = any_close(random);
      break;
    default:
      break;
  }
  return step;
}

void say_websocket(Script& script, Random& random) {
  std::vector<std::size_t> channels;
  for (std::size_t at = 0; at < script.steps.size(); ++at) {
    const auto* section = std::get_if<SectionStep>(&script.steps[at].what);
    if (section && h2::find(section->fields, "sec-websocket-version")) channels.push_back(at);
  }
  if (channels.empty() || script.steps.size() >= most_steps) return;
  const auto channel = any_of(channels, random);
  const auto stream = std::get<SectionStep>(script.steps[channel].what).stream;
  const auto at = channel + 1 + random.below(script.steps.size() - channel);
  const auto link = script.steps[channel].link;
  Step step{.link = link, .split = 0, .what = any_websocket(stream, link.end == End::front, random)};
  script.steps.insert(script.steps.begin() + static_cast<std::ptrdiff_t>(at), std::move(step));
}

}  // namespace upspec::script
