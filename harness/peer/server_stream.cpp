#include "peer/server_stream.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "peer/section_edit.hpp"
#include "upgrade/sections.hpp"

namespace upspec {

namespace {

constexpr std::size_t largest_content = 1u << 20;
constexpr std::size_t high_water = 1u << 16;  // what an application may have written and the peer not taken (SEC-03)
constexpr std::size_t bite = 1u << 14;

// One call for whatever application the channel has.
template <class Application, class Use>
auto with(Application& application, Use use) {
  return std::visit(
      [&](auto& one) {
        using One = std::remove_cvref_t<decltype(one)>;
        if constexpr (std::is_same_v<One, std::monostate>) {
          RawEcho none;
          return use(none);
        } else {
          return use(one);
        }
      },
      application);
}

// Past the last depth the inner connection does not announce the setting (H2C-10).
ServerOptions inner_options(ServerOptions options) {
  --options.h2c_depth;
  options.upgrade = options.upgrade && options.h2c_depth > 0;
  return options;
}

// The same request, as the inner connection has it on stream 1: what was for the outer hop stays there.
ServerRequest inner_request(ServerRequest request) {
  std::erase_if(request.fields, [](const h2::Field& field) {
    return field.name == ":upgrade" || field.name == "http2-settings" || field.name == "expect";
  });
  request.end_stream = true;
  return request;
}

}  // namespace

ServerStream::ServerStream(std::uint32_t id, Http2Session& session, const ServerOptions& options,
                           const ServerFaults& faults)
    : id_(id), session_(&session), options_(&options), faults_(&faults) {}

void ServerStream::on_request(const SectionSeen& section) {
  request_ = {section.fields, section.end_stream};
  auto forced = faults_->spoil(request_, section);
  step(ChannelEvent::ask);
  if (request_.end_stream) step(ChannelEvent::asker_end);
  if (section.too_large) return decline(plain_answer(431));
  if (!forced && is_malformed()) return malformed();

  content_left_ = request_.end_stream ? 0 : expected_content();
  if (content_left_ > largest_content) return decline(plain_answer(413));
  decision_ = forced ? std::move(*forced) : decide(request_, {options_->h2c_depth});
  if (!faults_->none()) faults_->spoil(decision_, {section.fields, section.end_stream});
  if (!content_is_whole() && request_.waits_for_100() && !breaks("BODY-06/no-100")) {
    session_->headers(id_, {{":status", "100"}}, false);
  }
  act_when_ready();
}

bool ServerStream::is_malformed() const {
  if (!check_request(request_.fields, {options_->upgrade, options_->connect}).empty()) return true;
  return request_.end_stream && expected_content() != 0;  // BODY-07
}

std::uint64_t ServerStream::expected_content() const {
  if (request_.method() == "CONNECT") return 0;  // where content-length means nothing (protocol.md section 12)
  const auto declared = content_length(request_.fields).value_or(0);
  if (declared == 0 || !request_.asks()) return declared;
  if (breaks("BODY-02/one-less")) return declared - 1;
  if (breaks("BODY-02/one-more")) return declared + 1;
  if (breaks("BODY-02/channel")) return 0;
  return declared;
}

void ServerStream::on_upgraded_request(ServerRequest request, Octets content) {
  request_ = inner_request(std::move(request));
  step(ChannelEvent::ask);
  step(ChannelEvent::asker_end);
  content_ = std::move(content);
  decision_ = ordinary_answer(request_);
  act_when_ready();
}

void ServerStream::on_later_section(const SectionSeen& section) {
  // BODY-10, RES-11, TUN-05. After END_STREAM the session has said STREAM_CLOSED already.
  const bool overlooked = breaks("BODY-10/ignored") || breaks("RES-11/ignored") || breaks("TUN-05/headers");
  if (is_open() && overlooked) return section.end_stream ? on_end() : void();
  if (is_open()) return malformed();
  if (breaks("REQ-06/of-an-upgrade") && request_.asks()) return content_left_ = 0, on_end();
  auto fields = section.fields;
  if (breaks("REQ-06/ignored")) drop(fields, ":upgrade");
  const bool right = section.end_stream && !section.too_large && check_trailers(fields).empty();  // REQ-06
  if (!right) return malformed();
  on_end();
}

bool ServerStream::content_is_whole() const {
  const bool plain_connect = !request_.asks() && request_.method() == "CONNECT";
  if (breaks("BODY-03/until-end") && request_.asks() && !h2::find(request_.fields, "content-length")) {
    return state_ == ChannelState::asked_and_ended;
  }
  if (request_.asks() || plain_connect) return content_left_ == 0;
  return state_ == ChannelState::asked_and_ended;
}

void ServerStream::take_content(OctetView octets) {
  append(content_, octets);
  if (!request_.asks() || !breaks("BODY-01/window")) session_->consume(id_, octets.size());
  if (content_.size() > largest_content && waiting()) decline(plain_answer(413));
}

void ServerStream::on_data(OctetView octets) {
  if (waiting() && !request_.asks()) {
    const bool counted = h2::find(request_.fields, "content-length") != nullptr;
    if (counted && octets.size() > content_left_) return malformed();  // RFC 9113 8.1.1
    content_left_ -= counted ? octets.size() : 0;
    return take_content(octets);
  }
  const auto content = octets.first(std::min<std::uint64_t>(content_left_, octets.size()));
  content_left_ -= content.size();
  take_content(content);
  octets = octets.subspan(content.size());
  if (loses(octets, !content.empty())) return session_->consume(id_, octets.size()), act_when_ready();
  // BODY-05: what comes before the accept waits for it, and is thrown away on a decline.
  append(waiting_, octets);
  act_when_ready();
  if (state_ == ChannelState::declined && breaks("BODY-05/answered")) session_->write(id_, octets);
  pump();
}

// Octets of the channel that a violation throws away.
bool ServerStream::loses(OctetView octets, bool behind_content) {
  if (octets.empty() || !request_.asks()) return false;
  const bool first = !std::exchange(had_data_, true);
  if (behind_content) return breaks("BODY-05/behind-content");
  if (fresh_ && breaks("BODY-05/pipelined")) return true;
  return first && breaks("BODY-03/first-frame") && !h2::find(request_.fields, "content-length");
}

void ServerStream::on_end() {
  if (breaks("BODY-07/data") && request_.asks()) content_left_ = 0;
  if (content_left_ != 0 && (waiting() || is_open())) return malformed();  // BODY-07
  step(ChannelEvent::asker_end);
  act_when_ready();
  pump();
}

void ServerStream::fail(h2::ErrorCode code) {
  step(ChannelEvent::reset);
  session_->reset(id_, code);
}

void ServerStream::act_when_ready() {
  using enum Decision::Kind;
  if (!waiting()) return;
  const bool at_once = decision_.kind != answer && (decision_.kind != accept || breaks("BODY-09"));
  if (!at_once && !content_is_whole()) return;  // BODY-09
  for (const auto& section : std::exchange(decision_.interim, {})) session_->headers(id_, section, false);
  switch (decision_.kind) {
    case accept:
      return open_channel();
    case reset:
      return fail(decision_.code);
    case terminate:
      return session_->terminate(decision_.code);
    case silence:
      return;
    case answer:
      break;
  }
  if (decision_.echoes_content) {
    if (!breaks("BODY-05/answered")) decision_.fields.push_back({"content-length", cat(content_.size())});
    decision_.content = std::move(content_);
  }
  decline(decision_);
}

void ServerStream::open_channel() {
  session_->headers(id_, decision_.fields, decision_.end_stream);
  step(ChannelEvent::accept);
  if (decision_.end_stream) step(ChannelEvent::answerer_end);
  if (breaks("BODY-06/late") && request_.waits_for_100()) session_->headers(id_, {{":status", "100"}}, false);
  if (breaks("RES-11/interim-sent")) session_->headers(id_, {{":status", "103"}}, false);
  switch (decision_.protocol) {
    case ChannelProtocol::websocket:
      application_ = WebSocketEcho({.set_rsv1 = breaks("WS-12/rsv1"), .long_headers = breaks("WS-09/short")});
      break;
    case ChannelProtocol::upspec_echo:
      application_.emplace<RawEcho>();
      break;
    case ChannelProtocol::h2c:
      application_ = ReferenceServer::after_upgrade(inner_options(*options_),
                                                    {decision_.h2c_settings, request_, std::move(content_)});
      break;
  }
  pump();
}

void ServerStream::decline(const Decision& decision) {
  const bool early = breaks("RES-12/early-reset") && request_.asks() && !request_.end_stream;
  const bool empty = decision.content.empty();
  session_->release_when_ended(id_);
  session_->headers(id_, decision.fields, empty && !early);
  step(ChannelEvent::decline);
  if (early) return fail(h2::ErrorCode::no_error);
  if (!empty) session_->write(id_, decision.content);
  if (!empty) session_->end(id_);
  drop_waiting();
}

void ServerStream::drop_waiting() {
  session_->consume(id_, waiting_.size());
  waiting_.clear();
}

bool ServerStream::pump() {
  if (waiting()) return false;
  bool moved = false;
  while (answerer_may_send(state_) && session_->unsent(id_) < high_water) {
    const auto out = with(application_, [](auto& one) { return one.take_output(); });
    if (!out.empty()) session_->write(id_, out);
    moved = moved || !out.empty();
    if (with(application_, [](auto& one) { return one.finished(); })) {
      session_->end(id_);
      step(ChannelEvent::answerer_end);
    } else if (!waiting_.empty()) {
      const auto piece = OctetView(waiting_).first(std::min(bite, waiting_.size()));
      with(application_, [&](auto& one) { one.receive(piece); });
      session_->consume(id_, piece.size());
      waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(piece.size()));
    } else if (state_ == ChannelState::asker_ended && !application_knows_end_) {
      application_knows_end_ = true;
      with(application_, [](auto& one) { one.peer_ended(); });
    } else if (out.empty()) {
      break;
    }
    moved = true;
  }
  if (!answerer_may_send(state_)) drop_waiting();
  return moved;
}

}  // namespace upspec
