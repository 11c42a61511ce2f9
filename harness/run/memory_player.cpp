#include "run/memory_player.hpp"

#include <vector>

#include "base/text.hpp"
#include "run/client_call.hpp"

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

// A play that waits, and the client that comes to it: one connection, and what the client says at its end.
class Visit {
 public:
  Visit(Play& play, TalkingClient& client) : play_(play), client_(client), link_(play.accepted(0)) {
    client_.connected(0, 0);
  }

  // Moves what can move once; false when nothing did.
  bool move(Moment now) {
    bool moved = false;
    for (auto out = client_.take_output(0); out; out = client_.take_output(0), moved = true)
      if (!left_ && !play_.done()) play_.receive(*link_, *out, now);
    for (auto out = play_.take_output(*link_); out; out = play_.take_output(*link_), moved = true)
      if (!left_ && !ended_) client_.receive(0, *out, now);
    const auto wish = play_.wish(*link_);
    if (!ended_ && !left_ && (wish == Play::Wish::shut || wish == Play::Wish::abort)) {
      ended_ = moved = true;
      client_.closed(0, wish == Play::Wish::shut ? Closing::fin : Closing::reset, now);
    }
    return moved || leave(now);  // only when all is said
  }

 private:
  // The client says all that it has to say, then FIN, and then its program ends.
  bool leave(Moment now) {
    if (left_ || !(client_.done() || client_.wish(0) == Play::Wish::shut)) return false;
    left_ = true;
    play_.closed(*link_, Closing::fin, now);
    play_.client_ended(report_of(client_), now);
    return true;
  }

  Play& play_;
  TalkingClient& client_;
  std::optional<std::size_t> link_;
  bool ended_ = false;  // by the play
  bool left_ = false;
};

}  // namespace

Played play_client_in_memory(const Case& what, const ClientOptions& options, const Situation& situation,
                             const Registry& registry) {
  constexpr Moment most_rounds = 100'000;
  Play play(what, situation, registry);
  TalkingClient client = talking_client(what, options, situation);
  Visit visit(play, client);
  bool waited = false;
  for (Moment now = 0; !play.done(); ++now) {
    if (visit.move(now) && now < most_rounds) continue;
    // Silence. The play may wait for the client's program to end, which itself waits: its time is over first, then the
    // play's.
    if (play.awaits_report() && !std::exchange(waited, true)) {
      client.deadline(now);
    } else {
      play.deadline(now);
    }
  }
  return played(play, 0);
}

PlayCases clients_in_memory(const ClientOptions& client, const Situation& situation, const Registry& registry) {
  return [&](const std::vector<const Case*>& cases, const OnEnd& on_end) {
    for (const Case* one : cases)
      if (!on_end(*one, play_client_in_memory(*one, client, situation, registry))) return;
  };
}

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
