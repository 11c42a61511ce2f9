// One side of an exchange that the proxy carries: a stream of an HTTP/2 connection, or an HTTP/1.1 connection for as
// long as it serves this exchange. What it is told never comes back as a call in the same breath.
#pragma once

#include <cstddef>
#include <variant>

#include "base/octets.hpp"
#include "h1/head.hpp"
#include "h2/codes.hpp"
#include "h2/hpack.hpp"

namespace upspec {

using ProxyHead = std::variant<h2::FieldSection, h1::RequestHead, h1::ResponseHead>;

class ProxyLeg {
 public:
  ProxyLeg() = default;
  ProxyLeg(const ProxyLeg&) = delete;
  ProxyLeg& operator=(const ProxyLeg&) = delete;
  virtual ~ProxyLeg() = default;

  // In the form that this side speaks. `end`: nothing follows it.
  virtual void send(const ProxyHead& head, bool end) = 0;
  virtual void write(OctetView octets) = 0;
  virtual void end() = 0;
  // From now on octets are the upgraded protocol's. Said before the accept is sent.
  virtual void become_channel() = 0;
  virtual void reset(h2::ErrorCode code) = 0;
  // That many of the octets that came from this side have gone on.
  virtual void consume(std::size_t octets) = 0;
  // Written and not gone out: what back-pressure is measured by.
  virtual std::size_t unsent() const = 0;
  // The exchange is over. `whole`: both its messages are complete on this side, and it was no channel.
  virtual void leave(bool whole) = 0;
};

}  // namespace upspec
