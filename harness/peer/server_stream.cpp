#include "peer/server_stream.hpp"

#include <algorithm>

#include "base/text.hpp"
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

ServerStream::ServerStream(std::uint32_t id, Http2Session& session, const ServerOptions& options)
    : id_(id), session_(&session), options_(&options) {}

void ServerStream::on_request(ServerRequest request, bool too_large) {
  request_ = std::move(request);
  step(ChannelEvent::ask);
  if (request_.end_stream) step(ChannelEvent::asker_end);
  if (too_large) return answer(plain_answer(431));
  if (!check_request(request_.fields, {options_->upgrade, options_->connect}).empty()) return malformed();

  const bool connect = request_.method() == "CONNECT";  // its content-length means nothing (protocol.md section 12)
  const auto declared = connect ? std::nullopt : content_length(request_.fields);
  if (request_.end_stream && declared.value_or(0) != 0) return malformed();  // BODY-07
  if (declared.value_or(0) > largest_content) return answer(plain_answer(413));
  content_left_ = declared.value_or(0);
  decision_ = decide(request_, {options_->h2c_depth});
  if (!content_is_whole() && request_.waits_for_100()) session_->headers(id_, {{":status", "100"}}, false);  // BODY-06
  act_when_ready();
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
  if (is_channel(state_)) return malformed();
  const bool right = section.end_stream && !section.too_large && check_trailers(section.fields).empty();  // REQ-06
  if (!right) return malformed();
  on_end();
}

bool ServerStream::content_is_whole() const {
  const bool plain_connect = !request_.asks() && request_.method() == "CONNECT";
  if (request_.asks() || plain_connect) return content_left_ == 0;
  return state_ == ChannelState::asked_and_ended;
}

void ServerStream::take_content(OctetView octets) {
  append(content_, octets);
  session_->consume(id_, octets.size());
  if (content_.size() > largest_content) answer(plain_answer(413));
}

void ServerStream::on_data(OctetView octets) {
  if (waiting() && !request_.asks()) {
    const bool counted = h2::find(request_.fields, "content-length") != nullptr;
    if (counted && octets.size() > content_left_) return malformed();  // RFC 9113 8.1.1
    content_left_ -= counted ? octets.size() : 0;
    return take_content(octets);
  }
  if (waiting()) {
    const auto content = octets.first(std::min<std::uint64_t>(content_left_, octets.size()));
    content_left_ -= content.size();
    take_content(content);
    octets = octets.subspan(content.size());
  }
  // BODY-05: what comes before the accept waits for it, and is thrown away on a decline.
  append(waiting_, octets);
  act_when_ready();
  pump();
}

void ServerStream::on_end() {
  if (waiting() && content_left_ != 0) return malformed();  // BODY-07
  step(ChannelEvent::asker_end);
  act_when_ready();
  pump();
}

void ServerStream::reset(h2::ErrorCode code) {
  step(ChannelEvent::reset);
  session_->reset(id_, code);
}

void ServerStream::act_when_ready() {
  if (!waiting() || !content_is_whole()) return;  // BODY-09
  if (decision_.kind == Decision::Kind::accept) return accept();
  if (decision_.kind == Decision::Kind::malformed) return malformed();
  if (decision_.echoes_content) {
    decision_.fields.push_back({"content-length", cat(content_.size())});
    decision_.content = std::move(content_);
  }
  answer(decision_);
}

void ServerStream::accept() {
  session_->headers(id_, decision_.fields, false);
  step(ChannelEvent::accept);
  switch (decision_.protocol) {
    case ChannelProtocol::websocket:
      application_.emplace<WebSocketEcho>();
      break;
    case ChannelProtocol::upspec_echo:
      application_.emplace<RawEcho>();
      break;
    case ChannelProtocol::h2c:
      application_ = ReferenceServer::after_upgrade(inner_options(*options_),
                                                    {decision_.h2c_settings, std::move(request_), std::move(content_)});
      break;
  }
  pump();
}

void ServerStream::answer(const Decision& decision) {
  const bool empty = decision.content.empty();
  session_->release_when_ended(id_);
  session_->headers(id_, decision.fields, empty);
  if (!empty) session_->write(id_, decision.content);
  if (!empty) session_->end(id_);
  step(ChannelEvent::decline);
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
