// Plays a script against an implementation in memory: no socket, no thread, no clock. It ends when nothing moves any
// more, or after a bounded number of moves.
#pragma once

#include "base/octets.hpp"
#include "peer/transcript.hpp"
#include "script/h2_end.hpp"
#include "script/script.hpp"
#include "script/seen.hpp"

namespace upspec::script {

// The implementation under test, with all its connections.
class MemoryPeer {
 public:
  virtual ~MemoryPeer() = default;
  // A client connects to its front. False: it takes no more.
  virtual bool connect(LinkId front) = 0;
  // Has it opened this link behind? Asked in the order of their numbers.
  virtual bool has_opened(LinkId behind) = 0;
  virtual void receive(LinkId link, OctetView octets) = 0;
  virtual void ended(LinkId link, Closing how) = 0;  // the script's FIN or reset
  virtual Octets take_output(LinkId link) = 0;
  // The implementation has said FIN; what take_output gives comes before.
  virtual bool finished(LinkId link) = 0;
  // Reads it at the moment? What the script has for it waits meanwhile.
  virtual bool wants_input(LinkId) { return true; }
  // Would it still read what the script says?
  virtual bool reads(LinkId link) { return !finished(link); }
  // Lets it do what it does by itself between two reads; false when that was nothing.
  virtual bool work() { return false; }
};

struct RunLimits {
  std::size_t most_moves = 20'000;
  std::size_t most_octets = 8u << 20;  // from the implementation
};

Played run_script(const Script& script, MemoryPeer& peer, EndOptions options = {}, RunLimits limits = {});

}  // namespace upspec::script
