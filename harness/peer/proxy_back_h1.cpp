#include "peer/proxy_back_h1.hpp"

#include <algorithm>
#include <utility>

#include "ws/handshake.hpp"

namespace upspec {

namespace {

using Wish = ReferenceProxy::Wish;

bool says_close(const h1::Fields& fields, int minor) {
  const auto options = h1::connection_options(fields);
  return minor == 0 || std::ranges::find(options, "close") != options.end();
}

}  // namespace

// What comes from the exchange

void ProxyBackH1::serve(ProxyExchange& exchange) {
  exchange_ = &exchange;
  exchange.go_behind(*this);
  exchange.start({.upgrade = true, .connect = true});
  if (exchange_ && exchange.asks() && breaks("PXY-11/blind")) switch_unanswered();
  if (!in_.empty() && breaks("PXY-14/poisoned")) read();
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

void ProxyBackH1::reset(h2::ErrorCode) {
  if (part_ == Part::channel && breaks("PXY-14/switched")) {
    part_ = Part::whole;
    kept_ = true;
    return;
  }
  kept_ = breaks("PXY-09/reset-ignored") || breaks("TUN-04/ignored") || breaks("SEC-05/kept");
  if (part_ == Part::channel && breaks("PXY-09/reset-is-fin")) return end();
  reset_ = !kept_;
}

// PXY-14
bool ProxyBackH1::may_serve_again(bool whole) const {
  if (kept_) return true;
  if (part_ != Part::whole || peer_ended_) return false;
  const bool nothing_followed = in_.empty() || breaks("PXY-14/octets") || breaks("PXY-14/poisoned");
  return (whole || breaks("PXY-14/incomplete")) && (persists_ || breaks("PXY-14/close")) && nothing_followed;
}

// For violations: a tunnel before the origin has said anything.
void ProxyBackH1::switch_unanswered() {
  const auto& sent = exchange_->sent_request();
  h1::ResponseHead head{101, "Switching Protocols", {{"Connection", "upgrade"}}, 1};
  if (const auto protocols = h1::members(sent.fields, "upgrade"); !protocols.empty())
    head.fields.push_back({"Upgrade", protocols.front()});
  if (const auto* key = h1::find(sent.fields, "sec-websocket-key"))
    head.fields.push_back({"Sec-WebSocket-Accept", ws::accept_for(*key)});
  exchange_->on_answer(std::move(head), false);
}

// For violations of PXY-23: the switch's own fields say where the channel ends.
void ProxyBackH1::frame_channel(h1::ResponseHead head) {
  head.status = 200;
  const auto* field = breaks("PXY-23/content-length") ? "content-length" : "transfer-encoding";
  const auto framing = h1::framing_of(head, method_);
  if (!framing || !h1::find(head.fields, field)) return;
  content_ = h1::ContentReader(*framing);
  part_ = content_.done() ? Part::whole : Part::content;
  if (content_.done() && exchange_) exchange_->on_behind_end();
}

void ProxyBackH1::leave(bool whole) {
  exchange_ = nullptr;
  if (kept_ && part_ != Part::whole) return;
  if (may_serve_again(whole)) {
    part_ = Part::idle;
    used_ = true;
    if (!breaks("PXY-14/poisoned")) in_.clear();
  } else {
    gone_ = true;
  }
}

// What comes from the origin

void ProxyBackH1::not_connected() {
  gone_ = true;
  if (!breaks("PXY-22/refused-hang")) lose(false);
}

void ProxyBackH1::receive(OctetView octets) {
  if (octets.empty() || reset_ || gone_ || (kept_ && !exchange_ && part_ != Part::idle)) return;
  if (part_ == Part::idle) {  // PXY-14: nobody asked for this
    gone_ = !kept_ && !breaks("PXY-14/octets") && !breaks("PXY-14/poisoned");
    if (breaks("PXY-14/poisoned")) append(in_, octets);
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
  auto found = h1::read_response_head(in_);
  if (!found) return exchange_->on_garbage(), false;
  if (!*found) return false;
  const auto size = (*found)->size;
  auto head = std::move((*found)->head);
  in_.erase(in_.begin(), in_.begin() + static_cast<std::ptrdiff_t>(size));
  if (head.status < 200) {
    const bool framed = breaks("PXY-23/content-length") || breaks("PXY-23/chunked");
    auto kept = framed ? head : h1::ResponseHead{};
    exchange_->on_answer(std::move(head), false);  // a switch makes this a channel
    if (part_ != Part::channel) return true;
    if (breaks("PXY-08/with-switch")) in_.clear();
    if (framed) frame_channel(std::move(kept));
    return true;
  }
  const auto framing = h1::framing_of(head, method_);
  if (!framing) return exchange_->on_garbage(), false;
  content_ = h1::ContentReader(*framing);
  until_close_ = framing->kind == h1::Framing::Kind::until_close;
  persists_ = !until_close_ && !says_close(head.fields, head.minor);
  part_ = content_.done() ? Part::whole : Part::content;
  exchange_->on_answer(std::move(head), content_.done());
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
  if (part_ == Part::idle && !breaks("SEC-05/kept")) gone_ = true;
}

}  // namespace upspec
