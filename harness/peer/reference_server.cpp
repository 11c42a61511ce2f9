#include "peer/reference_server.hpp"

#include <map>

#include "peer/nghttp2_session.hpp"
#include "peer/server_request.hpp"
#include "peer/server_stream.hpp"

namespace upspec {

namespace {

std::vector<h2::Setting> settings_of(const ServerOptions& options) {
  std::vector<h2::Setting> list;
  if (options.connect) list.push_back({h2::setting::enable_connect_protocol, 1});
  if (options.upgrade && options.upgrade_needs_setting) list.push_back({options.upgrade_setting, 1});
  list.push_back({h2::setting::max_header_list_size, 1u << 16});
  return list;
}

SessionOptions session_options(const ServerOptions& options) {
  return {.server = true, .settings = settings_of(options)};
}

}  // namespace

struct ReferenceServer::State {
  explicit State(ServerOptions server_options)
      : options(std::move(server_options)), session(session_options(options)) {}

  void on(SectionSeen& seen);
  void on(DataSeen& seen);
  void on(EndSeen& seen);
  void on(ClosedSeen& seen) { streams.erase(seen.stream); }
  // NEG-06, XC-03: a client's value means nothing here. nghttp2 applies what is its own.
  void on(SettingsSeen&) {}
  void on(GoawaySeen&) {}
  void handle_events();
  ServerStream* find(std::uint32_t stream);

  ServerOptions options;
  Http2Session session;
  std::map<std::uint32_t, ServerStream> streams;
  bool peer_gone = false;
};

ServerStream* ReferenceServer::State::find(std::uint32_t stream) {
  const auto found = streams.find(stream);
  return found == streams.end() ? nullptr : &found->second;
}

void ReferenceServer::State::on(SectionSeen& seen) {
  if (auto* stream = find(seen.stream)) return stream->on_later_section(seen);
  if (!seen.first) return;
  auto& stream = streams.try_emplace(seen.stream, seen.stream, session, options).first->second;
  stream.on_request({std::move(seen.fields), seen.end_stream}, seen.too_large);
}

void ReferenceServer::State::on(DataSeen& seen) {
  if (auto* stream = find(seen.stream)) stream->on_data(seen.octets);
}

void ReferenceServer::State::on(EndSeen& seen) {
  if (auto* stream = find(seen.stream)) stream->on_end();
}

void ReferenceServer::State::handle_events() {
  for (auto events = session.take_events(); !events.empty(); events = session.take_events())
    for (auto& event : events) std::visit([&](auto& seen) { on(seen); }, event);
}

ReferenceServer::ReferenceServer(ServerOptions options) : state_(std::make_unique<State>(std::move(options))) {}
ReferenceServer::~ReferenceServer() = default;
ReferenceServer::ReferenceServer(ReferenceServer&&) noexcept = default;
ReferenceServer& ReferenceServer::operator=(ReferenceServer&&) noexcept = default;

ReferenceServer ReferenceServer::after_upgrade(ServerOptions options, UpgradedRequest request) {
  ReferenceServer server(std::move(options));
  auto& state = *server.state_;
  state.session.begin_upgraded(request.settings, request.request.method() == "HEAD");
  auto& stream = state.streams.try_emplace(1, 1, state.session, state.options).first->second;
  stream.on_upgraded_request(std::move(request.request), std::move(request.content));
  return server;
}

void ReferenceServer::receive(OctetView octets) {
  state_->session.feed(octets);
  while (state_->session.step()) state_->handle_events();
  state_->handle_events();
}

void ReferenceServer::peer_ended() { state_->peer_gone = true; }

Octets ReferenceServer::take_output() {
  Octets out = state_->session.take_output();
  state_->handle_events();
  // What was sent makes room for what waited behind it.
  bool moved = false;
  for (auto& [id, stream] : state_->streams) moved = stream.pump() || moved;
  if (moved) append(out, state_->session.take_output());
  state_->handle_events();
  return out;
}

bool ReferenceServer::finished() const { return state_->peer_gone || state_->session.over(); }

}  // namespace upspec
