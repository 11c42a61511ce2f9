// One stream of the reference server, from its request to its end: the content, the answer, the channel
// (protocol.md sections 5 to 7). Knows its connection by name only: what it calls on Http2Session.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

#include "base/octets.hpp"
#include "peer/nghttp2_session.hpp"
#include "peer/raw_echo.hpp"
#include "peer/reference_server.hpp"
#include "peer/server_faults.hpp"
#include "peer/server_request.hpp"
#include "peer/websocket_echo.hpp"
#include "upgrade/channel.hpp"

namespace upspec {

class ServerStream {
 public:
  // What it is given lives as long as the connection.
  ServerStream(std::uint32_t id, Http2Session& session, const ServerOptions& options, const ServerFaults& faults);

  void on_request(const SectionSeen& section);
  // The request of RFC 7540 3.2: it has come already, with its content.
  void on_upgraded_request(ServerRequest request, Octets content);
  void on_later_section(const SectionSeen& section);
  void on_data(OctetView octets);
  void on_end();
  // Moves octets between the session and the application; false when nothing could move.
  bool pump();
  // What came with the request in one piece has been handled.
  void end_of_piece() { fresh_ = false; }

  // Has it become a channel, which may be over by now?
  bool accepted() const { return application_.index() != 0; }
  bool is_open() const { return is_channel(state_); }
  std::optional<Dialect> dialect() const { return asked_dialect(request_.fields); }

 private:
  bool waiting() const { return state_ == ChannelState::asked || state_ == ChannelState::asked_and_ended; }
  void step(ChannelEvent event) { state_ = after(state_, event).state; }
  void malformed() { fail(h2::ErrorCode::protocol_error); }
  void fail(h2::ErrorCode code);
  bool breaks(std::string_view id) const { return faults_->breaks(id); }
  bool is_malformed() const;
  std::uint64_t expected_content() const;
  bool content_is_whole() const;
  void take_content(OctetView octets);
  bool loses(OctetView octets, bool behind_content);
  void act_when_ready();
  void open_channel();
  void decline(const Decision& decision);
  void drop_waiting();

  std::uint32_t id_;
  Http2Session* session_;
  const ServerOptions* options_;
  const ServerFaults* faults_;
  ServerRequest request_;
  Decision decision_;
  ChannelState state_ = ChannelState::idle;
  std::uint64_t content_left_ = 0;  // of content-length; where the request asks for a channel
  Octets content_;
  Octets waiting_;  // octets of the channel that the application has not taken yet
  bool application_knows_end_ = false;
  bool had_data_ = false;
  bool fresh_ = true;  // nothing but what came with the request has come
  std::variant<std::monostate, RawEcho, WebSocketEcho, ReferenceServer> application_;
};

}  // namespace upspec
