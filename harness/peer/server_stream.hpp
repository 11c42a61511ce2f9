// One stream of the reference server, from its request to its end: the content, the answer, the channel
// (protocol.md sections 5 to 7). Knows its connection by name only: what it calls on Http2Session.
#pragma once

#include <cstdint>
#include <variant>

#include "base/octets.hpp"
#include "peer/nghttp2_session.hpp"
#include "peer/raw_echo.hpp"
#include "peer/reference_server.hpp"
#include "peer/server_request.hpp"
#include "peer/websocket_echo.hpp"
#include "upgrade/channel.hpp"

namespace upspec {

class ServerStream {
 public:
  ServerStream(std::uint32_t id, Http2Session& session, const ServerOptions& options);

  void on_request(ServerRequest request, bool too_large);
  // The request of RFC 7540 3.2: it has come already, with its content.
  void on_upgraded_request(ServerRequest request, Octets content);
  void on_later_section(const SectionSeen& section);
  void on_data(OctetView octets);
  void on_end();
  // Moves octets between the session and the application; false when nothing could move.
  bool pump();

 private:
  bool waiting() const { return state_ == ChannelState::asked || state_ == ChannelState::asked_and_ended; }
  void step(ChannelEvent event) { state_ = after(state_, event).state; }
  void malformed() { reset(h2::ErrorCode::protocol_error); }
  void reset(h2::ErrorCode code);
  bool content_is_whole() const;
  void take_content(OctetView octets);
  void act_when_ready();
  void accept();
  void answer(const Decision& decision);
  void drop_waiting();

  std::uint32_t id_;
  Http2Session* session_;
  const ServerOptions* options_;
  ServerRequest request_;
  Decision decision_;
  ChannelState state_ = ChannelState::idle;
  std::uint64_t content_left_ = 0;  // of content-length; where the request asks for a channel
  Octets content_;
  Octets waiting_;  // octets of the channel that the application has not taken yet
  bool application_knows_end_ = false;
  std::variant<std::monostate, RawEcho, WebSocketEcho, ReferenceServer> application_;
};

}  // namespace upspec
