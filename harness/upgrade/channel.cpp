#include "upgrade/channel.hpp"

#include <array>

namespace upspec {

namespace {

using S = ChannelState;
using E = ChannelEvent;

struct Row {
  S from;
  E event;
  S to;
};

constexpr std::array rows = {
    Row{S::idle, E::ask, S::asked},
    Row{S::asked, E::asker_end, S::asked_and_ended},
    Row{S::asked, E::accept, S::open},
    Row{S::asked, E::decline, S::declined},
    Row{S::asked_and_ended, E::accept, S::asker_ended},  // REQ-12: accepted with that side already closed
    Row{S::asked_and_ended, E::decline, S::declined},
    Row{S::open, E::asker_end, S::asker_ended},  // TUN-03: one direction, as a TCP FIN does
    Row{S::open, E::answerer_end, S::answerer_ended},
    Row{S::asker_ended, E::answerer_end, S::closed},
    Row{S::answerer_ended, E::asker_end, S::closed},
    Row{S::declined, E::asker_end, S::declined},  // RES-10: the client closes its side
    Row{S::declined, E::answerer_end, S::closed},
    Row{S::asked, E::reset, S::closed},  // TUN-04: both directions at once, from every state
    Row{S::asked_and_ended, E::reset, S::closed},
    Row{S::open, E::reset, S::closed},
    Row{S::asker_ended, E::reset, S::closed},
    Row{S::answerer_ended, E::reset, S::closed},
    Row{S::declined, E::reset, S::closed},
    Row{S::closed, E::reset, S::closed},
};

}  // namespace

ChannelStep after(ChannelState state, ChannelEvent event) {
  for (const auto& row : rows)
    if (row.from == state && row.event == event) return {row.to, true};
  return {state, false};
}

bool asker_may_send(ChannelState state) { return state == S::open || state == S::answerer_ended; }

bool answerer_may_send(ChannelState state) { return state == S::open || state == S::asker_ended; }

bool is_channel(ChannelState state) { return asker_may_send(state) || answerer_may_send(state); }

std::string_view name_of(ChannelState state) {
  constexpr std::array<std::string_view, 8> names = {"idle",        "asked",          "asked and ended", "open",
                                                     "asker ended", "answerer ended", "declined",        "closed"};
  return names[static_cast<std::size_t>(state)];
}

}  // namespace upspec
