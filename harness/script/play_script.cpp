#include "script/play_script.hpp"

#include <algorithm>
#include <map>
#include <utility>
#include <variant>

#include "script/h1_end.hpp"
#include "ws/frame.hpp"

namespace upspec::script {

namespace {

struct Link {
  template <class Kind>
  Link(std::in_place_type_t<Kind> kind, LinkId id, const EndOptions& options) : end(kind, id, options) {}

  std::variant<H2End, H1End> end;
  ScriptPlay::Wish wish = ScriptPlay::Wish::keep;

  LinkSeen& seen() {
    return std::visit([](auto& one) -> LinkSeen& { return one.seen(); }, end);
  }
  bool over() const {
    return std::visit([](const auto& one) { return one.over(); }, end);
  }
};

// How far the step at hand has come.
enum class Moved : std::uint8_t { done, waiting, dropped };

}  // namespace

struct ScriptPlay::State {
  State(const Script& played_script, EndOptions end_options) : script(played_script), options(end_options) {
    options.of_intermediary = has(script.role, End::front) && has(script.role, End::behind);
    options.greets = script.greets;
    options.acknowledges = script.acknowledges;
    options.gives_windows = script.gives_windows;
    if (!has(script.role, End::front)) return;
    std::uint8_t last = 0;
    for (const auto& step : script.steps)
      if (step.link.end == End::front) last = std::max(last, step.link.number);
    for (std::uint8_t number = 0; number <= last; ++number) add({End::front, number});
  }

  void add(LinkId id) {
    if (!speaks_h2(script.role, id.end)) {
      links.try_emplace(id, std::in_place_type<H1End>, id, options);
      return;
    }
    const auto made = links.try_emplace(id, std::in_place_type<H2End>, id, options).first;
    std::get<H2End>(made->second.end).start();
  }

  Link* find(LinkId id) {
    const auto found = links.find(id);
    return found == links.end() ? nullptr : &found->second;
  }

  // ---- one function a kind of step ----

  Moved go(const WaitStep& wait, Link& link) {
    const bool come = std::visit([&](auto& one) { return one.has_come(wait); }, link.end);
    return come ? Moved::done : Moved::waiting;
  }
  Moved go(const HalfCloseStep&, Link& link) {
    link.wish = std::max(link.wish, Wish::shut);
    if (!link.seen().closed_by_us) link.seen().closed_by_us = Closing::fin;
    return Moved::done;
  }
  Moved go(const AbortStep&, Link& link) {
    link.wish = Wish::abort;
    link.seen().closed_by_us = Closing::reset;
    return Moved::done;
  }
  Moved go(const OctetsStep& step, Link& link) {
    if (auto* h1 = std::get_if<H1End>(&link.end)) {
      h1->send(step.octets);
      return step.end ? go(HalfCloseStep{}, link) : Moved::done;
    }
    auto& h2 = std::get<H2End>(link.end);
    if (h2.stream_over(step.stream)) return Moved::dropped;
    return h2.send(step, sent_of_step) ? Moved::done : Moved::waiting;
  }
  Moved go(const RawStep& step, Link& link) {
    if (auto* h1 = std::get_if<H1End>(&link.end))
      h1->send(step.octets);
    else
      std::get<H2End>(link.end).send(step);
    return Moved::done;
  }
  Moved go(const WebSocketStep& step, Link& link) {
    if (auto* h1 = std::get_if<H1End>(&link.end)) {
      ws::Frame frame{.fin = step.fin, .rsv = step.rsv, .opcode = step.opcode, .mask = {}, .payload = step.payload};
      if (step.masked) frame.mask = {0x37, 0xfa, 0x21, 0x3d};
      h1->send(ws::serialise(frame));
    } else {
      std::get<H2End>(link.end).send(step);
    }
    return Moved::done;
  }
  template <class OfH2>
  Moved go(const OfH2& step, Link& link) {
    auto* h2 = std::get_if<H2End>(&link.end);
    if (!h2) return Moved::dropped;
    h2->send(step);
    return Moved::done;
  }

  Moved go(const Step& step) {
    auto* link = find(step.link);
    if (!link) return step.link.end == End::behind && has(script.role, End::behind) ? Moved::waiting : Moved::dropped;
    const bool waits = std::holds_alternative<WaitStep>(step.what);
    if (!waits && (link->over() || link->wish != Wish::keep)) return Moved::dropped;
    const auto moved = std::visit([&](const auto& what) { return go(what, *link); }, step.what);
    if (!waits) {
      const auto split = moved == Moved::waiting && step.split == joined ? std::uint8_t{0} : step.split;
      std::visit([&](auto& one) { one.flush(split); }, link->end);
    }
    return moved;
  }

  // Steps until one has to wait.
  void advance() {
    while (at < script.steps.size()) {
      const auto moved = go(script.steps[at]);
      if (moved == Moved::waiting) return;
      next(moved == Moved::dropped);
    }
  }
  void next(bool lost) {
    undelivered += lost ? 1 : 0;
    ++at;
    sent_of_step = 0;
    quiet_heard = false;
    if (at == script.steps.size())  // a last step that was to be joined with the next
      for (auto& [id, link] : links) std::visit([](auto& one) { one.flush(0); }, link.end);
  }

  const Script& script;
  EndOptions options;
  std::map<LinkId, Link> links;
  std::size_t at = 0;
  std::size_t sent_of_step = 0;
  std::size_t undelivered = 0;
  bool quiet_heard = false;
};

ScriptPlay::ScriptPlay(const Script& script, EndOptions options) : state_(std::make_unique<State>(script, options)) {
  state_->advance();
}
ScriptPlay::~ScriptPlay() = default;
ScriptPlay::ScriptPlay(ScriptPlay&&) noexcept = default;
ScriptPlay& ScriptPlay::operator=(ScriptPlay&&) noexcept = default;

std::vector<LinkId> ScriptPlay::links() const {
  std::vector<LinkId> ids;
  ids.reserve(state_->links.size());
  for (const auto& [id, link] : state_->links) ids.push_back(id);
  return ids;
}

ScriptPlay::Wish ScriptPlay::wish(LinkId id) const {
  const auto* link = state_->find(id);
  return link ? link->wish : Wish::keep;
}

std::optional<Octets> ScriptPlay::take_output(LinkId id) {
  auto* link = state_->find(id);
  return link ? std::visit([](auto& one) { return one.take_output(); }, link->end) : std::nullopt;
}

bool ScriptPlay::opened(LinkId id) {
  if (id.end != End::behind || id.number >= most_links || !has(state_->script.role, End::behind) || state_->find(id))
    return false;
  state_->add(id);
  state_->quiet_heard = false;
  state_->advance();
  return true;
}

void ScriptPlay::receive(LinkId id, OctetView octets) {
  auto* link = state_->find(id);
  if (!link || link->wish == Wish::abort) return;
  state_->quiet_heard = false;
  std::visit([&](auto& end) { end.receive(octets); }, link->end);
  state_->advance();
}

void ScriptPlay::closed(LinkId id, Closing how) {
  auto* link = state_->find(id);
  if (!link) return;
  state_->quiet_heard = false;
  std::visit([&](auto& end) { end.closed(how); }, link->end);
  state_->advance();
}

void ScriptPlay::quiescent() {
  if (state_->at == state_->script.steps.size()) {
    state_->quiet_heard = true;
    return;
  }
  const auto& step = state_->script.steps[state_->at];
  const auto* wait = std::get_if<WaitStep>(&step.what);
  state_->next(!wait || wait->what != Awaited::quiescent);
  state_->advance();
}

bool ScriptPlay::done() const { return state_->quiet_heard; }
std::size_t ScriptPlay::progress() const { return state_->at; }

const LinkSeen* ScriptPlay::seen(LinkId id) const {
  auto* link = state_->find(id);
  return link ? &link->seen() : nullptr;
}

Played ScriptPlay::take() {
  Played played;
  played.undelivered = state_->undelivered;
  played.links.reserve(state_->links.size());
  for (auto& [id, link] : state_->links) {
    if (auto* h2 = std::get_if<H2End>(&link.end)) h2->finish();
    auto lines = std::visit([](auto& end) { return end.take_transcript(); }, link.end);
    std::ranges::move(lines, std::back_inserter(played.transcript));
    played.links.push_back(std::move(link.seen()));
  }
  return played;
}

}  // namespace upspec::script
