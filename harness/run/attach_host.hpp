// Attach mode: clients that the harness does not start come to one port. GET /cases lists the cases, GET /arm/ID
// chooses one, the next HTTP/2 connection plays it, GET /verdict/ID tells. A performer for net; it opens no socket
// itself.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "net/performer.hpp"
#include "run/attach_desk.hpp"
#include "run/session.hpp"

namespace upspec {

class AttachHost final : public Performer {
 public:
  AttachHost(const Door& door, std::vector<const Case*> cases, const Situation& situation, const Registry& registry,
             OnEnd on_end);
  ~AttachHost() override;

  const std::string& client_name() const { return client_name_; }  // as it has said it; may be empty

  const Door* door() const override { return &door_; }
  std::optional<std::size_t> accepted(Moment now) override;
  void turned_away(std::string_view why, Moment now) override;
  std::size_t links() const override { return links_.size(); }
  Wish wish(std::size_t link) const override;
  std::optional<Octets> take_output(std::size_t link) override;
  void connected(std::size_t, Moment) override {}
  void not_connected(std::size_t, std::string_view, Moment) override {}
  void receive(std::size_t link, OctetView octets, Moment now) override;
  void closed(std::size_t link, Closing how, Moment now) override;
  void deadline(Moment now) override;
  bool done() const override { return over_ || verdicts_.size() == cases_.size(); }
  std::uint64_t progress() const override;

 private:
  // One connection: not known yet, at the desk, or a link of the play that was armed when it came.
  struct Visitor {
    Octets first;  // as long as it is not known what it is
    std::unique_ptr<Desk> desk;
    std::shared_ptr<Play> play;
    std::size_t link = 0;  // of the play
    bool gone = false;
  };

  void seat(Visitor& visitor, Moment now);
  Desk::Answer answer(std::string_view path);
  Desk::Answer arm(std::string_view id);
  std::string list() const;
  void settle(Moment now);

  const Door& door_;
  const std::vector<const Case*> cases_;
  const Situation situation_;
  const Registry& registry_;
  const OnEnd on_end_;
  std::deque<Visitor> links_;
  const Case* armed_ = nullptr;
  std::shared_ptr<Play> play_;  // of the case that is armed
  Moment begun_ = 0;
  Moment now_ = 0;
  std::map<std::string, std::string, std::less<>> verdicts_;  // by id
  std::string client_name_;
  std::uint64_t events_ = 0;
  bool over_ = false;
};

}  // namespace upspec
