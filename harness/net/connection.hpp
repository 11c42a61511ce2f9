// What net needs to know of one end of a connection that it carries octets for. The peers of harness/peer look like
// this already; `Carried` puts one of them into it.
#pragma once

#include <utility>

#include "base/octets.hpp"

namespace upspec {

class Connection {
 public:
  Connection() = default;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  virtual ~Connection() = default;

  virtual void receive(OctetView octets) = 0;
  virtual void peer_ended() = 0;
  virtual Octets take_output() = 0;
  virtual bool finished() const = 0;
};

template <class Peer>
class Carried final : public Connection {
 public:
  explicit Carried(Peer peer) : peer_(std::move(peer)) {}
  void receive(OctetView octets) override { peer_.receive(octets); }
  void peer_ended() override { peer_.peer_ended(); }
  Octets take_output() override { return peer_.take_output(); }
  bool finished() const override { return peer_.finished(); }

 private:
  Peer peer_;
};

}  // namespace upspec
