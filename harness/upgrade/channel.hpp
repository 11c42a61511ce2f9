// The life of a stream that asks for a channel, as one table (protocol.md sections 5 to 7; RFC 9113 5.1, 8.5).
// Knows no frame and no role: "asker" sent the request, "answerer" decides.
#pragma once

#include <cstdint>
#include <string_view>

namespace upspec {

enum class ChannelState : std::uint8_t {
  idle,             // no request yet
  asked,            // the request has come, no final answer
  asked_and_ended,  // as before, and the asker's side has ended (REQ-12)
  open,             // accepted, both directions
  asker_ended,      // accepted; octets flow from the answerer only
  answerer_ended,   // accepted; octets flow from the asker only
  declined,         // a final answer other than the accept; the answerer may still send content
  closed,           // both ended, or reset
};

enum class ChannelEvent : std::uint8_t { ask, accept, decline, asker_end, answerer_end, reset };

// The state after the event. What the table does not have cannot happen by the rules: the state stays, and `legal` is
// false.
struct ChannelStep {
  ChannelState state;
  bool legal;
};
ChannelStep after(ChannelState state, ChannelEvent event);

// Octets of the upgraded protocol may flow in that direction.
bool asker_may_send(ChannelState state);
bool answerer_may_send(ChannelState state);
// Accepted, and not over.
bool is_channel(ChannelState state);

std::string_view name_of(ChannelState state);

}  // namespace upspec
