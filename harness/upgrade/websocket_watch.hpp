// Watches the WebSocket frames that one side sends in a channel (protocol.md section 8).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "upgrade/breach.hpp"
#include "ws/frame.hpp"

namespace upspec {

class WebSocketWatch {
 public:
  // `masked`: the side is a client. `extensions`: some were agreed, so the reserved bits are theirs.
  WebSocketWatch(bool masked, bool extensions) : masked_(masked), extensions_(extensions) {}

  // The next octets of that side; breaches have no stream yet.
  void saw(OctetView octets, std::vector<Breach>& out);

 private:
  void check(const ws::Frame& frame, std::vector<Breach>& out);

  ws::FrameReader reader_;
  bool masked_;
  bool extensions_;
  bool in_message_ = false;
  bool closed_ = false;
};

}  // namespace upspec
