// The reference server and the reference client as MemoryPeers: what the fuzz targets and the tests of this room run
// scripts against.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "peer/reference_client.hpp"
#include "peer/reference_server.hpp"
#include "script/run_script.hpp"

namespace upspec::script {

// One server a link: connections share nothing.
class ReferenceServerPeer : public MemoryPeer {
 public:
  explicit ReferenceServerPeer(ServerOptions options) : options_(std::move(options)) {}

  bool connect(LinkId link) override {
    servers_.resize(std::max<std::size_t>(servers_.size(), link.number + 1u));
    servers_[link.number].emplace(options_);
    return true;
  }
  bool has_opened(LinkId) override { return false; }
  void receive(LinkId link, OctetView octets) override { servers_[link.number]->receive(octets); }
  void ended(LinkId link, Closing) override { servers_[link.number]->peer_ended(); }
  Octets take_output(LinkId link) override { return servers_[link.number]->take_output(); }
  bool finished(LinkId link) override { return servers_[link.number]->finished(); }

 private:
  ServerOptions options_;
  std::vector<std::optional<ReferenceServer>> servers_;
};

// A client that sends one message in its channel, takes what comes, and ends once it has had as many octets.
class ReferenceClientPeer : public MemoryPeer {
 public:
  ReferenceClientPeer(ClientOptions options, Octets message)
      : client_(std::move(options)), message_(std::move(message)) {}

  bool connect(LinkId) override { return false; }
  bool has_opened(LinkId link) override { return link.number == 0; }
  void receive(LinkId, OctetView octets) override { client_.receive(octets); }
  void ended(LinkId, Closing) override { client_.peer_ended(); }
  Octets take_output(LinkId) override {
    use_channel();
    return client_.take_output();
  }
  bool finished(LinkId) override { return client_.finished(); }

  const ReferenceClient& client() const { return client_; }
  const std::vector<Octets>& messages() const { return messages_; }

 private:
  void use_channel() {
    if (client_.phase() == ReferenceClient::Phase::open && !std::exchange(sent_, true)) client_.send(message_);
    for (auto& message : client_.take_messages()) {
      came_ += message.size();
      if (messages_.size() < 1000) messages_.push_back(std::move(message));
    }
    if (sent_ && came_ >= message_.size() && !std::exchange(ended_, true)) client_.end();
  }

  ReferenceClient client_;
  Octets message_;
  std::vector<Octets> messages_;
  std::size_t came_ = 0;
  bool sent_ = false;
  bool ended_ = false;
};

}  // namespace upspec::script
