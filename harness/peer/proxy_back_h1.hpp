// A connection behind, in HTTP/1.1: one exchange at a time, and another one only where PXY-14 allows.
#pragma once

#include <string>

#include "base/octets.hpp"
#include "h1/content.hpp"
#include "peer/proxy_exchange.hpp"
#include "peer/proxy_leg.hpp"
#include "peer/reference_proxy.hpp"

namespace upspec {

class ProxyBackH1 final : public ProxyLeg {
 public:
  explicit ProxyBackH1(const ProxyFaults& faults) : faults_(faults) {}

  // The exchange is answered from here until it leaves.
  void serve(ProxyExchange& exchange);
  bool is_idle() const { return part_ == Part::idle && connected_ && !gone_ && !peer_ended_ && !reset_; }

  void connected() { connected_ = true; }
  void not_connected();
  void receive(OctetView octets);
  void closed(Closing how);
  Octets take_output();
  bool wants_input() const { return !exchange_ || exchange_->has_room_for_behind(); }
  ReferenceProxy::Wish wish() const;
  bool is_awaited() const;
  void timed_out();
  // The connection in front is over: nobody will ask here again.
  void dismiss();
  void settle() {}
  // Nothing more will be read, written or asked for.
  bool over() const { return wish() == ReferenceProxy::Wish::over && !exchange_; }

  void send(const ProxyHead& head, bool end) override;
  void write(OctetView octets) override;
  void end() override;
  void become_channel() override { part_ = Part::channel; }
  void reset(h2::ErrorCode) override;
  void consume(std::size_t) override {}
  std::size_t unsent() const override { return out_.size(); }
  void leave(bool whole) override;

 private:
  enum class Part : std::uint8_t { idle, head, content, whole, channel };
  void read();
  bool read_head();
  bool read_content();
  void lose(bool stale);
  bool breaks(std::string_view id) const { return faults_.breaks(id); }
  bool may_serve_again(bool whole) const;
  void switch_unanswered();
  void frame_channel(h1::ResponseHead head);

  const ProxyFaults& faults_;
  ProxyExchange* exchange_ = nullptr;
  Octets in_;
  Octets out_;
  std::string method_;
  bool chunked_ = false;  // what we write
  h1::ContentReader content_;
  Part part_ = Part::idle;
  bool until_close_ = false;
  bool persists_ = true;  // neither side said `close`
  bool used_ = false;     // has served before
  bool heard_ = false;    // something of this answer
  bool connected_ = false;
  bool ended_ = false;  // our direction
  bool peer_ended_ = false;
  bool reset_ = false;  // by us
  bool kept_ = false;   // by a violation, whatever ended it
  bool gone_ = false;   // of no use any more
};

}  // namespace upspec
