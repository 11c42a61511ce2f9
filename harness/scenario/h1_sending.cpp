#include "scenario/h1_sending.hpp"

#include <algorithm>
#include <functional>
#include <limits>

#include "base/text.hpp"
#include "h1/head.hpp"
#include "h2/codes.hpp"
#include "scenario/sending.hpp"

namespace upspec {

namespace {

using Act = std::function<void(H1Actor&, H1Sent&, Moment)>;

Act octets(Octets what) {
  return [what = std::move(what)](H1Actor& actor, H1Sent&, Moment now) { actor.send(what, now); };
}

std::string chunk_of(std::string_view content) {
  std::string size;
  for (auto left = content.size(); left > 0; left /= 16) size.insert(size.begin(), "0123456789abcdef"[left % 16]);
  return content.empty() ? "0\r\n\r\n" : cat(size, "\r\n", content, "\r\n");
}

struct Maker {
  const Scope& scope;
  Random& random;

  Result<Act> operator()(const SendHead& part) const {
    std::string head;
    for (const auto& line : part.lines) {
      const auto text = line.fill(scope);
      if (!text) return tl::unexpected(text.error());
      head += cat(*text, "\r\n");
    }
    head += "\r\n";
    const auto most = part.most.value_or(std::numeric_limits<std::size_t>::max());
    return Act(
        [head = std::move(head), most](H1Actor& actor, H1Sent&, Moment now) { actor.send_head(head, most, now); });
  }
  Result<Act> operator()(const SendChunk& part) const {
    return part.octets.fill(scope).map([](const std::string& text) { return octets(to_octets(chunk_of(text))); });
  }
  Result<Act> operator()(const SendData& part) const {
    return part.octets.fill(scope).map(
        [](const std::string& text) { return octets(to_octets(std::string_view(text))); });
  }
  Result<Act> operator()(const SendWs& part) const {
    return ws_octets(part, scope, random).map([](Octets frame) { return octets(std::move(frame)); });
  }
  Result<Act> operator()(const SendRaw& part) const { return octets(part.octets); }
  Result<Act> operator()(const SendEnd&) const {
    return Act([](H1Actor&, H1Sent& sent, Moment) { sent.shut = true; });
  }
  Result<Act> operator()(const SendFrame& part) const {
    if (part.type != static_cast<std::uint8_t>(h2::FrameType::rst_stream))
      return fail("a frame on an HTTP/1.1 connection");
    return Act([](H1Actor&, H1Sent& sent, Moment) { sent.abort = true; });
  }
  // What both forms have: a start line from the pseudo-headers, and fields.
  Result<Act> operator()(const SendHeaders& part) const {
    const auto section = section_of(part.like, part.lines, scope);
    if (!section) return tl::unexpected(section.error());
    const auto value = [&](std::string_view name) {
      const auto* found = h2::find(*section, name);
      return found ? *found : std::string();
    };
    const auto status = value(":status");
    std::string head =
        status.empty()
            ? cat(value(":method"), " ", value(":path"), " HTTP/1.1\r\nhost: ", value(":authority"), "\r\n")
            : cat("HTTP/1.1 ", status, " ", h1::reason_for(static_cast<int>(to_number(status).value_or(0))), "\r\n");
    for (const auto& field : *section)
      if (!field.name.starts_with(':')) head += cat(field.name, ": ", field.value, "\r\n");
    const bool is_final = !status.empty() && !status.starts_with('1');
    if (part.end && is_final && !h2::find(*section, "content-length")) head += "content-length: 0\r\n";
    head += "\r\n";
    return Act(
        [head = std::move(head)](H1Actor& actor, H1Sent&, Moment now) { actor.send_head(head, head.size(), now); });
  }
  Result<Act> operator()(const SendAccept&) const { return fail("<accept> of no request"); }
  Result<Act> operator()(const SendPush&) const { return fail("<push> on an HTTP/1.1 connection"); }
  Result<Act> operator()(const SendGoaway&) const { return fail("<goaway> on an HTTP/1.1 connection"); }
  Result<Act> operator()(const SendSettings&) const { return fail("<settings> on an HTTP/1.1 connection"); }
};

}  // namespace

Result<H1Sent> send_h1(const Send& send, const Scope& scope, Random& random, H1Actor& actor, Moment now) {
  std::vector<Act> acts;
  for (const auto& part : send.parts) {
    auto act = std::visit(Maker{scope, random}, part);
    if (!act) return tl::unexpected(act.error());
    acts.push_back(std::move(*act));
  }
  H1Sent sent;
  for (std::size_t time = 0; time < send.times; ++time)
    for (const auto& act : acts) act(actor, sent, now);
  actor.flush(send.split);
  return sent;
}

}  // namespace upspec
