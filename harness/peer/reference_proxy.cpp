#include "peer/reference_proxy.hpp"

#include <algorithm>
#include <map>
#include <utility>
#include <variant>

#include "base/random.hpp"
#include "peer/proxy_back_h1.hpp"
#include "peer/proxy_back_h2.hpp"
#include "peer/proxy_front_h1.hpp"
#include "peer/proxy_front_h2.hpp"

namespace upspec {

namespace {

constexpr std::string_view names[] = {"21", "12", "22"};

}  // namespace

std::string_view name_of(Way way) { return names[static_cast<std::size_t>(way)]; }

std::optional<Way> way_from(std::string_view name) {
  const auto found = std::ranges::find(names, name);
  if (found == std::end(names)) return std::nullopt;
  return static_cast<Way>(found - std::begin(names));
}

// Both sides of each exchange meet here: those in front that wait get a connection behind.
struct ReferenceProxy::State {
  explicit State(ProxyOptions proxy_options)
      : options(std::move(proxy_options)), faults(options.violations), random(options.seed) {
    if (options.way == Way::h1_to_h2) {
      front.emplace<ProxyFrontH1>(options, faults, random);
    } else {
      front.emplace<ProxyFrontH2>(options, faults, random);
    }
    settle();
  }

  using FrontSide = std::variant<std::monostate, ProxyFrontH2, ProxyFrontH1>;
  using Link = std::variant<std::monostate, ProxyBackH1, ProxyBackH2>;

  template <class Side, class Use>
  static auto with(Side& side, Use use) {
    using First = std::variant_alternative_t<1, std::remove_const_t<Side>>;
    using Second = std::variant_alternative_t<2, std::remove_const_t<Side>>;
    if (auto* one = std::get_if<First>(&side)) return use(*one);
    return use(std::get<Second>(side));
  }
  template <class Use>
  void with_link(std::size_t number, Use use) {
    const auto found = open.find(number);
    if (found == open.end()) return;
    with(found->second, use);
    settle();
  }
  template <class Use>
  void with_front(Use use) {
    with(front, use);
    settle();
  }
  bool front_over() const {
    return with(front, [](const auto& one) { return one.over(); });
  }

  void settle();
  bool pump();
  void find_link(ProxyExchange& exchange);
  Link& add_link();

  ProxyOptions options;
  ProxyFaults faults;
  Random random;
  std::map<std::size_t, Link> open;  // those that are not over; before `front`, whose exchanges lean on them
  std::size_t opened = 0;
  FrontSide front;
};

ReferenceProxy::State::Link& ReferenceProxy::State::add_link() {
  auto& link = open[opened++];
  if (options.way == Way::h2_to_h1) {
    link.emplace<ProxyBackH1>(faults);
  } else {
    link.emplace<ProxyBackH2>(options, faults);
  }
  if (opened >= options.limits.most_links) with(front, [](auto& one) { one.go_away(); });
  return link;
}

void ReferenceProxy::State::find_link(ProxyExchange& exchange) {
  const auto serves = [&](const auto& link) {
    if (const auto* one = std::get_if<ProxyBackH1>(&link.second)) {
      return one->is_idle() && !exchange.wants_fresh_connection();
    }
    return std::get<ProxyBackH2>(link.second).has_room();
  };
  const auto found = std::ranges::find_if(open, serves);
  auto& link = found == open.end() ? add_link() : found->second;
  with(link, [&](auto& one) { one.serve(exchange); });
}

bool ReferenceProxy::State::pump() {
  bool moved = false;
  bool stalled = false;
  if (faults.breaks("TUN-08/blocks")) {
    with(front, [&](auto& side) {
      side.for_each_exchange([&](ProxyExchange& exchange) { stalled = stalled || exchange.is_stalled(); });
    });
  }
  with(front, [&](auto& side) {
    side.for_each_exchange([&](ProxyExchange& exchange) {
      if (stalled && !exchange.is_stalled()) return;
      moved = exchange.pump() || moved;
      if (!exchange.waits_for_leg()) return;
      find_link(exchange);
      moved = true;
    });
  });
  return moved;
}

void ReferenceProxy::State::settle() {
  do {
    with(front, [](auto& side) { side.settle(); });
    for (auto& [number, link] : open) with(link, [](auto& one) { one.settle(); });
  } while (pump());
  with(front, [](auto& side) { side.settle(); });
  if (front_over())
    for (auto& [number, link] : open) with(link, [](auto& one) { one.dismiss(); });
  std::size_t idle = 0;
  for (auto& [number, link] : open) {
    auto* one = std::get_if<ProxyBackH1>(&link);
    if (one && one->is_idle() && ++idle > options.limits.most_idle) one->dismiss();
  }
  for (auto& [number, link] : open) with(link, [](auto& one) { one.settle(); });
  std::erase_if(open, [](auto& link) { return with(link.second, [](auto& one) { return one.over(); }); });
}

ReferenceProxy::ReferenceProxy(ProxyOptions options) : state_(std::make_unique<State>(std::move(options))) {}
ReferenceProxy::~ReferenceProxy() = default;
ReferenceProxy::ReferenceProxy(ReferenceProxy&&) noexcept = default;
ReferenceProxy& ReferenceProxy::operator=(ReferenceProxy&&) noexcept = default;

// In front

void ReferenceProxy::receive(OctetView octets) {
  state_->with_front([&](auto& one) { one.receive(octets); });
}

void ReferenceProxy::closed(Closing how) {
  state_->with_front([&](auto& one) { one.closed(how); });
}

// What was written makes room for what waited behind it.
Octets ReferenceProxy::take_output() {
  Octets out;
  state_->with_front([&](auto& one) { out = one.take_output(); });
  return out;
}

bool ReferenceProxy::wants_input() const {
  return !state_->faults.all_spoilt() && State::with(state_->front, [](const auto& one) { return one.wants_input(); });
}

ReferenceProxy::Wish ReferenceProxy::wish() const {
  return State::with(state_->front, [](const auto& one) { return one.wish(); });
}

// Behind

std::size_t ReferenceProxy::links() const { return state_->opened; }

ReferenceProxy::Wish ReferenceProxy::wish(std::size_t link) const {
  const auto found = state_->open.find(link);
  if (found == state_->open.end()) return Wish::over;
  return State::with(found->second, [](const auto& one) { return one.wish(); });
}

void ReferenceProxy::connected(std::size_t link) {
  state_->with_link(link, [](auto& one) { one.connected(); });
}

void ReferenceProxy::not_connected(std::size_t link) {
  state_->with_link(link, [](auto& one) { one.not_connected(); });
}

void ReferenceProxy::receive(std::size_t link, OctetView octets) {
  state_->with_link(link, [&](auto& one) { one.receive(octets); });
}

void ReferenceProxy::closed(std::size_t link, Closing how) {
  state_->with_link(link, [&](auto& one) { one.closed(how); });
}

Octets ReferenceProxy::take_output(std::size_t link) {
  Octets out;
  state_->with_link(link, [&](auto& one) { out = one.take_output(); });
  return out;
}

bool ReferenceProxy::wants_input(std::size_t link) const {
  const auto found = state_->open.find(link);
  return found != state_->open.end() && State::with(found->second, [](const auto& one) { return one.wants_input(); });
}

bool ReferenceProxy::is_awaited(std::size_t link) const {
  const auto found = state_->open.find(link);
  return found != state_->open.end() && State::with(found->second, [](const auto& one) { return one.is_awaited(); });
}

void ReferenceProxy::timed_out(std::size_t link) {
  state_->with_link(link, [](auto& one) { one.timed_out(); });
}

bool ReferenceProxy::finished() const {
  if (!state_->front_over()) return false;
  return std::ranges::all_of(state_->open, [](const auto& link) {
    const auto wish = State::with(link.second, [](const auto& one) { return one.wish(); });
    return wish == Wish::over || wish == Wish::abort;
  });
}

}  // namespace upspec
