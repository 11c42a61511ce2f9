#include "peer/proxy_exchange.hpp"

#include <algorithm>
#include <utility>

#include "base/base64.hpp"

namespace upspec {

namespace {

using h2::ErrorCode;
using Kind = FrontAnswer::Kind;

constexpr std::size_t bite = 1u << 14;
constexpr Announced every_announcement{.upgrade = true, .connect = true};

// Is it worth asking again where a connection turned out to be stale? (RFC 9110 9.2.2; nothing but the head was said.)
bool may_be_repeated(const FrontRequest& request) {
  if (!request.end || request.asks) return false;
  const auto* section = std::get_if<h2::FieldSection>(&request.head);
  const auto* method = section ? h2::find(*section, ":method") : &std::get<h1::RequestHead>(request.head).method;
  return method && (*method == "GET" || *method == "HEAD" || *method == "OPTIONS");
}

// The length of an ordinary request's content, where HTTP/2 says it; HTTP/1.1's framing is its connection's to keep.
std::optional<std::uint64_t> declared(const FrontRequest& request) {
  if (request.asks) return request.content;
  const auto* section = std::get_if<h2::FieldSection>(&request.head);
  return section ? content_length(*section) : std::nullopt;
}

// The same of a final answer.
std::optional<std::uint64_t> declared(const ProxyHead& answer, const ProxyHead& request) {
  const auto* section = std::get_if<h2::FieldSection>(&answer);
  const auto* asked = std::get_if<h2::FieldSection>(&request);
  const auto* method = asked ? h2::find(*asked, ":method") : nullptr;
  return section && method ? response_length(*method, *section) : std::nullopt;
}

}  // namespace

ProxyExchange::ProxyExchange(const ProxyOptions& options, const ProxyFaults& faults, Random& random, ProxyLeg& front,
                             FrontRequest request)
    : options_(&options), faults_(&faults), front_(&front), request_(std::move(request)) {
  if (request_.asks == Dialect::connect) fresh_key_ = base64(random.octets(16));
  const auto length = declared(request_);
  counted_ = length.has_value();
  content_to_come_ = length.value_or(0);
  content_to_go_ = content_to_come_;
  // A request that no hop could carry needs none.
  auto possible = carry_request(options, request_, every_announcement, fresh_key_);
  if (!possible) {
    refuse(possible.error());
    return;
  }
  for_any_ = *std::move(possible);
  if (request_.end) on_front_end();
}

// In front

void ProxyExchange::on_front_octets(OctetView octets) {
  if (over_) return front_->consume(octets.size());
  const bool too_long = counted_ && !request_.asks && octets.size() > content_to_come_;  // RFC 9113 8.1.1
  if (too_long && !breaks_any({"PXY-12/longer", "SEC-06/longer"})) return malformed();
  content_to_come_ -= std::min<std::uint64_t>(content_to_come_, octets.size());
  if (loses(up_, "PXY-10/up-lost")) return front_->consume(octets.size());
  if (breaks("PXY-10/up-unbounded")) front_->consume(octets.size());
  if (!switched_ || faults_->none()) return append(up_.octets, octets);
  auto spoilt = to_octets(octets);
  spoil_octets(spoilt);
  append(up_.octets, spoilt);
}

void ProxyExchange::on_front_end() {
  if (over_) return;
  if (counted_ && content_to_come_ != 0 && !breaks("PXY-12/shorter")) return malformed();  // BODY-07
  if (switched_ && breaks("PXY-09/end-ignored")) return;
  if (switched_ && breaks("PXY-09/end-is-reset")) return leave_behind(ErrorCode::cancel);
  if (switched_ && breaks("PXY-08/with-end")) up_.octets.clear();
  if (switched_ && breaks_any({"PXY-09/half-close", "TUN-03/half-close"})) down_.ended = true;
  up_.ended = true;
}

// REQ-06, BODY-10, RES-11. Trailers of an ordinary request are not carried (RFC 9110 6.5.1).
void ProxyExchange::on_front_trailers(bool right) {
  if (over_) return;
  if (request_.asks || !right) return malformed();
  on_front_end();
}

void ProxyExchange::on_front_lost() {
  if (over_) return;
  leave_behind(request_.asks == Dialect::upgrade ? ErrorCode::connect_error : ErrorCode::cancel);
  finish();
}

void ProxyExchange::on_front_closed() {
  if (over_ || (up_.ended && down_.closed)) return;
  on_front_lost();
}

bool ProxyExchange::content_is_here() const { return request_.asks || counted_ ? content_to_come_ == 0 : up_.ended; }

// Behind

void ProxyExchange::start(Announced hop) {
  if (breaks("PXY-16/unannounced") || breaks("XC-15/unannounced")) {
    hop.upgrade = hop.upgrade || breaks("PXY-16/unannounced");
    hop.connect = true;
  }
  if (hop == every_announcement && for_any_) {
    sent_ = *std::exchange(for_any_, std::nullopt);
  } else {
    auto carried = carry_request(*options_, request_, hop, fresh_key_);
    if (!carried) return refuse(carried.error());
    sent_ = *std::move(carried);
  }
  faults_->spoil_request(sent_->head, request_.came);
  // An upgrade that goes on without (PXY-15) has the content that it had, and no channel.
  const bool empty = request_.asks && !sent_->asks && content_to_go_ == 0;
  behind_->send(sent_->head, request_.end || empty);
  if (empty || (request_.end && !sent_->asks)) up_.closed = true;
}

void ProxyExchange::on_answer(ProxyHead head, bool end) {
  if (over_) return;
  if (switched_ || answered_) {                              // a trailer section, which only an ordinary answer has
    if (switched_) leave_behind(ErrorCode::protocol_error);  // RES-11
    if (switched_ || !end) return on_behind_lost(false);
    return on_behind_end();
  }
  const auto kept = faults_->none() ? ProxyHead{} : head;
  const auto& came = faults_->none() ? head : kept;
  faults_->forgive_answer(head, request_, sent_->head);
  auto answer = carry_answer(*options_, request_, *sent_, head, end);
  if (!answer) return bad_gateway(answer.error());
  faults_->spoil_answer(*answer, request_, sent_->head, came);
  if (answer->kind == Kind::accept) return on_switch(*answer);
  if (answer->kind == Kind::interim) return end ? bad_gateway() : on_interim(*answer);
  answer_to_come_ = declared(came, sent_->head);
  if (end && answer_to_come_.value_or(0) != 0)
    return bad_gateway();  // RFC 9113 8.1.1: what is malformed goes no further
  answered_ = true;
  front_->send(answer->head, end);
  if (!end && request_.asks && breaks("BODY-05/answered")) down_.octets = up_.octets;
  if (end) down_.ended = down_.closed = true;
}

void ProxyExchange::on_interim(const FrontAnswer& answer) {
  if (interim_ == options_->limits.most_interim && breaks("SEC-04/interim")) faults_->spoil_all();
  if (++interim_ > options_->limits.most_interim) return bad_gateway();
  if (breaks("PXY-06/interim-lost") || (interim_ > 1 && breaks("PXY-06/first-interim"))) return;
  const bool ends = breaks("PXY-06/interim-ends");
  front_->send(answer.head, ends);
  if (ends) answered_ = down_.ended = down_.closed = true;
}

void ProxyExchange::on_switch(const FrontAnswer& answer) {
  switched_ = true;
  front_->become_channel();
  front_->send(answer.head, false);
  behind_->become_channel();
  if (faults_->none()) return;
  if (breaks("BODY-05/lost")) up_.octets.resize(std::min<std::size_t>(up_.octets.size(), content_to_go_));
}

void ProxyExchange::on_behind_octets(OctetView octets) {
  if (over_) return;
  if (!answered_ && !switched_) return bad_gateway();
  const bool lost = (answered_ && request_.asks && breaks("PXY-06/content")) || loses(down_, "PXY-10/lost");
  if (lost) return behind_->consume(octets.size());
  if (answered_ && answer_to_come_) {
    if (octets.size() > *answer_to_come_) return bad_gateway();
    *answer_to_come_ -= octets.size();
  }
  if (!switched_ || faults_->none()) return append(down_.octets, octets);
  auto spoilt = to_octets(octets);
  spoil_octets(spoilt);
  append(down_.octets, spoilt);
}

void ProxyExchange::on_behind_end() {
  if (over_) return;
  if (!answered_ && !switched_) return bad_gateway();
  if (answered_ && answer_to_come_.value_or(0) != 0) return bad_gateway();
  if (switched_ && breaks("PXY-09/fin-ignored")) return;
  if (switched_ && breaks("PXY-09/fin-is-reset")) return bad_gateway();
  if (switched_ && breaks_any({"PXY-09/closes-both", "TUN-03/closes-both"})) up_.ended = true, up_.octets.clear();
  down_.ended = true;
}

void ProxyExchange::on_behind_lost(bool stale) {
  if (over_) return;
  if (down_.ended && (answered_ || up_.closed)) return;
  if (stale && may_be_repeated(request_) && interim_ == 0) {
    behind_->leave(false);
    behind_ = nullptr;
    up_.closed = false;
    is_retry_ = true;
    return;
  }
  if (switched_ && breaks("PXY-09/abort-is-end")) return on_behind_end();
  if (switched_ && breaks("PXY-09/abort-ignored")) return;
  if (!switched_ && breaks("PXY-22/died-hang")) return;
  bad_gateway();
}

void ProxyExchange::on_garbage() {
  if (!breaks("PXY-22/garbage-hang")) bad_gateway();
}

void ProxyExchange::on_timed_out() {
  if (!over_ && !answered_ && !switched_ && !breaks("PXY-22/silent-hang")) bad_gateway(504);
}

// Moving octets

// PXY-11: the content, and nothing past it until the origin has switched.
std::size_t ProxyExchange::allowed_up() const {
  if (switched_ || !request_.asks) return up_.octets.size();
  if (breaks_any({"PXY-11/at-once", "SEC-06/early"})) return up_.octets.size();
  return static_cast<std::size_t>(std::min<std::uint64_t>(content_to_go_, up_.octets.size()));
}

// The end of a channel's direction waits for the channel, that of content for nothing.
bool ProxyExchange::may_end_up() const {
  if (switched_) return up_.ended && up_.octets.empty();
  if (is_carried()) return false;
  if (request_.asks) return content_to_go_ == 0;
  return up_.ended && up_.octets.empty();
}

bool ProxyExchange::pump_up() {
  bool moved = false;
  if (behind_ && sent_ && content_to_go_ != 0 && (breaks("PXY-12/lost") || (switched_ && breaks("PXY-12/truncated")))) {
    const auto size = std::min<std::size_t>(content_to_go_, up_.octets.size());
    up_.octets.erase(up_.octets.begin(), up_.octets.begin() + static_cast<std::ptrdiff_t>(size));
    content_to_go_ -= size;
    front_->consume(size);
  }
  while (behind_ && sent_ && !up_.closed && behind_->unsent() < options_->limits.high_water) {
    const auto size = std::min(bite, allowed_up());
    if (size == 0) break;
    behind_->write(OctetView(up_.octets).first(size));
    up_.octets.erase(up_.octets.begin(), up_.octets.begin() + static_cast<std::ptrdiff_t>(size));
    content_to_go_ -= std::min<std::uint64_t>(content_to_go_, size);
    if (!breaks("PXY-10/up-unbounded")) front_->consume(size);
    moved = true;
  }
  if (behind_ && sent_ && !up_.closed && may_end_up()) {
    up_.closed = true;
    behind_->end();
    moved = true;
  }
  return moved;
}

bool ProxyExchange::pump_down() {
  bool moved = false;
  while (!down_.octets.empty() && front_->unsent() < options_->limits.high_water) {
    const auto size = std::min(bite, down_.octets.size());
    front_->write(OctetView(down_.octets).first(size));
    down_.octets.erase(down_.octets.begin(), down_.octets.begin() + static_cast<std::ptrdiff_t>(size));
    if (behind_) behind_->consume(size);
    moved = true;
  }
  if (down_.octets.empty() && down_.ended && !down_.closed) {
    down_.closed = true;
    front_->end();
    moved = true;
  }
  return moved;
}

// BODY-05: what came behind the content of an offer that is no channel's any more.
void ProxyExchange::drop_early() {
  const bool no_channel = request_.asks && sent_ && (answered_ || !sent_->asks);
  if (!no_channel || up_.octets.size() <= content_to_go_) return;
  const auto keep = static_cast<std::size_t>(content_to_go_);
  if (behind_ && answered_ && breaks_any({"PXY-11/declined", "BODY-05/forwarded"}))
    behind_->write(OctetView(up_.octets).subspan(keep));
  front_->consume(up_.octets.size() - keep);
  up_.octets.resize(keep);
}

bool ProxyExchange::pump() {
  if (over_) return false;
  bool moved = pump_up();
  moved = pump_down() || moved;
  drop_early();
  const bool whole_answer = answered_ && down_.closed;
  if (whole_answer || (switched_ && up_.closed && down_.closed)) finish();
  return moved;
}

// What violations do to octets

bool ProxyExchange::has_room_for_behind() const {
  if (breaks_any({"PXY-10/unbounded", "PXY-10/lost", "SEC-03/unbounded"})) return true;
  return down_.octets.size() < options_->limits.high_water;
}

bool ProxyExchange::has_room_for_front() const {
  if (breaks_any({"PXY-10/up-unbounded", "PXY-10/up-lost"})) return true;
  return up_.octets.size() < options_->limits.high_water;
}

bool ProxyExchange::loses(const Flow& flow, std::string_view id) const {
  return switched_ && breaks(id) && flow.octets.size() >= options_->limits.high_water / 4;
}

void ProxyExchange::spoil_octets(Octets& octets) const {
  if (octets.empty()) return;
  if (breaks("TUN-01/lost")) octets.pop_back();
  if (breaks("TUN-01/repeated")) octets.insert(octets.begin(), Octets(octets).front());
  if (breaks("TUN-01/reversed")) std::ranges::reverse(octets);
  if (breaks("PXY-08/nul")) std::erase(octets, std::uint8_t{0});
  if (breaks("PXY-08/high")) std::erase_if(octets, [](std::uint8_t one) { return one >= 0x80; });
  if (!breaks("PXY-08/line-ends")) return;
  for (std::size_t at = 0; at < octets.size(); ++at)
    if (octets[at] == '\n' && (at == 0 || octets[at - 1] != '\r'))
      octets.insert(octets.begin() + static_cast<std::ptrdiff_t>(at++), '\r');
}

// Ending

void ProxyExchange::answer_ourselves(RefusedWith status) {
  front_->send(own_answer(*options_, status), true);
  answered_ = true;
  down_.ended = down_.closed = true;
}

void ProxyExchange::refuse(RefusedWith status) {
  if (status == 400) return malformed();
  answer_ourselves(status);
  finish();
}

// What is malformed in front never goes on.
void ProxyExchange::malformed() {
  leave_behind(ErrorCode::cancel);
  if (std::holds_alternative<h1::RequestHead>(request_.head) && !answered_ && !switched_) {
    answer_ourselves(400);
  } else {
    front_->reset(ErrorCode::protocol_error);
  }
  finish();
}

void ProxyExchange::bad_gateway(RefusedWith status) {
  if (over_) return;
  if (breaks("PXY-22/200")) status = 200;
  leave_behind(ErrorCode::cancel);
  if (answered_ || switched_) {
    fail_front();
  } else {
    answer_ourselves(status);
  }
  finish();
}

// PXY-09. What the origin had said before goes first, as far as the front takes it.
void ProxyExchange::fail_front() {
  if (!down_.octets.empty()) front_->write(down_.octets);
  down_.octets.clear();
  const auto code = !switched_                          ? ErrorCode::internal_error
                    : request_.asks == Dialect::upgrade ? ErrorCode::connect_error
                                                        : ErrorCode::cancel;
  front_->reset(code);
}

void ProxyExchange::leave_behind(ErrorCode code) {
  if (behind_) behind_->reset(code);
}

void ProxyExchange::finish() {
  const bool whole = answered_ && content_is_here() && up_.octets.empty() && (up_.closed || is_carried());
  over_ = true;
  if (behind_ && sent_ && whole && !up_.closed) behind_->end();  // RES-10
  if (behind_) behind_->leave(whole);
  front_->consume(up_.octets.size());
  up_.octets.clear();
  front_->leave(answered_ && content_is_here());
}

}  // namespace upspec
