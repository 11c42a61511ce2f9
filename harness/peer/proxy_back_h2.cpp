#include "peer/proxy_back_h2.hpp"

#include <algorithm>
#include <utility>

namespace upspec {

namespace {

using Wish = ReferenceProxy::Wish;

Nghttp2Options session_options() {
  Nghttp2Options out;
  out.server = false;
  out.settings = {{h2::setting::enable_push, 0}, {h2::setting::max_header_list_size, 1u << 16}};
  return out;
}

}  // namespace

ProxyBackH2::ProxyBackH2(const ProxyOptions& options, const ProxyFaults& faults)
    : options_(options), faults_(faults), session_(session_options()), most_streams_(options.limits.most_streams) {}

bool ProxyBackH2::has_room() const {
  return !gone_ && !going_away_ && !dismissed_ && streams_.size() < std::max(1u, most_streams_);
}

void ProxyBackH2::serve(ProxyExchange& exchange) {
  auto& stream = streams_.emplace_back(Stream{&exchange, std::make_unique<StreamLeg>(session_, 0)});
  exchange.go_behind(*stream.leg);
  if (had_settings_) begin(stream);
}

void ProxyBackH2::begin(Stream& stream) {
  if (stream.leg->has_left()) return;
  stream.exchange->start(announced_);
  if (!stream.leg->has_left() && stream.leg->stream() == 0) stream.exchange->on_behind_lost(false);  // no ids left
}

ProxyBackH2::Stream* ProxyBackH2::find(std::uint32_t id) {
  const auto found = std::ranges::find_if(streams_, [&](const Stream& one) { return one.leg->stream() == id; });
  return found == streams_.end() || found->leg->has_left() ? nullptr : &*found;
}

void ProxyBackH2::receive(OctetView octets) {
  session_.feed(octets);
  while (session_.step()) handle_events();
  handle_events();
}

void ProxyBackH2::handle_events() {
  for (auto events = session_.take_events(); !events.empty(); events = session_.take_events())
    for (auto& event : events) std::visit([&](auto& seen) { on(seen); }, event);
}

void ProxyBackH2::on(SectionSeen& seen) {
  auto* stream = find(seen.stream);
  if (!stream) return;
  if (seen.too_large) return stream->exchange->on_garbage();
  stream->exchange->on_answer(std::move(seen.fields), seen.end_stream);
}

void ProxyBackH2::on(DataSeen& seen) {
  if (auto* stream = find(seen.stream)) return stream->exchange->on_behind_octets(seen.octets);
  session_.consume(seen.stream, seen.octets.size());
}

void ProxyBackH2::on(EndSeen& seen) {
  if (auto* stream = find(seen.stream)) stream->exchange->on_behind_end();
}

void ProxyBackH2::on(ClosedSeen& seen) {
  if (auto* stream = find(seen.stream)) stream->exchange->on_behind_lost(false);
}

void ProxyBackH2::on(SettingsSeen& seen) {
  for (const auto& [id, value] : seen.list) {
    // NEG-03, XC-03: another value is no announcement.
    const bool announces = id == options_.upgrade_setting || id == h2::setting::enable_connect_protocol;
    if (announces && value > 1) return session_.terminate(h2::ErrorCode::protocol_error);
    if (id == options_.upgrade_setting) announced_.upgrade = value == 1;
    if (id == h2::setting::enable_connect_protocol) announced_.connect = value == 1;
    if (id == h2::setting::max_concurrent_streams) most_streams_ = std::min(value, options_.limits.most_streams);
  }
  if (std::exchange(had_settings_, true)) return;
  for (auto& stream : streams_) begin(stream);
}

void ProxyBackH2::on(GoawaySeen& seen) {
  going_away_ = true;
  if (faults_.breaks("TUN-10/behind")) return lose_all();
  for (auto& stream : streams_) {
    const bool unheard = stream.leg->stream() == 0 || stream.leg->stream() > seen.last_stream;
    if (unheard && !stream.leg->has_left()) stream.exchange->on_behind_lost(false);
  }
}

void ProxyBackH2::closed(Closing) {
  handle_events();
  last_output_.clear();
  lose_all();
}

// GOAWAY may be on its way.
void ProxyBackH2::leave() {
  gone_ = true;
  if (connected_) append(last_output_, session_.take_output());
}

Octets ProxyBackH2::take_output() {
  if (gone_) return std::exchange(last_output_, {});
  return session_.take_output();
}

void ProxyBackH2::lose_all() {
  gone_ = true;
  for (auto& stream : streams_)
    if (!stream.leg->has_left()) stream.exchange->on_behind_lost(false);
}

bool ProxyBackH2::is_awaited() const {
  if (gone_ || streams_.empty()) return false;
  return !had_settings_ || std::ranges::any_of(streams_, [](const Stream& one) {
    return !one.leg->has_left() && one.exchange->awaits_answer();
  });
}

void ProxyBackH2::timed_out() {
  for (auto& stream : streams_)
    if (!stream.leg->has_left()) stream.exchange->on_timed_out();
  if (!had_settings_) gone_ = true;
}

void ProxyBackH2::dismiss() { dismissed_ = !faults_.breaks("SEC-05/kept"); }

void ProxyBackH2::settle() {
  handle_events();
  if (session_.over() && !gone_) {
    leave();
    lose_all();
  }
  std::erase_if(streams_, [](const Stream& one) { return one.leg->has_left(); });
  if ((dismissed_ || going_away_) && streams_.empty() && !session_.over()) {
    if (connected_) session_.terminate(h2::ErrorCode::no_error);
    leave();
  }
}

Wish ProxyBackH2::wish() const {
  if (gone_ && last_output_.empty()) return Wish::over;
  return connected_ ? Wish::keep : Wish::open;
}

}  // namespace upspec
