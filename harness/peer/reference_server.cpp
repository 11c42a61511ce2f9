#include "peer/reference_server.hpp"

#include <algorithm>
#include <map>

#include "peer/nghttp2_session.hpp"
#include "peer/server_faults.hpp"
#include "peer/server_request.hpp"
#include "peer/server_stream.hpp"

namespace upspec {

namespace {

// The setting and the value that announce a dialect; a violation announces nothing, or 0, and takes it all the same.
void announce(std::vector<h2::Setting>& list, std::uint16_t id, const Violations& violations, std::string_view silent,
              std::string_view zero) {
  if (!violations.breaks(silent)) list.push_back({id, violations.breaks(zero) ? 0u : 1u});
}

std::vector<h2::Setting> settings_of(const ServerOptions& options) {
  std::vector<h2::Setting> list;
  const auto& v = options.violations;
  if (options.connect && !v.breaks("XC-07/unannounced")) {
    announce(list, h2::setting::enable_connect_protocol, v, "XC-01/silent", "XC-01/zero");
  }
  if (options.upgrade && options.upgrade_needs_setting && !v.breaks("NEG-05")) {
    announce(list, options.upgrade_setting, v, "NEG-01/silent", "NEG-01/zero");
  }
  list.push_back({h2::setting::max_header_list_size, 1u << 16});
  return list;
}

}  // namespace

struct ReferenceServer::State {
  explicit State(ServerOptions server_options)
      : options(std::move(server_options)),
        faults(options.violations),
        session({.server = true, .settings = settings_of(options), .hooks = faults.hooks(surroundings())}) {}

  void on(SectionSeen& seen);
  void on(DataSeen& seen);
  void on(EndSeen& seen);
  void on(ClosedSeen& seen) { streams.erase(seen.stream); }
  void on(SettingsSeen& seen);
  void on(GoawaySeen&) {}
  void handle_events();
  ServerStream* find(std::uint32_t stream);
  FrameSurroundings surroundings();
  void take_back(Dialect dialect);

  ServerOptions options;
  ServerFaults faults;
  Http2Session session;
  std::map<std::uint32_t, ServerStream> streams;
  bool took_back = false;
  bool peer_gone = false;
};

FrameSurroundings ReferenceServer::State::surroundings() {
  return {
      .has_channel = [this] { return std::ranges::any_of(streams, [](auto& one) { return one.second.is_open(); }); },
      .is_channel = [this](std::uint32_t id) { return find(id) && find(id)->accepted(); },
      .dialect = [this](std::uint32_t id) { return find(id) ? find(id)->dialect() : std::nullopt; },
  };
}

ServerStream* ReferenceServer::State::find(std::uint32_t stream) {
  const auto found = streams.find(stream);
  return found == streams.end() ? nullptr : &found->second;
}

void ReferenceServer::State::on(SectionSeen& seen) {
  if (auto* stream = find(seen.stream)) return stream->on_later_section(seen);
  if (!seen.first) return;
  auto& stream = streams.try_emplace(seen.stream, seen.stream, session, options, faults).first->second;
  stream.on_request(seen);
  if (stream.accepted() && stream.dialect()) take_back(*stream.dialect());
}

// NEG-06, XC-03: a client's value means nothing here. nghttp2 applies what is its own.
void ReferenceServer::State::on(SettingsSeen& seen) {
  if (faults.none()) return;
  if (faults.breaks("NEG-04/at-once")) session.inject(h2::settings({{options.upgrade_setting, 0}}));
  if (faults.breaks("XC-04/at-once")) session.inject(h2::settings({{h2::setting::enable_connect_protocol, 0}}));
  for (const auto& [id, value] : seen.list) {
    if (id != options.upgrade_setting) continue;
    if (faults.breaks(value == 0 ? "NEG-06/zero-stops" : "NEG-06/one-stops")) options.upgrade = false;
    if (faults.breaks(value == 0 ? "NEG-06/zero-goaway" : "NEG-06/one-goaway")) {
      session.terminate(h2::ErrorCode::protocol_error);
    }
  }
}

// NEG-04, XC-04: 0 after 1, once there is a channel.
void ReferenceServer::State::take_back(Dialect dialect) {
  const bool upgrade = dialect == Dialect::upgrade;
  if (took_back || !faults.breaks(upgrade ? "NEG-04/after-accept" : "XC-04/after-accept")) return;
  took_back = true;
  session.inject(h2::settings({{announcing_setting(dialect, options.upgrade_setting), 0}}));
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
  auto& stream = state.streams.try_emplace(1, 1, state.session, state.options, state.faults).first->second;
  stream.on_upgraded_request(std::move(request.request), std::move(request.content));
  return server;
}

void ReferenceServer::receive(OctetView octets) {
  state_->session.feed(octets);
  while (state_->session.step()) state_->handle_events();
  state_->handle_events();
  if (state_->faults.breaks("REQ-13/pieces")) state_->session.forget_piece();
  for (auto& [id, stream] : state_->streams) stream.end_of_piece();
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
