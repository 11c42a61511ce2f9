#include "peer/client_channel.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "upgrade/dialect.hpp"

namespace upspec {

using ws::Opcode;

void WebSocketClient::write(Opcode opcode, Octets payload) {
  ws::Frame frame;
  frame.opcode = static_cast<std::uint8_t>(opcode);
  std::ranges::copy(random_.octets(4), frame.mask.emplace().begin());  // WS-08
  frame.payload = std::move(payload);
  append(out_, ws::serialise(frame));
}

void WebSocketClient::send(OctetView message) {
  if (!said_close_) write(Opcode::text, to_octets(message));
}

void WebSocketClient::close(Octets payload) {
  if (!std::exchange(said_close_, true)) write(Opcode::close, std::move(payload));
}

void WebSocketClient::end() { close(ws::close_payload(1000)); }

void WebSocketClient::receive(OctetView octets) {
  if (finished_) return;
  reader_.feed(octets);
  while (!finished_) {
    auto message = reader_.next();
    if (!message) break;
    if (message->opcode == Opcode::ping) {
      if (!said_close_) write(Opcode::pong, std::move(message->payload));
    } else if (message->opcode == Opcode::close) {
      message->payload.resize(std::min<std::size_t>(message->payload.size(), 2));
      close(std::move(message->payload));
      finished_ = true;
    } else if (message->opcode != Opcode::pong) {
      messages_.push_back(std::move(message->payload));
    }
  }
  if (finished_ || !reader_.trouble()) return;
  trouble_ = reader_.trouble()->what;
  close(ws::close_payload(reader_.trouble()->code, reader_.trouble()->what));
  finished_ = true;
}

void WebSocketClient::peer_ended() {
  if (!finished_) trouble_ = "the channel ended without Close";  // WS-11
  finished_ = true;
}

Octets H2cClient::settings() {
  return h2::settings_payload({{h2::setting::enable_push, 0}, {h2::setting::initial_window_size, 1u << 16}});
}

H2cClient::H2cClient(OctetView settings, h2::FieldSection post) : post_(std::move(post)) {
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
  if (session_->over()) finished_ = true;
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

Octets H2cClient::take_output() {
  auto out = session_->take_output();
  for (const auto& event : session_->take_events()) on(event);
  // Every request has its answer, or none will come: the inner end is the outer one (H2C-09).
  if (ending_ && !finished_ && session_->active() == 0) {
    session_->terminate(h2::ErrorCode::no_error);
    append(out, session_->take_output());
    finished_ = true;
  }
  return out;
}

}  // namespace upspec
