#include "peer/planted.hpp"

#include <array>
#include <cstdlib>
#include <map>
#include <utility>
#include <vector>

namespace upspec {
namespace {

using h2::Frame;
using h2::FrameType;

// What a bug remembers of its connection: how far its sequence has come, by stream (0: the connection).
using Memory = std::map<std::uint32_t, int>;

struct Sight {
  const Frame& frame;
  bool on_channel;   // the frame's stream is one
  bool has_channel;  // some stream is
  Memory& memory;

  bool is(FrameType type) const { return frame.is(type); }
  int& stage() const { return memory[frame.stream]; }
};

[[noreturn]] void crash() { std::abort(); }
void leak() {
  void* volatile lost = std::malloc(1000);  // volatile, or the compiler leaves it out
  if (!lost) std::abort();
}
[[noreturn]] void hang() {
  static volatile unsigned turns = 0;
  while (true) turns = turns + 1;
}

// The stage after `number`, where the frame is the one that it waits for.
bool next_stage(int& stage, int number, bool holds) {
  if (stage != number || !holds) return false;
  ++stage;
  return true;
}

// ---- one function a bug
// ------------------------------------------------------------------------------------------------

// WINDOW_UPDATE, DATA, SETTINGS with an entry, DATA: all valid, on one channel (fuzzing.md 4.3).
void settings_between_data(const Sight& sight) {
  if (sight.is(FrameType::settings) && !sight.frame.payload.empty()) {
    for (auto& [stream, stage] : sight.memory) next_stage(stage, 2, true);
    return;
  }
  if (!sight.on_channel) return;
  const bool data = sight.is(FrameType::data);
  if (next_stage(sight.stage(), 0, sight.is(FrameType::window_update))) return;
  if (next_stage(sight.stage(), 1, data)) return;
  if (next_stage(sight.stage(), 3, data)) crash();
}

void headers_after_octets(const Sight& sight) {
  if (!sight.on_channel) return;
  if (sight.is(FrameType::data)) sight.stage() = 1;
  if (sight.is(FrameType::headers) && sight.stage() == 1) crash();
}

void reset_beside_another(const Sight& sight) {
  if (sight.is(FrameType::rst_stream) && sight.on_channel) sight.memory[0] = 1;
  if (sight.is(FrameType::data) && sight.on_channel && sight.memory[0] == 1) crash();
}

void goaway_then_data(const Sight& sight) {
  if (sight.is(FrameType::goaway) && sight.has_channel) sight.memory[0] = 1;
  if (sight.is(FrameType::data) && sight.on_channel && sight.memory[0] == 1) crash();
}

void padding_alone(const Sight& sight) {
  const auto& frame = sight.frame;
  if (sight.on_channel && sight.is(FrameType::data) && frame.has(h2::flag::padded) && frame.payload.size() > 1 &&
      frame.payload[0] + 1u == frame.payload.size())
    crash();
}

void unasked_ping_answer(const Sight& sight) {
  if (sight.is(FrameType::ping) && sight.frame.has(h2::flag::ack) && sight.has_channel) crash();
}

void window_closed_twice(const Sight& sight) {
  if (!sight.has_channel || !sight.is(FrameType::settings)) return;
  const auto list = h2::read_settings(sight.frame.payload);
  if (!list) return;
  for (const auto& [id, value] : *list)
    if (id == h2::setting::initial_window_size && value == 0 && ++sight.memory[0] == 2) crash();
}

void upgrade_after_end(const Sight& sight) {
  const bool end = sight.frame.has(h2::flag::end_stream);
  if (sight.on_channel && sight.is(FrameType::data) && end) sight.memory[0] = 1;
  if (sight.is(FrameType::headers) && !sight.on_channel && !end && sight.memory[0] == 1) crash();
}

void empty_continuation(const Sight& sight) {
  if (sight.is(FrameType::continuation) && sight.frame.payload.empty()) crash();
}

void priority_of_itself(const Sight& sight) {
  if (sight.is(FrameType::priority) && sight.on_channel) ++sight.stage();
  if (sight.is(FrameType::data) && sight.stage() > 0) crash();
}

void leak_of_a_reset(const Sight& sight) {
  if (sight.is(FrameType::data) && sight.on_channel) sight.stage() = 1;
  if (sight.is(FrameType::rst_stream) && sight.stage() == 1) leak();
}

void leak_of_pings(const Sight& sight) {
  if (sight.is(FrameType::ping) && sight.has_channel && ++sight.memory[0] == 3) leak();
}

void empty_data_for_ever(const Sight& sight) {
  if (!sight.on_channel || !sight.is(FrameType::data)) return;
  sight.stage() = sight.frame.payload.empty() && !sight.frame.has(h2::flag::end_stream) ? sight.stage() + 1 : 0;
  if (sight.stage() == 3) hang();
}

void unknown_frame_for_ever(const Sight& sight) {
  if (sight.on_channel && sight.frame.type > 9 && sight.frame.payload.size() > 8) hang();
}

struct Bug {
  std::string_view id;
  void (*saw)(const Sight&);
};
constexpr std::array bugs = {Bug{"PLANT/crash/settings-between-data", settings_between_data},
                             Bug{"PLANT/crash/headers-after-octets", headers_after_octets},
                             Bug{"PLANT/crash/reset-beside-another", reset_beside_another},
                             Bug{"PLANT/crash/goaway-then-data", goaway_then_data},
                             Bug{"PLANT/crash/padding-alone", padding_alone},
                             Bug{"PLANT/crash/unasked-ping-answer", unasked_ping_answer},
                             Bug{"PLANT/crash/window-closed-twice", window_closed_twice},
                             Bug{"PLANT/crash/upgrade-after-end", upgrade_after_end},
                             Bug{"PLANT/crash/empty-continuation", empty_continuation},
                             Bug{"PLANT/crash/priority-then-data", priority_of_itself},
                             Bug{"PLANT/leak/reset", leak_of_a_reset},
                             Bug{"PLANT/leak/pings", leak_of_pings},
                             Bug{"PLANT/hang/empty-data", empty_data_for_ever},
                             Bug{"PLANT/hang/unknown-frame", unknown_frame_for_ever}};

constexpr auto S = ReferenceRole::server;
constexpr auto table = std::to_array<Violation>({
    {"PLANT/crash/settings-between-data", S, "WINDOW_UPDATE, DATA, SETTINGS with an entry, DATA on one channel"},
    {"PLANT/crash/headers-after-octets", S, "HEADERS on a channel that has had octets"},
    {"PLANT/crash/reset-beside-another", S, "RST_STREAM on one channel, DATA on another"},
    {"PLANT/crash/goaway-then-data", S, "GOAWAY while a channel is open, then DATA"},
    {"PLANT/crash/padding-alone", S, "DATA of padding alone on a channel"},
    {"PLANT/crash/unasked-ping-answer", S, "an answer to no PING while a channel is open"},
    {"PLANT/crash/window-closed-twice", S, "INITIAL_WINDOW_SIZE=0 twice while a channel is open"},
    {"PLANT/crash/upgrade-after-end", S, "a request after a channel has ended"},
    {"PLANT/crash/empty-continuation", S, "a CONTINUATION without octets"},
    {"PLANT/crash/priority-then-data", S, "PRIORITY on a channel, then DATA"},
    {"PLANT/leak/reset", S, "RST_STREAM on a channel that has had octets"},
    {"PLANT/leak/pings", S, "three PINGs while a channel is open"},
    {"PLANT/hang/empty-data", S, "three empty DATA frames in a row on a channel"},
    {"PLANT/hang/unknown-frame", S, "an unknown frame of more than 8 octets on a channel"},
});
static_assert(table.size() == bugs.size());

}  // namespace

std::span<const Violation> planted_bugs() { return table; }

std::function<void(const h2::Frame&)> planted(const Violations& violations, FrameSurroundings surroundings) {
  std::vector<const Bug*> chosen;
  for (const auto& bug : bugs)
    if (violations.breaks(bug.id)) chosen.push_back(&bug);
  if (chosen.empty()) return {};
  return [chosen, surroundings = std::move(surroundings),
          memory = std::map<const Bug*, Memory>()](const h2::Frame& frame) mutable {
    const bool on_channel = frame.stream != 0 && surroundings.is_channel(frame.stream);
    const bool has_channel = surroundings.has_channel();
    for (const auto* bug : chosen) bug->saw({frame, on_channel, has_channel, memory[bug]});
  };
}

}  // namespace upspec
