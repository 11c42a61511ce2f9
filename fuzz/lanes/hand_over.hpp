// One connection for an adapter: socket pairs, one for a server, two for an intermediary, whose other ends are given
// away once the first octets, and maybe the FIN, lie in front.
#pragma once

#include <sched.h>
#include <sys/socket.h>

#include <vector>

#include "child.hpp"
#include "net/script_driver.hpp"

namespace upspec::lanes {

class HandOver : public Dialer {
 public:
  explicit HandOver(const Watch& watch) : watch_(watch) {}
  void give_way() override { sched_yield(); }
  bool at_rest() override { return watch_.asleep(); }
  int open(script::LinkId link) override {
    int ends[2];
    if (link.number != 0 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return -1;
    theirs_.emplace_back(ends[1]);
    return ends[0];
  }
  void begun(script::LinkId link) override {
    if (link.end == script::End::front) give(std::move(theirs_));
  }

 private:
  // In front, behind.
  virtual void give(std::vector<Descriptor> theirs) = 0;

  const Watch& watch_;
  std::vector<Descriptor> theirs_;
};

}  // namespace upspec::lanes
