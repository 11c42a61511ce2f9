#include "run/proxy_memory.hpp"

#include <algorithm>
#include <deque>
#include <optional>

namespace upspec {
namespace {

using ProxyWish = ReferenceProxy::Wish;

// One connection between the play and a proxy: how each of the two has ended its side.
struct Pipe {
  std::size_t number = 0;  // of the play's link
  bool play_ended = false;
  bool proxy_ended = false;
};

// Who has said FIN reads on; for others the octets are lost, as on a wire.
bool reads(ProxyWish wish) { return wish == ProxyWish::keep || wish == ProxyWish::shut; }

// A connection in front, and the connections behind that the proxy makes for it.
class Front {
 public:
  Front(Play& play, std::size_t number, const ProxyOptions& options)
      : play_(play), proxy_(options), front_{number, false, false} {}

  // Moves what can move once; false when nothing did.
  bool move(Moment now) {
    bool moved = move_front(now);
    for (std::size_t link = 0; link < proxy_.links(); ++link) {
      if (behind_.size() <= link) behind_.resize(link + 1);
      moved = move_behind(link, now) || moved;
    }
    return moved;
  }

  // The proxy gives its silent origins up; false where it waits for none.
  bool time_out() {
    bool any = false;
    for (std::size_t link = 0; link < proxy_.links(); ++link) {
      if (!proxy_.is_awaited(link)) continue;
      proxy_.timed_out(link);
      any = true;
    }
    return any;
  }

 private:
  bool move_front(Moment now) {
    bool moved = false;
    while (!front_.play_ended && proxy_.wants_input()) {
      const auto out = play_.take_output(front_.number);
      if (!out) break;
      moved = true;
      if (reads(proxy_.wish())) proxy_.receive(*out);
    }
    if (const auto how = ended_by_play(front_)) {
      proxy_.closed(*how);
      moved = true;
    }
    if (const Octets out = play_.reads(front_.number) ? proxy_.take_output() : Octets(); !out.empty()) {
      play_.receive(front_.number, out, now);
      moved = true;
    }
    return end_by_proxy(front_, proxy_.wish(), now) || moved;
  }

  bool move_behind(std::size_t link, Moment now) {
    auto& pipe = behind_[link];
    if (!pipe) {
      if (proxy_.wish(link) != ProxyWish::open) return false;
      const auto number = play_.accepted(now);
      if (!number) return proxy_.not_connected(link), true;
      pipe = Pipe{*number, false, false};
      proxy_.connected(link);
      return true;
    }
    bool moved = false;
    if (const Octets out = play_.reads(pipe->number) ? proxy_.take_output(link) : Octets(); !out.empty()) {
      play_.receive(pipe->number, out, now);
      moved = true;
    }
    moved = end_by_proxy(*pipe, proxy_.wish(link), now) || moved;
    while (!pipe->play_ended && proxy_.wants_input(link)) {
      const auto out = play_.take_output(pipe->number);
      if (!out) break;
      moved = true;
      if (reads(proxy_.wish(link))) proxy_.receive(link, *out);
    }
    if (const auto how = ended_by_play(*pipe)) {
      proxy_.closed(link, *how);
      moved = true;
    }
    return moved;
  }

  // Once, when all that the play has said is taken.
  std::optional<Closing> ended_by_play(Pipe& pipe) {
    const auto wish = play_.wish(pipe.number);
    if (pipe.play_ended || (wish != Play::Wish::shut && wish != Play::Wish::abort)) return std::nullopt;
    pipe.play_ended = true;
    return wish == Play::Wish::abort ? Closing::reset : Closing::fin;
  }

  bool end_by_proxy(Pipe& pipe, ProxyWish wish, Moment now) {
    if (pipe.proxy_ended || wish == ProxyWish::keep || wish == ProxyWish::open) return false;
    pipe.proxy_ended = true;
    play_.closed(pipe.number, wish == ProxyWish::abort ? Closing::reset : Closing::fin, now);
    return true;
  }

  Play& play_;
  ReferenceProxy proxy_;
  Pipe front_;
  std::vector<std::optional<Pipe>> behind_;
};

}  // namespace

Played play_proxy_in_memory(const Case& what, ProxyOptions proxy, const Situation& situation,
                            const Registry& registry) {
  // A broken proxy may talk for ever; a case is over long before.
  constexpr Moment most_rounds = 100'000;
  proxy.way = way_from(what.way).value_or(Way::h2_to_h1);
  const bool waits_for_origin = std::ranges::find(what.needs, "origin-timeout") != what.needs.end();
  Play play(what, situation, registry);
  std::deque<Front> fronts;
  std::vector<bool> known;  // of the play's links
  for (Moment now = 0; !play.done(); ++now) {
    bool moved = false;
    known.resize(play.links());
    for (std::size_t link = 0; link < known.size(); ++link) {
      if (known[link] || play.wish(link) != Play::Wish::open) continue;
      known[link] = moved = true;
      fronts.emplace_back(play, link, proxy);
      play.connected(link, now);
    }
    for (auto& front : fronts) moved = front.move(now) || moved;
    // Nobody says anything more: then the proxy has waited long enough for its origin, and after that we have.
    if (!moved && waits_for_origin)
      for (auto& front : fronts) moved = front.time_out() || moved;
    if (!moved || now > most_rounds) play.deadline(now);
  }
  return played(play, 0);
}

PlayCases proxy_in_memory(const ProxyOptions& proxy, const Situation& situation, const Registry& registry) {
  return [&](const std::vector<const Case*>& cases, const OnEnd& on_end) {
    for (const Case* one : cases)
      if (!on_end(*one, play_proxy_in_memory(*one, proxy, situation, registry))) return;
  };
}

}  // namespace upspec
