// One connection of a case, made or waited for: the actor at our end, how far the case has taken what came, and how it
// may end. A play speaks to the transport through it, so that another protocol's actor can stand here too.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "peer/actor.hpp"
#include "peer/arrivals.hpp"
#include "peer/h1_actor.hpp"
#include "scenario/sight.hpp"

namespace upspec {

struct Link {
  Link(std::string link_name, const ActorOptions& options, bool waits = false, bool speaks_h1 = false)
      : name(std::move(link_name)), accepts(waits), actor(options) {
    if (speaks_h1) h1.emplace(options.link, options.side);
  }

  std::string name;
  bool accepts;  // the peer connects
  Actor actor;
  std::optional<H1Actor> h1;  // when it speaks HTTP/1.1; then `actor` has no part in it
  Cursor cursor;
  bool connected = false;
  bool shut = false;
  bool abort = false;
  bool deaf = false;           // nothing is read from it for now
  bool gone = false;           // the peer has ended it
  bool over_by_right = false;  // an allowed outcome ended it: nothing is left to be quiet or alive
  std::optional<std::uint32_t>
      may_end_by;  // the last outcome allows the peer to end it, by a GOAWAY with this code or none

  // ---- the transport
  void start(Moment now) {
    connected = true;
    if (!h1) actor.start(now);
  }
  void receive(OctetView octets, Moment now) { h1 ? h1->receive(octets, now) : actor.receive(octets, now); }
  void closed(Closing how, Moment now) { h1 ? h1->closed(how, now) : actor.closed(how, now); }
  std::optional<Octets> take_output() { return h1 ? h1->take_output() : actor.take_output(); }
  const std::vector<TranscriptLine>& transcript() const { return h1 ? h1->transcript() : actor.transcript(); }
  std::vector<Breach> breaches() const { return h1 ? h1->breaches() : actor.monitor().breaches(); }
  void remark(std::string text, Moment now) {
    h1 ? h1->remark(std::move(text), now) : actor.remark(std::move(text), now);
  }
  Arrivals arrivals() const { return h1 ? Arrivals(*h1) : Arrivals(actor); }

  // Both sides have begun: a case can be played on it.
  bool ready() const { return h1 ? connected : actor.ready(); }
  // Nothing more will come.
  bool over() const { return arrivals().over(); }
  bool asked() const { return h1 ? h1->exchanges() > 0 : actor.asked(); }
  // Where the peer asks: the streams or exchanges on which it did, in order.
  std::vector<std::uint32_t> requests() const;
  // ... and we have answered that one finally, or accepted it.
  bool is_answered(std::uint32_t stream) const;
  // Where we ask: how many requests that was, and whether all have been answered or reset.
  std::size_t asked_by_us() const;
  bool all_answered() const;
  // The peer has closed it before it asked anything: it may come again.
  bool left_unasked() const { return accepts && !h1 && actor.closing() && actor.broken().empty() && !actor.asked(); }

  // It has ended, or is about to, as the last outcome allows.
  bool ended_by_right() const {
    if (over_by_right) return true;
    const auto& codes = arrivals().goaways();
    const bool other = std::ranges::any_of(codes, [&](auto code) { return code != 0 && code != may_end_by; });
    // A client that has nothing more to say may go: after a handshake that failed, after an answer that it has read.
    if (accepts && !h1 && actor.closing() && actor.all_said() && !other) return true;
    if (!may_end_by) return false;
    const bool said = std::ranges::find(codes, *may_end_by) != codes.end();
    return !other && (said || arrivals().closing());
  }

  // What came on that stream and has not been taken, for people.
  std::string came(std::uint32_t stream) const {
    auto text = describe_what_came(arrivals(), cursor, stream);
    if (!h1 && actor.settings_seen() && !actor.settings_acknowledged())
      text += ", and no acknowledgement of our SETTINGS";
    return text;
  }
};

}  // namespace upspec
