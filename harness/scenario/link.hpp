// One connection of a case: the actor at its end, how far the case has taken what came, and how it may end.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "peer/actor.hpp"
#include "scenario/sight.hpp"

namespace upspec {

struct Link {
  Link(std::string link_name, ActorOptions options) : name(std::move(link_name)), actor(std::move(options)) {}

  std::string name;
  Actor actor;
  Cursor cursor;
  bool connected = false;
  bool shut = false;
  bool abort = false;
  bool over_by_right = false;  // an allowed outcome ended it: nothing is left to be quiet or alive
  std::optional<std::uint32_t>
      may_end_by;  // the last outcome allows the peer to end it, by a GOAWAY with this code or none

  // It has ended, or is about to, as the last outcome allows.
  bool ended_by_right() const {
    if (over_by_right) return true;
    if (!may_end_by) return false;
    const auto& codes = actor.goaways();
    const bool other = std::ranges::any_of(codes, [&](auto code) { return code != 0 && code != *may_end_by; });
    const bool said = std::ranges::find(codes, *may_end_by) != codes.end();
    return !other && (said || actor.closing());
  }

  // What came on that stream and has not been taken, for people.
  std::string came(std::uint32_t stream) const {
    auto text = describe_what_came(actor, cursor, stream);
    if (actor.settings_seen() && !actor.settings_acknowledged()) text += ", and no acknowledgement of our SETTINGS";
    return text;
  }
};

}  // namespace upspec
