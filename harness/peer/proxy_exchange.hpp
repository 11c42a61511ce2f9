// One exchange through the proxy: a request from in front, its answers from behind, and the channel that may come of it
// (protocol.md sections 5, 7 and 10). It says what may go on and when; how that is written is the legs' business, and
// what the messages become is proxy_translation's.
#pragma once

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <string>

#include "base/octets.hpp"
#include "base/random.hpp"
#include "peer/proxy_faults.hpp"
#include "peer/proxy_leg.hpp"
#include "peer/proxy_translation.hpp"

namespace upspec {

class ProxyExchange {
 public:
  // What it is given lives as long as the connection in front. `random`: of the key in Sec-WebSocket-Key.
  ProxyExchange(const ProxyOptions& options, const ProxyFaults& faults, Random& random, ProxyLeg& front,
                FrontRequest request);

  // From in front.
  void on_front_octets(OctetView octets);
  void on_front_end();  // of the content, or of the channel's direction
  void on_front_trailers(bool right);
  void on_front_lost();  // reset, or the connection has gone
  // The stream has closed in order: nothing more can be said there.
  void on_front_closed();

  // Behind. It waits for a leg, and may wait for another one when that leg's connection was stale; then for start(),
  // which says what the hop has announced; HTTP/1.1 takes everything.
  bool waits_for_leg() const { return behind_ == nullptr && !over_; }
  bool wants_fresh_connection() const { return is_retry_; }
  void go_behind(ProxyLeg& behind) { behind_ = &behind; }
  void start(Announced hop);
  void on_answer(ProxyHead head, bool end);
  void on_behind_octets(OctetView octets);
  void on_behind_end();
  // `stale`: a connection that had served before, and said nothing.
  void on_behind_lost(bool stale);
  void on_garbage();  // what came is no answer
  void on_timed_out();

  // Moves what can be moved; false when nothing could.
  bool pump();
  bool has_room_for_behind() const;
  bool has_room_for_front() const;
  // The front does not take what waits for it.
  bool is_stalled() const { return !down_.octets.empty() && front_->unsent() >= options_->limits.high_water; }
  // The origin's turn: an answer is owed.
  bool awaits_answer() const { return !over_ && !answered_ && !switched_ && content_is_here(); }
  bool asks() const { return request_.asks.has_value(); }
  // Its content has come whole; what follows is no content.
  bool content_is_here() const;
  bool over() const { return over_; }
  // As it went behind, in HTTP/1.1.
  const h1::RequestHead& sent_request() const { return std::get<h1::RequestHead>(sent_->head); }

 private:
  // Octets on their way to one side.
  struct Flow {
    Octets octets;
    bool ended = false;   // no more will come
    bool closed = false;  // and the other side has been told
  };

  bool breaks(std::string_view id) const { return faults_->breaks(id); }
  bool breaks_any(std::initializer_list<std::string_view> ids) const {
    return !faults_->none() && std::ranges::any_of(ids, [this](auto id) { return breaks(id); });
  }
  void spoil_octets(Octets& octets) const;
  bool loses(const Flow& flow, std::string_view id) const;
  bool is_carried() const { return sent_ && sent_->asks; }
  std::size_t allowed_up() const;
  bool may_end_up() const;
  void on_interim(const FrontAnswer& answer);
  void on_switch(const FrontAnswer& answer);
  bool pump_up();
  bool pump_down();
  void drop_early();
  void answer_ourselves(RefusedWith status);
  void refuse(RefusedWith status);
  void bad_gateway(RefusedWith status = 502);
  void fail_front();
  void leave_behind(h2::ErrorCode code);
  void malformed();
  void finish();

  const ProxyOptions* options_;
  const ProxyFaults* faults_;
  ProxyLeg* front_;
  ProxyLeg* behind_ = nullptr;
  FrontRequest request_;
  std::string fresh_key_;
  std::optional<BehindRequest> for_any_;  // as it would go to a hop that has announced everything
  std::optional<BehindRequest> sent_;
  Flow up_;
  Flow down_;
  std::uint64_t content_to_come_ = 0;  // from in front, where its length is known
  std::uint64_t content_to_go_ = 0;    // behind, likewise
  bool counted_ = false;
  bool answered_ = false;                        // a final answer has begun in front
  std::optional<std::uint64_t> answer_to_come_;  // of its content, where HTTP/2 says how much
  bool switched_ = false;
  bool is_retry_ = false;
  bool over_ = false;
  std::size_t interim_ = 0;
};

}  // namespace upspec
