// What judgement sees of a connection, whether it speaks HTTP/2 or HTTP/1.1: what came, in order, and how it ended.
// A view of an actor; it lives no longer than that.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "peer/actor.hpp"
#include "peer/h1_actor.hpp"

namespace upspec {

class Arrivals {
 public:
  // Where an actor is at hand, it is what is looked at.
  Arrivals(const Actor& actor) : h2_(&actor) {}    // NOLINT(google-explicit-constructor)
  Arrivals(const H1Actor& actor) : h1_(&actor) {}  // NOLINT(google-explicit-constructor)

  // Which end we are. HTTP/1.1 has one form of an answer, whoever looks at it.
  Side side() const { return h1_ ? Side::client : h2_->side(); }
  bool speaks_h1() const { return h1_ != nullptr; }
  // In HTTP/1.1 an exchange is what a stream is.
  const ActorStream* stream(std::uint32_t id) const { return h1_ ? h1_->stream(id) : h2_->stream(id); }
  const std::vector<std::uint32_t>& goaways() const {
    static const std::vector<std::uint32_t> none;
    return h1_ ? none : h2_->goaways();
  }
  std::optional<Closing> closing() const { return h1_ ? h1_->closing() : h2_->closing(); }
  const std::string& broken() const { return h1_ ? h1_->broken() : h2_->broken(); }
  bool over() const { return h1_ ? h1_->over() : h2_->over(); }
  bool settings_acknowledged() const { return h1_ || h2_->settings_acknowledged(); }

 private:
  const Actor* h2_ = nullptr;
  const H1Actor* h1_ = nullptr;
};

}  // namespace upspec
