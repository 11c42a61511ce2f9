#include "script/run_script.hpp"

#include <algorithm>
#include <map>

#include "script/play_script.hpp"

namespace upspec::script {
namespace {

// One connection between the script and the implementation.
struct Wire {
  LinkId id;
  bool shut = false;      // we said FIN
  bool gone = false;      // reset by us, or closed by both
  bool finished = false;  // it said FIN
};

class Run {
 public:
  Run(const Script& script, MemoryPeer& peer, EndOptions options, RunLimits limits)
      : play_(script, options), peer_(peer), limits_(limits) {
    wires_.reserve(2 * most_links);
    for (const auto id : play_.links()) {
      wires_.push_back({id});
      if (peer_.connect(id)) continue;
      wires_.back().gone = true;
      play_.closed(id, Closing::reset);
    }
  }

  Played run() {
    bool endless = false;
    for (std::size_t moves = 0; !play_.done() && !endless; ++moves) {
      if (!move()) play_.quiescent();
      endless = moves > limits_.most_moves || octets_ > limits_.most_octets;
    }
    auto played = play_.take();
    played.endless = endless;
    return played;
  }

 private:
  bool move() {
    bool moved = false;
    // The play may learn of a link behind while it is moved: by index.
    for (std::size_t i = 0; i < wires_.size(); ++i) {
      if (!wires_[i].gone) moved = move(wires_[i]) || moved;
      moved = look_behind() || moved;
    }
    if (wires_.empty()) moved = look_behind();
    return peer_.work() || moved;
  }

  bool look_behind() {
    const LinkId next{End::behind, behind_};
    if (behind_ >= most_links || !peer_.has_opened(next)) return false;
    ++behind_;
    const bool taken = play_.opened(next);
    wires_.push_back({next, false, !taken, false});
    if (!taken) peer_.ended(next, Closing::reset);
    return true;
  }

  bool move(Wire& wire) {
    bool moved = false;
    while (peer_.wants_input(wire.id)) {
      const auto out = play_.take_output(wire.id);
      if (!out) break;
      moved = true;
      if (!wire.shut && peer_.reads(wire.id)) peer_.receive(wire.id, *out);
    }
    return end_as_wished(wire) || read(wire) || moved;
  }

  bool end_as_wished(Wire& wire) {
    const auto wish = play_.wish(wire.id);
    if (wish == ScriptPlay::Wish::abort) {
      peer_.ended(wire.id, Closing::reset);
      return wire.gone = true;
    }
    if (wish != ScriptPlay::Wish::shut || wire.shut) return false;
    peer_.ended(wire.id, Closing::fin);
    return wire.shut = true;
  }

  bool read(Wire& wire) {
    if (wire.finished) return false;
    const auto octets = peer_.take_output(wire.id);
    octets_ += octets.size();
    if (!octets.empty()) play_.receive(wire.id, octets);
    if (!peer_.finished(wire.id)) return !octets.empty();
    wire.finished = true;
    play_.closed(wire.id, Closing::fin);
    return true;
  }

  ScriptPlay play_;
  MemoryPeer& peer_;
  RunLimits limits_;
  std::vector<Wire> wires_;
  std::uint8_t behind_ = 0;
  std::size_t octets_ = 0;
};

}  // namespace

Played run_script(const Script& script, MemoryPeer& peer, EndOptions options, RunLimits limits) {
  return Run(script, peer, options, limits).run();
}

}  // namespace upspec::script
