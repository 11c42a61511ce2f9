// The connection in front, in HTTP/1.1: one request after the other.
#pragma once

#include <memory>
#include <string>

#include "base/octets.hpp"
#include "h1/content.hpp"
#include "peer/proxy_exchange.hpp"
#include "peer/proxy_leg.hpp"
#include "peer/reference_proxy.hpp"

namespace upspec {

class ProxyFrontH1 final : public ProxyLeg {
 public:
  ProxyFrontH1(const ProxyOptions& options, const ProxyFaults& faults, Random& random)
      : options_(options), faults_(faults), random_(random) {}

  void receive(OctetView octets);
  void closed(Closing how);
  Octets take_output();
  bool wants_input() const;
  ReferenceProxy::Wish wish() const;
  bool over() const;
  void go_away() { persists_ = false; }
  void settle();
  template <class Use>
  void for_each_exchange(Use use) {
    if (exchange_) use(*exchange_);
  }

  void send(const ProxyHead& head, bool end) override;
  void write(OctetView octets) override;
  void end() override;
  void become_channel() override;
  void reset(h2::ErrorCode) override { reset_ = true; }
  void consume(std::size_t) override {}
  std::size_t unsent() const override { return out_.size(); }
  void leave(bool whole) override;

 private:
  void read();
  bool read_head();
  bool read_content();
  void refuse(int status);

  const ProxyOptions& options_;
  const ProxyFaults& faults_;
  Random& random_;
  std::unique_ptr<ProxyExchange> exchange_;
  Octets in_;
  Octets out_;
  std::string method_;
  int minor_ = 1;
  h1::ContentReader content_;  // of the request
  bool content_told_ = false;  // that it is whole
  h1::Framing::Kind writes_ = h1::Framing::Kind::none;
  bool asks_ = false;
  bool answered_ = false;  // a final answer has begun
  bool is_channel_ = false;
  bool persists_ = true;
  bool peer_ended_ = false;
  bool ended_ = false;  // our direction
  bool reset_ = false;
  bool gone_ = false;  // the transport broke
};

}  // namespace upspec
