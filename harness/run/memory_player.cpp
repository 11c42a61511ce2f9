#include "run/memory_player.hpp"

#include <vector>

namespace upspec {
namespace {

// One link of a play, and the server at its other end.
class Link {
 public:
  Link(Play& play, std::size_t number, const ServerOptions& options) : play_(play), number_(number), server_(options) {}

  // Moves what can move once; false when nothing did.
  bool move(Moment now) {
    if (gone_) return false;
    bool moved = false;
    if (!open_ && play_.wish(number_) == Play::Wish::open) {
      open_ = moved = true;
      play_.connected(number_, now);
    }
    if (!open_) return moved;
    moved |= to_server();
    moved |= end_as_wished(now);
    return from_server(now) || moved;
  }

 private:
  bool to_server() {
    bool moved = false;
    // A server that has closed reads no more: the octets are lost, as on a wire.
    for (auto out = play_.take_output(number_); out; out = play_.take_output(number_), moved = true)
      if (!shut_ && !closed_by_server_) server_.receive(*out);
    return moved;
  }

  bool end_as_wished(Moment now) {
    const Play::Wish wish = play_.wish(number_);
    if (wish == Play::Wish::shut && !shut_) {
      server_.peer_ended();
      return shut_ = true;
    }
    if (wish == Play::Wish::abort) {
      server_.peer_ended();
      gone_ = true;
      play_.closed(number_, Closing::reset, now);
      return true;
    }
    return false;
  }

  bool from_server(Moment now) {
    if (gone_ || closed_by_server_) return false;
    const Octets out = server_.take_output();
    if (!out.empty()) play_.receive(number_, out, now);
    if (!server_.finished()) return !out.empty();
    closed_by_server_ = true;
    play_.closed(number_, Closing::fin, now);
    return true;
  }

  Play& play_;
  std::size_t number_;
  ReferenceServer server_;
  bool open_ = false;
  bool shut_ = false;  // by the play
  bool closed_by_server_ = false;
  bool gone_ = false;
};

}  // namespace

Played play_in_memory(const Case& what, const ServerOptions& server, const Situation& situation,
                      const Registry& registry) {
  // A broken server may talk for ever; a case is over long before.
  constexpr Moment most_rounds = 100'000;
  Play play(what, situation, registry);
  std::vector<Link> links;
  for (Moment now = 0; !play.done(); ++now) {
    while (links.size() < play.links()) links.emplace_back(play, links.size(), server);
    bool moved = false;
    for (Link& link : links) moved = link.move(now) || moved;
    if (!moved || now > most_rounds) play.deadline(now);
  }
  return played(play, 0);
}

PlayCases in_memory(const ServerOptions& server, const Situation& situation, const Registry& registry) {
  return [&](const std::vector<const Case*>& cases, const OnEnd& on_end) {
    for (const Case* one : cases)
      if (!on_end(*one, play_in_memory(*one, server, situation, registry))) return;
  };
}

}  // namespace upspec
