// One who acts over connections that net opens for it, or takes for it: what a Stage needs to know of it. A Play is one
// (net/driver), `upspec connect` has another. The contract is that of scenario/play.hpp.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/octets.hpp"
#include "net/address.hpp"
#include "net/door.hpp"
#include "net/process.hpp"
#include "net/tls.hpp"
#include "scenario/play.hpp"

namespace upspec {

class Performer;

// How a guest that is neither a program nor ours ended, and what it said. Called once, from any thread.
using GuestWord = std::function<void(ProcessStatus how, std::string words)>;

// Who is to come to a performer's door: a program, one of ours, or somebody elsewhere who is told of it.
struct Guest {
  std::optional<ProcessOptions> program;
  std::unique_ptr<Performer> performer;
  std::optional<TlsClient> tls;                // of the performer
  std::function<void(GuestWord)> invite = {};  // somebody elsewhere; the word is not used once the play is given back
};

class Performer {
 public:
  using Wish = Play::Wish;

  Performer() = default;
  Performer(const Performer&) = delete;
  Performer& operator=(const Performer&) = delete;
  virtual ~Performer() = default;

  virtual std::size_t links() const = 0;
  virtual Wish wish(std::size_t link) const = 0;
  virtual std::optional<Octets> take_output(std::size_t link) = 0;
  virtual bool reads(std::size_t) const { return true; }
  virtual bool small_buffers() const { return false; }
  virtual bool listens() const { return true; }

  // How long it waits for one event; nothing: as long as the others.
  virtual std::optional<std::chrono::nanoseconds> timeout() const { return std::nullopt; }
  // Where it connects to; nothing: where the others do.
  virtual std::optional<Address> target() const { return std::nullopt; }
  // Where it waits for connections; null: nowhere.
  virtual const Door* door() const { return nullptr; }
  virtual void close_door() {}  // when it is done: who still comes is refused
  virtual std::optional<std::size_t> accepted(Moment) { return std::nullopt; }
  virtual void turned_away(std::string_view, Moment) {}
  virtual Guest* guest() { return nullptr; }
  // How its program ended, and the end of its output; for one of ours neither says anything. Where somebody elsewhere
  // was invited it may come when all is done.
  virtual void guest_ended(const ProcessStatus&, const std::string&, Moment) {}

  virtual void connected(std::size_t link, Moment now) = 0;
  virtual void not_connected(std::size_t link, std::string_view why, Moment now) = 0;
  virtual void receive(std::size_t link, OctetView octets, Moment now) = 0;
  virtual void closed(std::size_t link, Closing how, Moment now) = 0;
  // The time is over. A performer that waits for nothing may go on: the next deadline starts.
  virtual void deadline(Moment now) = 0;

  virtual bool done() const = 0;
  // There is nothing more to come but the end, if that.
  virtual bool lingers() const { return false; }
  virtual std::uint64_t progress() const = 0;
};

}  // namespace upspec
