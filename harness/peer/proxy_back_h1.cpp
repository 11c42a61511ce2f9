#include "peer/proxy_back_h1.hpp"

#include <algorithm>
#include <utility>

namespace upspec {

namespace {

using Wish = ReferenceProxy::Wish;

bool says_close(const h1::Fields& fields, int minor) {
  const auto options = h1::connection_options(fields);
  return minor == 0 || std::ranges::find(options, "close") != options.end();
}

}  // namespace

// What comes from the exchange

void ProxyBackH1::serve(ProxyExchange& exchange, std::string_view fresh_key) {
  exchange_ = &exchange;
  exchange.go_behind(*this);
  exchange.start({}, fresh_key);
}

void ProxyBackH1::send(const ProxyHead& head, bool) {
  const auto& request = std::get<h1::RequestHead>(head);
  method_ = request.method;
  chunked_ = h1::framing_of(request).value_or(h1::Framing{}).kind == h1::Framing::Kind::chunked;
  part_ = Part::head;
  heard_ = false;
  append(out_, as_octets(h1::print(request)));
}

void ProxyBackH1::write(OctetView octets) { append(out_, chunked_ ? OctetView(h1::chunk(octets)) : octets); }

// FIN says it for a channel alone: content has its length or its last chunk (RFC 9112 6.3).
void ProxyBackH1::end() {
  if (part_ == Part::channel) {
    ended_ = true;
  } else if (chunked_) {
    append(out_, as_octets(h1::last_chunk));
  }
}

void ProxyBackH1::reset(h2::ErrorCode) { reset_ = true; }

void ProxyBackH1::leave(bool whole) {
  exchange_ = nullptr;
  if (part_ == Part::whole && whole && persists_ && in_.empty() && !peer_ended_) {
    part_ = Part::idle;
    used_ = true;
  } else {
    gone_ = true;
  }
}

// What comes from the origin

void ProxyBackH1::not_connected() {
  gone_ = true;
  lose(false);
}

void ProxyBackH1::receive(OctetView octets) {
  if (octets.empty() || reset_ || gone_) return;
  if (part_ == Part::idle) {  // PXY-14: nobody asked for this
    gone_ = true;
    return;
  }
  heard_ = true;
  append(in_, octets);
  read();
}

// Whatever the exchange is told may end it.
void ProxyBackH1::read() {
  bool moved = true;
  while (exchange_ && !reset_ && !in_.empty() && std::exchange(moved, false)) {
    if (part_ == Part::head) {
      moved = read_head();
    } else if (part_ == Part::content) {
      moved = read_content();
    } else if (part_ == Part::channel) {
      const auto octets = std::exchange(in_, {});
      exchange_->on_behind_octets(octets);
    }
  }
}

bool ProxyBackH1::read_head() {
  const auto found = h1::read_response_head(in_);
  if (!found) return exchange_->on_garbage(), false;
  if (!*found) return false;
  const auto& head = (*found)->head;
  in_.erase(in_.begin(), in_.begin() + static_cast<std::ptrdiff_t>((*found)->size));
  if (head.status < 200) {
    exchange_->on_answer(head, false);  // a switch makes this a channel
    return true;
  }
  const auto framing = h1::framing_of(head, method_);
  if (!framing) return exchange_->on_garbage(), false;
  content_ = h1::ContentReader(*framing);
  until_close_ = framing->kind == h1::Framing::Kind::until_close;
  persists_ = !until_close_ && !says_close(head.fields, head.minor);
  part_ = content_.done() ? Part::whole : Part::content;
  exchange_->on_answer(head, content_.done());
  return true;
}

bool ProxyBackH1::read_content() {
  const auto taken = content_.read(in_);
  if (!taken) return exchange_->on_garbage(), false;
  in_.erase(in_.begin(), in_.begin() + static_cast<std::ptrdiff_t>(taken->size));
  if (!taken->content.empty()) exchange_->on_behind_octets(taken->content);
  if (!content_.done()) return false;
  part_ = Part::whole;
  if (exchange_) exchange_->on_behind_end();
  return true;
}

void ProxyBackH1::lose(bool stale) {
  if (exchange_) exchange_->on_behind_lost(stale);
}

void ProxyBackH1::closed(Closing how) {
  if (std::exchange(peer_ended_, true)) return;
  if (part_ == Part::idle) gone_ = true;
  const bool ends_here = part_ == Part::channel || (part_ == Part::content && until_close_);
  if (how == Closing::fin && ends_here) {
    if (part_ == Part::content) part_ = Part::whole;
    if (exchange_) exchange_->on_behind_end();
    return;
  }
  if (how == Closing::reset) gone_ = true;
  if (part_ != Part::whole || how == Closing::reset) lose(used_ && !heard_ && part_ == Part::head);
}

// What the driver asks

Octets ProxyBackH1::take_output() { return std::exchange(out_, {}); }

Wish ProxyBackH1::wish() const {
  if (gone_ && !connected_) return Wish::over;
  if (reset_) return connected_ ? Wish::abort : Wish::over;
  if (gone_ && out_.empty()) return Wish::over;
  if (!connected_) return Wish::open;
  if (!ended_) return Wish::keep;
  return peer_ended_ && out_.empty() ? Wish::over : Wish::shut;
}

bool ProxyBackH1::is_awaited() const {
  return !gone_ && !reset_ && exchange_ && (!connected_ || exchange_->awaits_answer());
}

void ProxyBackH1::timed_out() {
  if (exchange_) exchange_->on_timed_out();
}

void ProxyBackH1::dismiss() {
  if (part_ == Part::idle) gone_ = true;
}

}  // namespace upspec
