#include "peer/client_channel.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "upgrade/dialect.hpp"

namespace upspec {

using ws::Opcode;

void WebSocketClient::write(Opcode opcode, Octets payload) {
  ws::Frame frame;
  frame.opcode = static_cast<std::uint8_t>(opcode);
  const bool unmasked = breaks("WS-08/unmasked") || (frame.is_control() && breaks("WS-08/unmasked-control"));
  if (!unmasked) std::ranges::copy(random_.octets(4), frame.mask.emplace().begin());  // WS-08
  frame.payload = std::move(payload);
  append(out_, ws::serialise(frame));
}

void WebSocketClient::send(OctetView message) {
  if (!said_close_) write(Opcode::text, to_octets(message));
}

void WebSocketClient::close(Octets payload) {
  if (!std::exchange(said_close_, true)) write(Opcode::close, std::move(payload));
}

void WebSocketClient::end() {
  if (breaks("WS-10/no-close")) finished_ = true;
  if (!finished_) close(ws::close_payload(1000));
}

void WebSocketClient::receive(OctetView octets) {
  if (finished_) return;
  if (breaks("WS-09/frame-a-data")) reader_ = WebSocketReader(false, violations_);
  reader_.feed(octets);
  while (!finished_) {
    auto message = reader_.next();
    if (!message) break;
    take(std::move(*message));
    if (breaks("WS-09/first-of-data")) reader_ = WebSocketReader(false, violations_);
  }
  if (!finished_ && reader_.trouble()) fail(*reader_.trouble());
}

void WebSocketClient::take(WebSocketReader::Message message) {
  switch (message.opcode) {
    case Opcode::ping:
      if (breaks("WS-10/other-pong")) message.payload.push_back('!');
      if (!said_close_ && !breaks("WS-10/no-pong")) write(Opcode::pong, std::move(message.payload));
      return;
    case Opcode::close:
      return answer_close(std::move(message.payload));
    case Opcode::text:
      if (!ws::is_utf8(as_text(message.payload))) return;  // by WS-11/utf8
      [[fallthrough]];
    case Opcode::binary:
      messages_.push_back(std::move(message.payload));
      return;
    default:
      return;
  }
}

void WebSocketClient::answer_close(Octets payload) {
  if (payload.size() == 1) return;  // by WS-11/short-close
  payload.resize(std::min<std::size_t>(payload.size(), 2));
  if (payload.size() < 2) payload.clear();
  if (!breaks("WS-10/no-close-answer")) close(std::move(payload));
  finished_ = !breaks("WS-10/no-end");
}

void WebSocketClient::fail(const WebSocketReader::Trouble& trouble) {
  if (breaks("WS-11/silent")) return;
  trouble_ = trouble.what;
  const bool masked = trouble_ == "masked frame";
  close(ws::close_payload(masked && breaks("WS-08/code-1006") ? 1006 : trouble.code, trouble.what));
  finished_ = true;
}

void WebSocketClient::peer_ended() {
  if (!finished_ && breaks("WS-11/end-without-close")) return;
  if (!finished_) trouble_ = "the channel ended without Close";  // WS-11
  finished_ = true;
}

Octets H2cClient::settings() {
  return h2::settings_payload({{h2::setting::enable_push, 0}, {h2::setting::initial_window_size, 1u << 16}});
}

H2cClient::H2cClient(OctetView settings, h2::FieldSection post, const Violations& violations)
    : violations_(violations), post_(std::move(post)) {
  Nghttp2Options options;
  options.server = false;
  options.upgraded = true;
  session_ = std::make_unique<Http2Session>(std::move(options));
  session_->begin_upgraded(settings, false);
}

void H2cClient::send(OctetView message) {
  const auto stream = session_->request(post_, false);
  if (stream == 0) return;
  session_->write(stream, message);
  session_->end(stream);
}

void H2cClient::end() { ending_ = true; }

void H2cClient::receive(OctetView octets) {
  session_->feed(octets);
  while (session_->step())
    for (const auto& event : session_->take_events()) on(event);
  look_for_end();
}

void H2cClient::on(const SessionEvent& event) {
  if (const auto* section = std::get_if<SectionSeen>(&event)) {
    const auto status = status_of(section->fields);
    if (!status || *status >= 300) trouble_ = cat("the inner answer is ", status.value_or(0));
    if (section->end_stream) messages_.push_back(std::move(answers_[section->stream]));
  } else if (const auto* data = std::get_if<DataSeen>(&event)) {
    session_->consume(data->stream, data->octets.size());
    append(answers_[data->stream], data->octets);
  } else if (const auto* end = std::get_if<EndSeen>(&event)) {
    messages_.push_back(std::move(answers_[end->stream]));
    answers_.erase(end->stream);
  } else if (const auto* goaway = std::get_if<GoawaySeen>(&event)) {
    if (goaway->code != 0) trouble_ = cat("the inner connection ended with ", h2::error_name(goaway->code));
  }
}

// H2C-09
void H2cClient::look_for_end() {
  if (finished_ || !session_->over()) return;
  if (!ended_ && trouble_.empty()) trouble_ = "the inner connection ended with an error";
  finished_ = !violations_.breaks("H2C-09/no-end");
}

// H2C-05: the preface, then SETTINGS.
void H2cClient::spoil_beginning(Octets& out) {
  const auto cut = [&](std::size_t at, std::size_t size) {
    const auto from = out.begin() + static_cast<std::ptrdiff_t>(std::min(at, out.size()));
    out.erase(from, from + static_cast<std::ptrdiff_t>(std::min(size, out.size() - std::min(at, out.size()))));
  };
  const auto preface = h2::preface.size();
  if (violations_.breaks("H2C-05/no-preface") && !begun_) cut(0, preface);
  if (violations_.breaks("H2C-05/no-settings") && !begun_ && out.size() > preface + 2)
    cut(preface, h2::frame_header_size + out[preface + 2]);  // SETTINGS is short
  if (violations_.breaks("H2C-05/silent")) out.clear();
  begun_ = true;
}

Octets H2cClient::take_output() {
  auto out = session_->take_output();
  if (!out.empty()) spoil_beginning(out);
  for (const auto& event : session_->take_events()) on(event);
  // Every request has its answer, or none will come: the inner end is the outer one (H2C-09).
  if (ending_ && !finished_ && session_->active() == 0) {
    session_->terminate(h2::ErrorCode::no_error);
    append(out, session_->take_output());
    ending_ = false;
    ended_ = true;
  }
  look_for_end();
  return out;
}

}  // namespace upspec
