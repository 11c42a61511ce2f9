// The reference proxy: one connection in front, and the connections behind that it opened for it (protocol.md sections
// 10 to 12). Octets in, octets out, on both sides; it owns no socket and reads no clock.
//
// A driver's loop, after each of its own events and once at the start:
//   in front: write take_output(); shut or abort it when wish() says so; read only while wants_input();
//   for each link behind: open it when wish(link) is `open`; write take_output(link); shut, abort or forget it when its
//   wish says so; read only while wants_input(link);
//   stop when finished().
// What is taken counts as written: who cannot write must not take.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/octets.hpp"
#include "h2/codes.hpp"
#include "peer/transcript.hpp"
#include "peer/violations.hpp"

namespace upspec {

// "21": HTTP/2 in front, HTTP/1.1 behind; "12": the reverse; "22": HTTP/2 on both sides.
enum class Way : std::uint8_t { h2_to_h1, h1_to_h2, h2_to_h2 };
std::string_view name_of(Way way);
std::optional<Way> way_from(std::string_view name);

// What one connection in front can make us hold or open.
struct ProxyLimits {
  std::size_t high_water = 1u << 16;  // octets that wait for one side of one exchange
  std::uint32_t most_streams = 100;   // at once
  std::size_t most_links = 1000;      // connections behind, over the life of the one in front; then GOAWAY
  std::size_t most_idle = 8;          // kept for another request
  std::size_t most_interim = 100;     // 1xx before one final answer
};

struct ProxyOptions {
  Way way = Way::h2_to_h1;
  bool upgrade =
      true;  // dialect `upgrade` is announced and taken in front, and used behind where that hop announced it
  bool connect = true;   // the same for `connect`
  bool upgrades = true;  // false: it announces them, and upgrades to no origin (PXY-15)
  std::uint16_t upgrade_setting = h2::setting::enable_upgrade;
  bool upgrade_needs_setting = true;  // false: neither announced nor waited for (negotiation="none")
  std::string scheme = "http";        // of requests that come as HTTP/1.1
  std::string via = "upspec";         // our name in `via` (RFC 9110 7.6.3)
  std::uint64_t seed = 1;             // of the keys in Sec-WebSocket-Key
  ProxyLimits limits{};
  Violations violations{};
};

class ReferenceProxy {
 public:
  explicit ReferenceProxy(ProxyOptions options);
  ~ReferenceProxy();
  ReferenceProxy(ReferenceProxy&&) noexcept;
  ReferenceProxy& operator=(ReferenceProxy&&) noexcept;

  enum class Wish : std::uint8_t {
    open,   // not connected yet: connect it
    keep,   // nothing to do but to read and write
    shut,   // say FIN once the output is written, and go on reading
    abort,  // end it now with a TCP reset
    over,   // all is said and heard: close it and forget it; in front in order, with FIN and a little patience
  };

  // In front.
  void receive(OctetView octets);
  void closed(Closing how);
  Octets take_output();
  bool wants_input() const;
  Wish wish() const;  // never `open`

  // Behind. A link keeps its number for ever.
  std::size_t links() const;  // grows
  Wish wish(std::size_t link) const;
  void connected(std::size_t link);
  void not_connected(std::size_t link);
  void receive(std::size_t link, OctetView octets);
  void closed(std::size_t link, Closing how);
  Octets take_output(std::size_t link);
  bool wants_input(std::size_t link) const;
  // The origin owes something on this link: the connection, an answer. Who waits for it too long says so (504).
  bool is_awaited(std::size_t link) const;
  void timed_out(std::size_t link);

  // The connection in front is over, and so is every link.
  bool finished() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace upspec
