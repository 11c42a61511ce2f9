#include "peer/proxy_front_h2.hpp"

#include <algorithm>
#include <utility>

#include "upgrade/sections.hpp"

namespace upspec {

namespace {

std::vector<h2::Setting> settings_of(const ProxyOptions& options) {
  std::vector<h2::Setting> list;
  list.reserve(3);
  if (options.connect) list.push_back({h2::setting::enable_connect_protocol, 1});
  if (options.upgrade && options.upgrade_needs_setting) list.push_back({options.upgrade_setting, 1});
  list.push_back({h2::setting::max_header_list_size, 1u << 16});
  return list;
}

Nghttp2Options session_options(const ProxyOptions& options, const ProxyFaults& faults) {
  Nghttp2Options out;
  out.hooks = faults.front_hooks();
  out.settings = settings_of(options);
  out.max_streams = options.limits.most_streams;
  return out;
}

}  // namespace

ProxyFrontH2::ProxyFrontH2(const ProxyOptions& options, const ProxyFaults& faults, Random& random)
    : options_(options), faults_(faults), random_(random), session_(session_options(options, faults)) {}

void ProxyFrontH2::receive(OctetView octets) {
  session_.feed(octets);
  while (session_.step()) handle_events();
  handle_events();
}

void ProxyFrontH2::closed(Closing) {
  closed_ = true;
  lose_all();
}

void ProxyFrontH2::lose_all() {
  for (auto& [id, stream] : streams_) stream.exchange.on_front_lost();
}

void ProxyFrontH2::go_away() {
  if (std::exchange(going_away_, true)) return;
  session_.inject(h2::goaway(last_stream_, 0));
}

void ProxyFrontH2::handle_events() {
  for (auto events = session_.take_events(); !events.empty(); events = session_.take_events())
    for (auto& event : events) std::visit([&](auto& seen) { on(seen); }, event);
}

bool ProxyFrontH2::is_malformed(const SectionSeen& seen) const {
  return !check_request(seen.fields, {options_.upgrade, options_.connect}).empty();
}

void ProxyFrontH2::on(SectionSeen& seen) {
  if (const auto found = streams_.find(seen.stream); found != streams_.end()) {
    const bool right = seen.end_stream && !seen.too_large && check_trailers(seen.fields).empty();
    return found->second.exchange.on_front_trailers(right);
  }
  if (!seen.first) return;
  last_stream_ = std::max(last_stream_, seen.stream);
  if (going_away_) return session_.reset(seen.stream, h2::ErrorCode::refused_stream);
  if (seen.too_large) {
    session_.release_when_ended(seen.stream);
    return session_.headers(seen.stream, std::get<h2::FieldSection>(own_answer(options_, 431)), true);
  }
  ProxyHead head = std::move(seen.fields);
  auto came = faults_.none() ? ProxyHead{} : head;
  const bool forgiven = faults_.forgive_request(head);
  seen.fields = std::get<h2::FieldSection>(std::move(head));
  if (!forgiven || is_malformed(seen)) return session_.reset(seen.stream, h2::ErrorCode::protocol_error);
  auto request = front_request(std::move(seen.fields), seen.end_stream);
  request.came = std::move(came);
  const auto made = streams_.try_emplace(seen.stream, *this, seen.stream, std::move(request)).first;
  if (made->second.exchange.over()) streams_.erase(made);
}

// TUN-10: what is open goes on.
void ProxyFrontH2::on(GoawaySeen&) {
  if (faults_.breaks("TUN-10/front")) session_.terminate(h2::ErrorCode::no_error);
}

void ProxyFrontH2::on(DataSeen& seen) {
  const auto found = streams_.find(seen.stream);
  if (found == streams_.end()) return session_.consume(seen.stream, seen.octets.size());
  found->second.exchange.on_front_octets(seen.octets);
}

void ProxyFrontH2::on(EndSeen& seen) {
  if (const auto found = streams_.find(seen.stream); found != streams_.end()) found->second.exchange.on_front_end();
}

void ProxyFrontH2::on(ClosedSeen& seen) {
  if (const auto found = streams_.find(seen.stream); found != streams_.end()) found->second.exchange.on_front_closed();
}

Octets ProxyFrontH2::take_output() { return ended_ ? std::exchange(last_output_, {}) : session_.take_output(); }

void ProxyFrontH2::settle() {
  handle_events();
  if (session_.over() && !std::exchange(ended_, true)) {
    last_output_ = session_.take_output();
    lose_all();
  }
  std::erase_if(streams_, [](const auto& one) { return one.second.exchange.over(); });
  if (!ended_ && going_away_ && streams_.empty() && session_.active() == 0) session_.terminate(h2::ErrorCode::no_error);
}

}  // namespace upspec
