#include "peer/websocket_echo.hpp"

#include <array>
#include <utility>

namespace upspec {

namespace {

using ws::Opcode;

constexpr std::size_t largest_header = 14;  // RFC 6455 5.2
constexpr std::size_t largest_control = 125;

bool is_known(const ws::Frame& frame) {
  constexpr std::array known = {Opcode::continuation, Opcode::text, Opcode::binary,
                                Opcode::close,        Opcode::ping, Opcode::pong};
  for (const auto opcode : known)
    if (frame.is(opcode)) return true;
  return false;
}

}  // namespace

// RFC 6455 5.5.1, 7.4: what a Close frame may hold.
std::optional<WebSocketReader::Trouble> WebSocketReader::judge_close(const ws::Frame& frame) const {
  if (frame.payload.empty()) return std::nullopt;
  const auto reason = ws::read_close(frame.payload);
  if (!reason && violations_.breaks("WS-11/short-close")) return std::nullopt;
  if (!reason) return Trouble{1002, "Close with half a code"};
  if (!ws::may_be_sent(reason->code) && !violations_.breaks("WS-11/close-codes"))
    return Trouble{1002, "Close code that is never sent"};
  if (!ws::is_utf8(reason->reason) && !violations_.breaks("WS-11/utf8-reason"))
    return Trouble{1007, "Close reason is not UTF-8"};
  return std::nullopt;
}

std::optional<WebSocketReader::Trouble> WebSocketReader::judge(const ws::Frame& frame) const {
  const bool control = frame.is_control();
  const bool continues = frame.is(Opcode::continuation);
  const struct {
    std::string_view forgiven;
    bool broken;
    const char* what;
  } rules[] = {
      {"WS-11/reserved-bits", frame.rsv != 0, "reserved bit without an extension"},
      {"WS-11/reserved-opcodes", !is_known(frame), "reserved opcode"},
      {"WS-08/masked", frame.mask.has_value() != peer_masks_, peer_masks_ ? "frame without mask" : "masked frame"},
      {"", frame.long_length != 0, "length not in its shortest form"},
      {"WS-11/control-fragments", control && !frame.fin, "control frame in fragments"},
      {"WS-11/long-control", control && frame.payload.size() > largest_control, "long control frame"},
      {"", !control && is_known(frame) && continues != partial_.has_value(), "fragments out of order"},
      {"", violations_.breaks("WS-09/fragments") && !control && !frame.fin, "fragments"},
      {"", violations_.breaks("WS-09/control-between") && control && partial_, "control frame between fragments"},
  };
  for (const auto& rule : rules)
    if (rule.broken && !violations_.breaks(rule.forgiven)) return Trouble{1002, rule.what};
  return frame.is(Opcode::close) ? judge_close(frame) : std::nullopt;
}

std::optional<WebSocketReader::Message> WebSocketReader::join(ws::Frame frame) {
  if (frame.is_control() || !is_known(frame))  // the latter by a violation only
    return Message{static_cast<Opcode>(frame.opcode), std::move(frame.payload)};
  if (!partial_) partial_ = Message{static_cast<Opcode>(frame.opcode), {}};
  append(partial_->payload, frame.payload);
  if (partial_->payload.size() > largest_message) {
    trouble_ = Trouble{1009, "message too large"};
    return std::nullopt;
  }
  if (!frame.fin) return std::nullopt;
  auto message = std::move(*partial_);
  partial_.reset();
  const bool forgiven = violations_.breaks("WS-11/utf8");
  if (message.opcode == Opcode::text && !ws::is_utf8(as_text(message.payload)) && !forgiven) {
    trouble_ = Trouble{1007, "text is not UTF-8"};
    return std::nullopt;
  }
  return message;
}

std::optional<WebSocketReader::Message> WebSocketReader::next() {
  while (!trouble_) {
    auto frame = reader_.next();
    if (!frame) break;
    if ((trouble_ = judge(*frame))) break;
    if (auto message = join(std::move(*frame))) return message;
  }
  if (trouble_) return std::nullopt;
  if (reader_.broken()) trouble_ = Trouble{1002, "length with its top bit set"};
  if (reader_.buffered() > largest_message + largest_header) trouble_ = Trouble{1009, "frame too large"};
  return std::nullopt;
}

void WebSocketEcho::receive(OctetView octets) {
  if (finished_) return;
  reader_.feed(octets);
  if (faults_.long_headers && reader_.buffered() < largest_header) return;
  while (!finished_) {
    auto message = reader_.next();
    if (!message) break;
    answer(std::move(*message));
  }
  if (finished_ || !reader_.trouble()) return;
  send(Opcode::close, ws::close_payload(reader_.trouble()->code, reader_.trouble()->what));
  finished_ = true;
}

void WebSocketEcho::answer(WebSocketReader::Message message) {
  switch (message.opcode) {
    case Opcode::pong:
      return;
    case Opcode::ping:
      return send(Opcode::pong, std::move(message.payload));
    case Opcode::close:
      // WS-10: Close gets its Close with the same code; then END_STREAM.
      message.payload.resize(std::min<std::size_t>(message.payload.size(), 2));
      send(Opcode::close, std::move(message.payload));
      finished_ = true;
      return;
    default:
      return send(message.opcode, std::move(message.payload));
  }
}

void WebSocketEcho::send(Opcode opcode, Octets payload) {
  ws::Frame frame;
  frame.opcode = static_cast<std::uint8_t>(opcode);
  frame.rsv = faults_.set_rsv1 ? 4 : 0;
  frame.payload = std::move(payload);
  append(out_, ws::serialise(frame));
}

Octets WebSocketEcho::take_output() { return std::exchange(out_, {}); }

}  // namespace upspec
