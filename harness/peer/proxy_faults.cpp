#include "peer/proxy_faults.hpp"

#include <utility>

namespace upspec {

namespace {

template <class Fault>
void choose(std::span<const Fault> all, const Violations& violations, std::vector<const Fault*>& out) {
  for (const auto& fault : all)
    if (violations.breaks(fault.id)) out.push_back(&fault);
}

// TUN-06: the client's INITIAL_WINDOW_SIZE never came.
void forget_initial_window(h2::Frame& frame) {
  auto list = h2::read_settings(frame.payload);
  if (!frame.is(h2::FrameType::settings) || frame.has(h2::flag::ack) || !list) return;
  std::erase_if(*list, [](const h2::Setting& one) { return one.id == h2::setting::initial_window_size; });
  frame.payload = h2::settings_payload(*list);
}

// SEC-01, SEC-04: what of it stops the whole proxy, and how much.
struct Flood {
  std::string_view id;
  bool (*is_of_it)(const h2::Frame&);
  std::size_t most;
};
constexpr Flood floods[] = {
    {"SEC-01/stuck", [](const h2::Frame& frame) { return frame.is(h2::FrameType::rst_stream); }, 20},
    {"SEC-04/ping", [](const h2::Frame& frame) { return frame.is(h2::FrameType::ping); }, 1000},
    {"SEC-04/settings", [](const h2::Frame& frame) { return frame.is(h2::FrameType::settings); }, 1000},
    {"SEC-04/window", [](const h2::Frame& frame) { return frame.is(h2::FrameType::window_update); }, 1000},
    {"SEC-04/empty", [](const h2::Frame& frame) { return frame.is(h2::FrameType::data) && frame.payload.empty(); },
     1000},
};

}  // namespace

ProxyFaults::ProxyFaults(const Violations& violations) : violations_(violations) {
  if (violations.none()) return;
  for (const auto table : {proxy_attribute_faults(), proxy_request_faults(), proxy_smuggling_faults()})
    choose(table, violations, requests_);
  choose(proxy_answer_faults(), violations, answers_);
}

bool ProxyFaults::forgive_request(ProxyHead& head) const {
  if (requests_.empty()) return true;
  const auto came = head;
  ProxyRequestCase one{head, came};
  for (const auto* fault : requests_)
    if (fault->before) fault->before(one);
  return !one.refused;
}

void ProxyFaults::spoil_request(ProxyHead& sent, const ProxyHead& came) const {
  ProxyRequestCase one{sent, came};
  for (const auto* fault : requests_)
    if (fault->after) fault->after(one);
}

void ProxyFaults::forgive_answer(ProxyHead& head, const FrontRequest& request, const ProxyHead& sent) const {
  if (answers_.empty()) return;
  const auto came = head;
  auto kind = FrontAnswer::Kind::final;
  ProxyAnswerCase one{head, kind, request, sent, came};
  for (const auto* fault : answers_)
    if (fault->before) fault->before(one);
}

void ProxyFaults::spoil_answer(FrontAnswer& answer, const FrontRequest& request, const ProxyHead& sent,
                               const ProxyHead& came) const {
  ProxyAnswerCase one{answer.head, answer.kind, request, sent, came};
  for (const auto* fault : answers_)
    if (fault->after) fault->after(one);
}

SessionHooks ProxyFaults::front_hooks() const {
  SessionHooks hooks;
  if (breaks("TUN-06/initial-window")) {
    hooks.in = [](h2::Frame frame) {
      forget_initial_window(frame);
      return std::vector{std::move(frame)};
    };
  }
  if (breaks("TUN-06/connection")) {
    hooks.in = [first = true](h2::Frame frame) mutable {
      constexpr std::uint32_t huge = 1u << 30;
      std::vector frames{std::move(frame)};
      if (frames.front().is(h2::FrameType::settings) && std::exchange(first, false))
        frames.push_back(h2::window_update(0, huge));
      return frames;
    };
  }
  if (breaks("SEC-02/held")) {
    hooks.in = [](h2::Frame frame) {
      const bool has_end = frame.has(h2::flag::end_headers);
      const bool of_block = frame.is(h2::FrameType::continuation) || (frame.is(h2::FrameType::headers) && !has_end);
      return of_block ? std::vector<h2::Frame>{} : std::vector{std::move(frame)};
    };
  }
  for (const auto& flood : floods) {
    if (!breaks(flood.id)) continue;
    hooks.in = [&flood, violations = violations_, came = std::size_t{0}](h2::Frame frame) mutable {
      if (flood.is_of_it(frame) && ++came > flood.most) violations.spoil_all();
      return std::vector{std::move(frame)};
    };
  }
  const bool streams = breaks("TUN-07/never");
  const bool connection = breaks("TUN-07/connection");
  if (streams || connection) {
    hooks.out = [streams, connection, first = true](h2::Frame frame) mutable {
      const bool window = frame.is(h2::FrameType::window_update);
      const bool opening = frame.stream == 0 && window && std::exchange(first, false);  // the larger window itself
      const bool kept_back = window && !opening && (frame.stream == 0 ? connection : streams);
      return kept_back ? std::vector<h2::Frame>{} : std::vector{std::move(frame)};
    };
  }
  return hooks;
}

}  // namespace upspec
