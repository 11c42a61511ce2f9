#include "upgrade/websocket_watch.hpp"

#include "base/text.hpp"

namespace upspec {

namespace {

void add(std::vector<Breach>& out, std::string_view requirement, std::string text) {
  out.push_back({std::string(requirement), std::move(text), 0});
}

// RFC 6455 5.2: 3 to 7 and 11 to 15 are reserved.
bool is_defined(std::uint8_t opcode) { return opcode <= 2 || (opcode >= 8 && opcode <= 10); }

}  // namespace

void WebSocketWatch::saw(OctetView octets, std::vector<Breach>& out) {
  reader_.feed(octets);
  while (const auto frame = reader_.next()) check(*frame, out);
}

void WebSocketWatch::check(const ws::Frame& frame, std::vector<Breach>& out) {
  const auto what = ws::describe(frame);
  if (closed_) add(out, "WS-10", cat("after its Close: ", what));
  if (frame.mask.has_value() != masked_) {
    add(out, "WS-08", cat(masked_ ? "a client's frame without mask: " : "a server's frame with mask: ", what));
  }
  if (frame.rsv != 0 && !extensions_) add(out, "WS-12", cat("a reserved bit without an extension: ", what));
  if (!is_defined(frame.opcode)) add(out, "WS-11", cat("a reserved opcode: ", what));
  if (frame.is_control()) {
    if (!frame.fin || frame.payload.size() > 125) add(out, "WS-11", cat("a control frame is whole and short: ", what));
    if (frame.is(ws::Opcode::close)) {
      const auto reason = ws::read_close(frame.payload);
      // RFC 6455 7.4.2 says nothing of codes from 5000 on.
      if (!reason || (!frame.payload.empty() && reason->code < 5000 && !ws::may_be_sent(reason->code))) {
        add(out, "WS-11", cat("a close code that is never sent: ", what));
      }
      closed_ = true;
    }
    return;
  }
  const bool continues = frame.is(ws::Opcode::continuation);
  if (continues != in_message_)
    add(out, "WS-09", cat(continues ? "nothing to continue: " : "the last message is not over: ", what));
  in_message_ = !frame.fin;
}

}  // namespace upspec
