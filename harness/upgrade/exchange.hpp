// One stream as the Monitor follows it: a request, its answers, and the channel that may come of it.
// Sections and octets in, breaches by the side under test out. Windows and frame forms are not its worry.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "h2/hpack.hpp"
#include "upgrade/breach.hpp"
#include "upgrade/channel.hpp"
#include "upgrade/sections.hpp"
#include "upgrade/websocket_watch.hpp"

namespace upspec {

enum class Side : std::uint8_t { client, server };

class Exchange {
 public:
  // `forwards`: the side under test is an intermediary, whose client may have named a field that is not there (ATT-05),
  // and whose origin answers for the handshake.
  Exchange(std::uint32_t stream, Side under_test, bool forwards)
      : stream_(stream), under_test_(under_test), forwards_(forwards) {}

  // A whole field section. `announced`: what the server has announced so far (with negotiation="none", `upgrade` counts
  // as announced).
  void section(Side from, const h2::FieldSection& fields, bool end_stream, Announced announced,
               std::vector<Breach>& out);
  // A section that nobody could decode: from here on this stream is not judged.
  void unreadable() { blind_ = true; }
  void data(Side from, OctetView octets, std::vector<Breach>& out);
  void end(Side from, std::vector<Breach>& out);
  void reset(Side from, std::uint32_t code, std::vector<Breach>& out);

  bool ended(Side side) const { return side == Side::client ? client_ended_ : server_ended_; }
  std::optional<Side> reset_by() const { return reset_by_; }
  bool channel() const { return is_channel(state_); }

 private:
  void request(Side from, const h2::FieldSection& fields, Announced announced, std::vector<Breach>& out);
  void response(Side from, const h2::FieldSection& fields, bool end_stream, Announced announced,
                std::vector<Breach>& out);
  void accepted(Side from, const h2::FieldSection& fields, Announced announced, std::vector<Breach>& out);
  void check_accepted(Announced announced, std::string_view protocol, std::vector<Breach>& out);
  void client_data(std::size_t octets, std::vector<Breach>& out);
  void add(std::vector<Breach>& out, std::string_view requirement, std::string text) const;
  bool judged(Side from) const { return from == under_test_ && !blind_; }

  std::uint32_t stream_;
  Side under_test_;
  bool forwards_;
  bool blind_ = false;
  ChannelState state_ = ChannelState::idle;
  bool final_seen_ = false;
  bool client_ended_ = false;
  bool server_ended_ = false;
  std::optional<Side> reset_by_;
  h2::FieldSection request_;
  Asked asked_;
  std::uint64_t content_left_ = 0;                // of the request's content-length, in dialect `upgrade`
  std::optional<std::uint64_t> response_length_;  // what the final response says of its content, where that binds it
  std::uint64_t response_octets_ = 0;
  std::optional<WebSocketWatch> websocket_;
};

}  // namespace upspec
