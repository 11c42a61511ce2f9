#include "peer/reference_client.hpp"

#include <algorithm>
#include <variant>

#include "base/text.hpp"
#include "peer/client_channel.hpp"
#include "peer/client_faults.hpp"
#include "peer/client_request.hpp"
#include "peer/nghttp2_session.hpp"
#include "upgrade/channel.hpp"
#include "upgrade/sections.hpp"

namespace upspec {

namespace {

using Phase = ReferenceClient::Phase;

constexpr std::size_t largest_content = 1u << 20;
constexpr std::size_t most_held = 1u << 20;  // of messages that the user has not taken
constexpr std::size_t high_water = 1u << 16;
constexpr std::size_t bite = 1u << 14;

// What makes an answer malformed at a client. 426 without `:upgrade` is bad manners (RES-09), and a decline.
std::vector<Breach> breaches_of(const ClientAnswer& answer, const Asked& asked) {
  auto breaches = check_response(answer.fields, answer.end_stream, asked);
  std::erase_if(breaches, [](const Breach& breach) { return breach.requirement == "RES-09"; });
  auto regular = answer.fields;
  std::erase_if(regular, [](const h2::Field& field) { return field.name.starts_with(':'); });
  for (auto& breach : check_trailers(regular)) breaches.push_back(std::move(breach));  // names and values: RFC 9113 8.2
  if (is_interim(answer.fields) && answer.end_stream) breaches.push_back({"RES-07", "1xx with END_STREAM", 0});
  return breaches;
}

// Any value but 0 and 1 of the settings that announce a dialect (NEG-03, XC-03).
bool is_wrong(const h2::Setting& setting, std::uint16_t upgrade_id) {
  const bool announces = setting.id == upgrade_id || setting.id == h2::setting::enable_connect_protocol;
  return announces && setting.value > 1;
}

}  // namespace

struct ReferenceClient::State {
  explicit State(ClientOptions client_options)
      : options(std::move(client_options)),
        random(options.seed),
        wire{options.upgrade_setting, {}},
        session(session_options()) {
    if (asks_at_once()) ask(options.protocol == "none" ? std::nullopt : std::optional(options.dialect));
  }

  Nghttp2Options session_options();
  bool breaks(std::string_view id) const { return options.violations.breaks(id); }

  // Asking
  bool asks_at_once() const;
  void ask_when_announced();
  void ask(std::optional<Dialect> dialect);
  void send_request();

  // Being answered
  void on(SectionSeen& seen);
  void on(DataSeen& seen);
  void on(EndSeen& seen);
  void on(ClosedSeen& seen);
  void on(SettingsSeen& seen);
  void on(GoawaySeen& seen);
  void on_content(OctetView octets);
  void handle_events();
  void open_channel();
  void decline();
  void answer_is_whole();

  // The channel
  template <class Use>
  auto with_channel(Use use);
  void pump();
  void end_side();

  // Ending
  void fail(std::string why, h2::ErrorCode code = h2::ErrorCode::no_error);
  void malformed(std::string why);
  void give_up(std::string why) {  // nothing where all is settled already
    if (phase == Phase::waiting || phase == Phase::asked || phase == Phase::open) fail(std::move(why));
  }
  void say_goodbye();
  void end_connection(Phase last, h2::ErrorCode code = h2::ErrorCode::no_error);

  ClientOptions options;
  Random random;
  ClientWire wire;  // with the request
  Asked asked;
  Announced announced;
  bool had_settings = false;
  Phase phase = Phase::waiting;
  std::uint32_t stream = 0;
  int status = 0;
  std::size_t interims = 0;
  std::optional<std::uint64_t> content_left;
  std::string content;
  std::string trouble;
  ChannelState channel_state = ChannelState::idle;
  bool channel_knows_end = false;
  bool over = false;         // GOAWAY is due
  bool just_opened = false;  // by the octets at hand
  bool going_away = false;
  Octets waiting;
  std::vector<Octets> messages;
  std::size_t held = 0;
  bool transport_gone = false;
  std::variant<std::monostate, RawClient, WebSocketClient, H2cClient> channel;
  Http2Session session;
};

template <class Use>
auto ReferenceClient::State::with_channel(Use use) {
  return std::visit(
      [&](auto& one) {
        if constexpr (std::is_same_v<std::remove_cvref_t<decltype(one)>, std::monostate>) {
          RawClient none;
          return use(none);
        } else {
          return use(one);
        }
      },
      channel);
}

Nghttp2Options ReferenceClient::State::session_options() {
  Nghttp2Options out;
  out.server = false;
  out.settings = {{h2::setting::enable_push, 0}, {h2::setting::max_header_list_size, 1u << 16}};
  out.hooks = client_hooks(options.violations, wire);
  return out;
}

// Asking

bool ReferenceClient::State::asks_at_once() const {
  if (options.protocol == "none") return true;
  if (options.dialect == Dialect::upgrade) return !options.upgrade_needs_setting || breaks("NEG-02");
  return options.dialect == Dialect::connect && breaks("XC-02");
}

void ReferenceClient::State::ask_when_announced() {
  const bool h2c = options.protocol == "h2c";  // which RFC 8441 does not know
  for (const auto dialect : {Dialect::connect, Dialect::upgrade}) {
    const bool wanted = options.dialect ? options.dialect == dialect : dialect == Dialect::upgrade || !h2c;
    const bool there =
        dialect == Dialect::upgrade ? announced.upgrade || !options.upgrade_needs_setting : announced.connect;
    if (wanted && there) return ask(dialect);
  }
}

void ReferenceClient::State::ask(std::optional<Dialect> dialect) {
  wire.request = client_request(options, dialect, random);
  asked = asked_by(wire.request);
  spoil(wire.request, options.violations);
  phase = Phase::asked;
  send_request();
  if (stream == 0) fail("the connection takes no more requests");
}

void ReferenceClient::State::send_request() {
  const bool trailers = !asked.dialect && breaks("REQ-06");
  stream = session.request(wire.request, !asked.dialect && !trailers);
  if (trailers) session.headers(stream, {{":upgrade", "websocket"}}, true);
  if (asked.dialect && breaks("BODY-04")) session.write(stream, as_octets("early"));
}

void ReferenceClient::State::on(SettingsSeen& seen) {
  const bool first = !std::exchange(had_settings, true);
  if (!first && breaks("NEG-07")) return;
  for (const auto& setting : seen.list) {
    if (is_wrong(setting, options.upgrade_setting)) {
      return fail(cat(h2::setting_name(setting.id), " is ", setting.value), h2::ErrorCode::protocol_error);
    }
    if (setting.id == options.upgrade_setting) announced.upgrade = setting.value == 1;
    if (setting.id == h2::setting::enable_connect_protocol) announced.connect = setting.value == 1;
  }
  if (phase == Phase::waiting) ask_when_announced();
}

// Being answered

void ReferenceClient::State::on(SectionSeen& seen) {
  if (seen.stream != stream) return;
  if (seen.too_large) return malformed("a field section beyond 64 KiB");
  if (phase == Phase::open) {
    if (!breaks("RES-11/ignored") && !breaks("TUN-05/headers")) malformed("HEADERS on a channel");  // RES-11
    return;
  }
  if (phase != Phase::asked) return;
  if (status != 0) {  // the trailer section of the answer
    auto breaches = check_trailers(seen.fields);
    if (breaks("REQ-06/taken")) breaches.clear();
    if (!breaches.empty() || !seen.end_stream)
      return malformed(breaches.empty() ? "trailers without END_STREAM" : breaches[0].text);
    return answer_is_whole();
  }

  ClientAnswer answer{seen.fields, seen.end_stream, wire.request};
  forgive(answer, options.violations);
  const bool taken_for_accept = !asked.dialect && status_of(answer.fields) == 101 && breaks("RES-06");
  const auto breaches = breaches_of(answer, asked);
  if (!breaches.empty() && !taken_for_accept) return malformed(cat(breaches[0].requirement, ": ", breaches[0].text));
  if (is_interim(answer.fields)) {  // RES-07
    if (breaks("BODY-04/interim")) session.write(stream, as_octets("early"));
    if (breaks("RES-07") || (++interims > 1 && breaks("RES-07/second"))) malformed("1xx");
    return;
  }
  status = *status_of(answer.fields);
  if (taken_for_accept || (asked.dialect && is_accept(*asked.dialect, answer.fields, answer.end_stream))) {
    return open_channel();
  }
  content_left = wire.request.front().value == "HEAD" ? std::nullopt : content_length(answer.fields);
  decline();
  if (answer.end_stream) answer_is_whole();
}

// RES-10: our side ends with the first sign of a final answer, and says nothing more.
void ReferenceClient::State::decline() {
  if (!asked.dialect) return;
  if (breaks("RES-10/octets")) session.write(stream, as_octets("after the decline"));
  if (!breaks("RES-10/open")) session.end(stream);
}

void ReferenceClient::State::answer_is_whole() {
  if (content_left.value_or(0) != 0) return malformed("content shorter than content-length");  // RFC 9113 8.1.1
  if (asked.dialect && breaks("RES-10/open")) return;
  end_connection(Phase::answered);
}

void ReferenceClient::State::on_content(OctetView octets) {
  session.consume(stream, octets.size());
  if (content_left && octets.size() > *content_left) return malformed("content longer than content-length");
  if (content_left) *content_left -= octets.size();
  const auto room = largest_content - std::min(content.size(), largest_content);
  content += as_text(octets.first(std::min(room, octets.size())));
}

void ReferenceClient::State::on(DataSeen& seen) {
  if (seen.stream != stream) return;
  if (phase == Phase::asked) return on_content(seen.octets);
  const bool lost = just_opened && breaks("TUN-01/early");
  if (phase != Phase::open || lost) return session.consume(stream, seen.octets.size());
  append(waiting, seen.octets);
  pump();
}

void ReferenceClient::State::on(EndSeen& seen) {
  if (seen.stream != stream) return;
  if (phase == Phase::asked) return answer_is_whole();
  channel_state = after(channel_state, ChannelEvent::answerer_end).state;
  if (breaks("TUN-03/full-close")) return session.reset(stream, h2::ErrorCode::cancel);
  pump();
}

void ReferenceClient::State::on(ClosedSeen& seen) {
  if (seen.stream != stream) return;
  if (phase == Phase::asked) return fail(cat("the stream was closed with ", h2::error_name(seen.code)));
  if (phase != Phase::open) return;
  pump();
  const auto why = with_channel([](auto& one) { return one.trouble(); });
  if (!why.empty()) return fail(why);
  if (channel_state != ChannelState::closed) return fail(cat("the channel was reset with ", h2::error_name(seen.code)));
  end_connection(Phase::closed);
}

void ReferenceClient::State::on(GoawaySeen& seen) {
  going_away = true;
  if (phase == Phase::open && breaks("TUN-10/ends")) return fail("the server went away");
  const bool lost = stream == 0 || seen.last_stream < stream;
  if (lost && (phase == Phase::waiting || phase == Phase::asked)) {
    fail(cat("the server went away with ", h2::error_name(seen.code)));
  }
}

void ReferenceClient::State::handle_events() {
  for (auto events = session.take_events(); !events.empty(); events = session.take_events())
    for (auto& event : events) std::visit([&](auto& seen) { on(seen); }, event);
}

// The channel

void ReferenceClient::State::open_channel() {
  phase = Phase::open;
  channel_state = ChannelState::open;
  wire.channel = stream;
  just_opened = true;
  if (options.protocol == "websocket") {
    channel.emplace<WebSocketClient>(Random(random.next()), options.violations);
  } else if (options.protocol == "h2c") {
    channel.emplace<H2cClient>(H2cClient::settings(), inner_post(options), options.violations);
  } else {
    channel.emplace<RawClient>();
  }
  pump();
}

void ReferenceClient::State::pump() {
  while (phase == Phase::open) {
    bool moved = false;
    const bool mute = going_away && breaks("TUN-10/mute");
    if (asker_may_send(channel_state) && session.unsent(stream) < high_water && !mute) {
      const auto out = with_channel([](auto& one) { return one.take_output(); });
      if (!out.empty()) session.write(stream, out);
      moved = !out.empty();
      if (with_channel([](auto& one) { return one.finished(); })) {
        end_side();
      }
    }
    if (!waiting.empty() && held < most_held) {
      const auto piece = OctetView(waiting).first(std::min(bite, waiting.size()));
      with_channel([&](auto& one) { one.receive(piece); });
      session.consume(stream, piece.size());
      waiting.erase(waiting.begin(), waiting.begin() + static_cast<std::ptrdiff_t>(piece.size()));
      for (auto& message : with_channel([](auto& one) { return one.take_messages(); })) {
        held += message.size() + 1;
        messages.push_back(std::move(message));
      }
      moved = true;
    } else if (waiting.empty() && !channel_knows_end && !answerer_may_send(channel_state)) {
      channel_knows_end = true;
      with_channel([](auto& one) { one.peer_ended(); });
      moved = true;
    }
    if (!moved) return;
  }
}

void ReferenceClient::State::end_side() {
  const auto why = with_channel([](auto& one) { return one.trouble(); });
  if (options.protocol == "h2c" && !why.empty() && breaks("H2C-09/ends-outer"))
    return fail(why, h2::ErrorCode::protocol_error);
  session.end(stream);
  channel_state = after(channel_state, ChannelEvent::asker_end).state;
  if (breaks("TUN-03/deaf")) session.reset(stream, h2::ErrorCode::cancel);
}

// Ending

void ReferenceClient::State::fail(std::string why, h2::ErrorCode code) {
  if (phase == Phase::failed) return;
  trouble = std::move(why);
  end_connection(Phase::failed, code);
}

// Also what fails a handshake (WS-02, WS-06): RST_STREAM, and no octet of a channel either way.
void ReferenceClient::State::malformed(std::string why) {
  const bool answer = phase == Phase::asked;
  if (answer && (breaks("RES-05/silent") || breaks("WS-02/silent"))) return;
  if (answer && breaks("RES-05/octets")) session.write(stream, as_octets("octets"));
  session.reset(stream, h2::ErrorCode::protocol_error);
  fail(std::move(why));
}

// What has come already is still read, and what is wrong with it answered, unless an error ends the connection.
void ReferenceClient::State::end_connection(Phase last, h2::ErrorCode code) {
  phase = last;
  over = true;
  if (code != h2::ErrorCode::no_error) session.terminate(code);
}

void ReferenceClient::State::say_goodbye() {
  if (over) session.terminate(h2::ErrorCode::no_error);
  over = false;
}

ReferenceClient::ReferenceClient(ClientOptions options) : state_(std::make_unique<State>(std::move(options))) {}
ReferenceClient::~ReferenceClient() = default;
ReferenceClient::ReferenceClient(ReferenceClient&&) noexcept = default;
ReferenceClient& ReferenceClient::operator=(ReferenceClient&&) noexcept = default;

void ReferenceClient::receive(OctetView octets) {
  state_->just_opened = false;
  state_->session.feed(octets);
  while (state_->session.step()) state_->handle_events();
  state_->handle_events();
  state_->say_goodbye();
}

void ReferenceClient::peer_ended() {
  state_->transport_gone = true;
  state_->give_up("the connection was closed");
}

Octets ReferenceClient::take_output() {
  Octets out = state_->session.take_output();
  state_->handle_events();
  state_->pump();
  append(out, state_->session.take_output());
  state_->handle_events();
  if (state_->session.over()) state_->give_up("the session cannot go on");  // nghttp2 bounds what a peer may ask for
  state_->say_goodbye();
  append(out, state_->session.take_output());
  return out;
}

bool ReferenceClient::finished() const { return state_->transport_gone || state_->session.over(); }
ReferenceClient::Phase ReferenceClient::phase() const { return state_->phase; }
int ReferenceClient::status() const { return state_->status; }
const std::string& ReferenceClient::content() const { return state_->content; }
const std::string& ReferenceClient::trouble() const { return state_->trouble; }
std::size_t ReferenceClient::unsent() const { return state_->session.unsent(state_->stream); }

void ReferenceClient::send(OctetView message) {
  if (state_->phase != Phase::open) return;
  state_->with_channel([&](auto& one) { one.send(message); });
  state_->pump();
}

void ReferenceClient::end() {
  if (state_->phase != Phase::open) return;
  state_->with_channel([](auto& one) { one.end(); });
  state_->pump();
}

std::vector<Octets> ReferenceClient::take_messages() {
  state_->held = 0;
  auto messages = std::exchange(state_->messages, {});
  state_->pump();
  return messages;
}

}  // namespace upspec
