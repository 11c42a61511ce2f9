// Plays one script: a state machine that a driver connects to transports. It opens no socket and reads no clock.
//
// A driver's loop, after each of its own events and once at the start:
//   for each of links(): write take_output(link) until it is empty; shut or abort the transport when wish(link) says
//   so; tell what happened: opened (behind), receive, closed; when nothing moved at all: quiescent(); stop when done().
//
// Front links that the script speaks of exist from the start: the driver connects those it can, and calls closed() for
// those it cannot. Links behind exist once the implementation has opened them and the driver has said so.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "script/h2_end.hpp"
#include "script/script.hpp"
#include "script/seen.hpp"

namespace upspec::script {

class ScriptPlay {
 public:
  explicit ScriptPlay(const Script& script, EndOptions options = {});  // the script outlives it
  ~ScriptPlay();
  ScriptPlay(ScriptPlay&&) noexcept;
  ScriptPlay& operator=(ScriptPlay&&) noexcept;

  std::vector<LinkId> links() const;
  enum class Wish : std::uint8_t { keep, shut, abort };  // shut: FIN once the output is written, and read on
  Wish wish(LinkId link) const;
  std::optional<Octets> take_output(LinkId link);

  // The implementation has opened its next link behind. False: it is one too many, and to be refused.
  bool opened(LinkId link);
  void receive(LinkId link, OctetView octets);
  void closed(LinkId link, Closing how);
  // Nothing moves any more: what is awaited will not come, and the script goes on. At its end: it is done.
  void quiescent();

  // The script is at its end, and quiescent() has been heard since.
  bool done() const;
  // Steps that are done; for a driver's deadline.
  std::size_t progress() const;

  // What a link has seen so far, without the Monitor's breaches; null: there is no such link.
  const LinkSeen* seen(LinkId link) const;
  // What was seen so far, to be taken once.
  Played take();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace upspec::script
