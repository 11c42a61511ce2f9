// The reference proxy as a MemoryPeer: one connection in front, and those behind that it opens for it.
#pragma once

#include <optional>
#include <utility>

#include "peer/reference_proxy.hpp"
#include "script/run_script.hpp"

namespace upspec::script {

class ReferenceProxyPeer : public MemoryPeer {
 public:
  explicit ReferenceProxyPeer(ProxyOptions options) : proxy_(std::move(options)) {}

  bool connect(LinkId front) override { return front.number == 0; }
  bool has_opened(LinkId link) override {
    if (link.number >= proxy_.links()) return false;
    if (proxy_.wish(link.number) == Wish::open) proxy_.connected(link.number);
    return true;
  }
  void receive(LinkId link, OctetView octets) override {
    is_front(link) ? proxy_.receive(octets) : proxy_.receive(link.number, octets);
  }
  void ended(LinkId link, Closing how) override {
    is_front(link) ? proxy_.closed(how) : proxy_.closed(link.number, how);
  }
  Octets take_output(LinkId link) override {
    return is_front(link) ? proxy_.take_output() : proxy_.take_output(link.number);
  }
  bool finished(LinkId link) override {
    const auto wish = wish_of(link);
    return wish != Wish::open && wish != Wish::keep;
  }
  bool reads(LinkId link) override {
    const auto wish = wish_of(link);
    return wish != Wish::abort && wish != Wish::over;
  }
  bool wants_input(LinkId link) override {
    return is_front(link) ? proxy_.wants_input() : proxy_.wants_input(link.number);
  }
  // More connections behind than a script has: they are refused.
  bool work() override {
    bool moved = false;
    for (std::size_t link = most_links; link < proxy_.links(); ++link)
      if (proxy_.wish(link) == Wish::open) proxy_.not_connected(link), moved = true;
    return moved;
  }

 private:
  using Wish = ReferenceProxy::Wish;
  static bool is_front(LinkId link) { return link.end == End::front; }
  Wish wish_of(LinkId link) const { return is_front(link) ? proxy_.wish() : proxy_.wish(link.number); }

  ReferenceProxy proxy_;
};

}  // namespace upspec::script
