// One connection of a case, made or waited for: the actor at our end, how far the case has taken what came, and how it
// may end. A play speaks to the transport through it, so that another protocol's actor can stand here too.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "peer/actor.hpp"
#include "scenario/sight.hpp"

namespace upspec {

struct Link {
  Link(std::string link_name, ActorOptions options, bool waits = false)
      : name(std::move(link_name)), accepts(waits), actor(std::move(options)) {}

  std::string name;
  bool accepts;  // the peer connects
  Actor actor;
  Cursor cursor;
  bool connected = false;
  bool shut = false;
  bool abort = false;
  bool over_by_right = false;  // an allowed outcome ended it: nothing is left to be quiet or alive
  std::optional<std::uint32_t>
      may_end_by;  // the last outcome allows the peer to end it, by a GOAWAY with this code or none

  // ---- the transport
  void start(Moment now) {
    connected = true;
    actor.start(now);
  }
  void receive(OctetView octets, Moment now) { actor.receive(octets, now); }
  void closed(Closing how, Moment now) { actor.closed(how, now); }
  std::optional<Octets> take_output() { return actor.take_output(); }
  const std::vector<TranscriptLine>& transcript() const { return actor.transcript(); }
  const std::vector<Breach>& breaches() const { return actor.monitor().breaches(); }
  void remark(std::string text, Moment now) { actor.remark(std::move(text), now); }

  // Both sides have begun: a case can be played on it.
  bool ready() const { return actor.ready(); }
  // Nothing more will come.
  bool over() const { return actor.over(); }
  bool asked() const { return actor.asked(); }
  // The peer has closed it before it asked anything: it may come again.
  bool left_unasked() const { return accepts && actor.closing() && actor.broken().empty() && !actor.asked(); }

  // It has ended, or is about to, as the last outcome allows.
  bool ended_by_right() const {
    if (over_by_right) return true;
    const auto& codes = actor.goaways();
    const bool other = std::ranges::any_of(codes, [&](auto code) { return code != 0 && code != may_end_by; });
    // A client that has nothing more to say may go: after a handshake that failed, after an answer that it has read.
    if (accepts && actor.closing() && actor.all_said() && !other) return true;
    if (!may_end_by) return false;
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
