// Watches one HTTP/2 connection in both directions and says what the side under test broke, by requirement id.
// Frames in, breaches out. It never judges the other side (the tester breaks rules on purpose), never guesses where the
// tester's own octets leave it blind, and reads no clock: silence is nobody's breach here.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/result.hpp"
#include "h2/frame.hpp"
#include "h2/hpack.hpp"
#include "upgrade/breach.hpp"
#include "upgrade/exchange.hpp"

namespace upspec {

struct MonitorOptions {
  Side under_test = Side::server;
  std::uint16_t upgrade_setting = h2::setting::enable_upgrade;
  bool upgrade_needs_setting = true;  // false: negotiation="none"
  bool forwards = false;  // an intermediary: that an attribute names no field is its own client's doing (ATT-05)
};

class Monitor {
 public:
  explicit Monitor(MonitorOptions options);
  ~Monitor();
  Monitor(Monitor&&) noexcept;
  Monitor& operator=(Monitor&&) noexcept;

  // Every frame, in the order in which the observer sent and received them.
  void saw(Side from, const h2::Frame& frame);

  // The field section that the last frame completed, decoded here for every rule, so that nobody else need do it again;
  // to be taken once. Nothing: it completed none. An error: neither this one can be decoded nor any later one of its
  // side (RFC 7541).
  std::optional<Result<h2::FieldSection>> take_section();

  // All breaches so far, in the order in which they were seen. One that repeats on the same stream is reported once.
  const std::vector<Breach>& breaches() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace upspec
