#include "peer/proxy_front_h1.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"

namespace upspec {

namespace {

using Wish = ReferenceProxy::Wish;
using Kind = h1::Framing::Kind;

bool says_close(const h1::RequestHead& request) {
  const auto options = h1::connection_options(request.fields);
  return request.minor == 0 || std::ranges::find(options, "close") != options.end();
}

}  // namespace

// What comes from the client

void ProxyFrontH1::receive(OctetView octets) {
  if (reset_ || gone_ || (ended_ && !exchange_)) return;  // we have said the last word
  append(in_, octets);
  read();
}

void ProxyFrontH1::read() {
  while (!reset_ && !gone_) {
    if (!exchange_) {
      if (ended_ || !read_head()) return;
    } else if (exchange_->over()) {
      return;  // until it has been swept
    } else if (!content_.done() || !content_told_) {
      if (!read_content()) return;
    } else if (is_channel_) {
      if (!in_.empty()) exchange_->on_front_octets(std::exchange(in_, {}));
      if (peer_ended_) exchange_->on_front_end();
      return;
    } else {
      return;  // what follows is for later: a channel's octets, or another request
    }
  }
}

bool ProxyFrontH1::read_head() {
  // RFC 9112 2.2: an empty line before a request is passed over.
  while (in_.size() >= 2 && in_[0] == '\r' && in_[1] == '\n') in_.erase(in_.begin(), in_.begin() + 2);
  auto found = h1::read_request_head(in_);
  if (!found) return refuse(400), false;
  if (!*found) {
    if (peer_ended_) ended_ = true;
    return false;
  }
  ProxyHead any = std::move((*found)->head);
  auto came = faults_.none() ? ProxyHead{} : any;
  const bool forgiven = faults_.forgive_request(any);
  auto head = std::get<h1::RequestHead>(std::move(any));
  in_.erase(in_.begin(), in_.begin() + static_cast<std::ptrdiff_t>((*found)->size));
  const auto framing = h1::framing_of(head);
  if (!framing || !forgiven) return refuse(400), false;
  method_ = head.method;
  minor_ = head.minor;
  persists_ = persists_ && !says_close(head);
  content_ = h1::ContentReader(*framing);
  content_told_ = false;
  answered_ = false;
  auto request = front_request(std::move(head), *framing);
  request.came = std::move(came);
  asks_ = request.asks.has_value();
  exchange_ = std::make_unique<ProxyExchange>(options_, faults_, random_, *this, std::move(request));
  return true;
}

bool ProxyFrontH1::read_content() {
  const auto taken = content_.read(in_);
  if (!taken) {
    const bool too_late = answered_;
    exchange_->on_front_lost();
    if (too_late) reset_ = true;
    if (!too_late) refuse(400);
    return false;
  }
  in_.erase(in_.begin(), in_.begin() + static_cast<std::ptrdiff_t>(taken->size));
  if (!taken->content.empty()) exchange_->on_front_octets(taken->content);
  if (!content_.done()) {
    if (peer_ended_) exchange_->on_front_lost();
    return false;
  }
  content_told_ = true;
  if (!asks_) exchange_->on_front_end();
  return true;
}

// No exchange: what came is no request.
void ProxyFrontH1::refuse(int status) {
  persists_ = false;
  minor_ = 1;
  asks_ = false;
  content_ = h1::ContentReader();
  send(own_answer(options_, status), true);
  ended_ = true;
}

void ProxyFrontH1::closed(Closing how) {
  if (std::exchange(peer_ended_, true) && how == Closing::fin) return;
  if (how == Closing::reset) {
    gone_ = true;
    if (exchange_) exchange_->on_front_lost();
    return;
  }
  read();
}

bool ProxyFrontH1::wants_input() const {
  if (exchange_ && !exchange_->has_room_for_front()) return false;
  return !exchange_ || is_channel_ || !content_.done() || in_.size() < options_.limits.high_water;
}

// What comes from the exchange

void ProxyFrontH1::send(const ProxyHead& head, bool) {
  auto response = std::get<h1::ResponseHead>(head);
  if (response.status < 200 && response.status != 101 && minor_ == 0) return;  // RFC 9110 15.2
  if (response.status >= 200) {
    answered_ = true;
    writes_ = h1::framing_of(response, method_).value_or(h1::Framing{}).kind;
    // What is left of this request, or followed an offer that was declined (BODY-05), is not another request.
    const bool rest = !content_.done() || (asks_ && !in_.empty());
    if (rest || response.status == 400 || writes_ == Kind::until_close || peer_ended_) persists_ = false;
    if (!persists_) response.fields.push_back({"Connection", "close"});
  }
  append(out_, as_octets(h1::print(response)));
}

void ProxyFrontH1::write(OctetView octets) {
  append(out_, !is_channel_ && writes_ == Kind::chunked ? OctetView(h1::chunk(octets)) : octets);
}

void ProxyFrontH1::end() {
  if (is_channel_) {
    ended_ = true;
  } else if (writes_ == Kind::chunked) {
    append(out_, as_octets(h1::last_chunk));
  }
}

void ProxyFrontH1::become_channel() { is_channel_ = true; }

// Without an exchange this is called while one is made: it has refused the request.
void ProxyFrontH1::leave(bool whole) {
  if (is_channel_ || !whole || !persists_) ended_ = true;
}

void ProxyFrontH1::settle() {
  if (exchange_ && exchange_->over()) {
    exchange_.reset();
  }
  read();
}

// What the driver asks

Octets ProxyFrontH1::take_output() { return std::exchange(out_, {}); }

Wish ProxyFrontH1::wish() const {
  if (over()) return reset_ && !gone_ ? Wish::abort : Wish::over;
  return ended_ ? Wish::shut : Wish::keep;
}

bool ProxyFrontH1::over() const {
  return gone_ || reset_ || (ended_ && out_.empty() && (!exchange_ || exchange_->over()));
}

}  // namespace upspec
