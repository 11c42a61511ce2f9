// Serves the browser's page and hears what it says (run/page.hpp), over HTTP/2. A performer for net; it opens no socket
// itself.
#pragma once

#include <deque>
#include <string_view>

#include "net/performer.hpp"
#include "run/attach_desk.hpp"
#include "run/visits.hpp"

namespace upspec {

class PageHost final : public Performer {
 public:
  PageHost(const Door& door, Visits& visits) : door_(door), visits_(visits) {}

  const Door* door() const override { return &door_; }
  std::optional<std::size_t> accepted(Moment now) override;
  std::size_t links() const override { return desks_.size(); }
  Wish wish(std::size_t link) const override { return desks_[link].finished() ? Wish::shut : Wish::keep; }
  std::optional<Octets> take_output(std::size_t link) override { return desks_[link].take_output(); }
  void connected(std::size_t, Moment) override {}
  void not_connected(std::size_t, std::string_view, Moment) override {}
  void receive(std::size_t link, OctetView octets, Moment now) override { desks_[link].receive(octets, now); }
  void closed(std::size_t link, Closing how, Moment now) override { desks_[link].closed(how, now); }
  void deadline(Moment) override {}
  bool done() const override { return false; }
  std::uint64_t progress() const override { return 0; }

 private:
  Desk::Answer answer(std::string_view path);

  const Door& door_;
  Visits& visits_;
  std::deque<Desk> desks_;
};

}  // namespace upspec
