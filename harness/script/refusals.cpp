#include "script/refusals.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <string_view>

#include "base/text.hpp"
#include "h2/codes.hpp"
#include "upgrade/dialect.hpp"
#include "upgrade/sections.hpp"

namespace upspec::script {

namespace {

// Tokens that some server might know: those of the registry (RFC 9110 16.7), with and without a version.
bool may_be_known(std::string_view protocol) {
  constexpr auto registered = std::to_array<std::string_view>(
      {"websocket", "upspec-echo", "h2", "h2c", "http", "tls", "connect-udp", "connect-ip", "webtransport"});
  const auto name = protocol.substr(0, protocol.find('/'));
  return std::ranges::any_of(registered, [&](std::string_view one) { return same_protocol(one, name); });
}

}  // namespace

bool is_right(const StreamSeen& stream) {
  if (stream.ours.sections.size() != 1) return false;
  const auto& request = stream.ours.sections.front();
  // A server may find reasons of its own against these.
  for (const auto* name : {"content-length", "expect", "host"})
    if (h2::find(request, name)) return false;
  return h2::find(request, ":authority") && check_request(request, {true, true}).empty();
}

bool is_right_or_accepted(const StreamSeen& stream) {
  if (is_right(stream)) return true;
  if (!stream.accepted || stream.ours.sections.size() != 1) return false;
  const auto& request = stream.ours.sections.front();
  // In dialect `connect` content has no defined meaning (protocol.md section 12).
  return asked_dialect(request) == Dialect::upgrade && !h2::find(request, "host") &&
         check_request(request, {true, true}).empty();
}

// What the other side has to call an error, so that it must not go on as if nothing had been. It has answered a PING
// since. A stream that it had ended meanwhile may be forgotten (RFC 9113 5.1).
Breach owed_error(const LinkSeen& link, const Trace& trace) {
  const auto& offence = trace.offence();
  if (!offence) return {};
  if (offence->stream == 0) return {offence->requirement, cat("a connection error for ", offence->what), 0};
  const auto at = link.streams.find(offence->stream);
  if (at == link.streams.end() || at->second.theirs.reset || at->second.theirs.ended || at->second.ours.reset)
    return {};
  if (offence->requirement == "TUN-05" && !at->second.accepted) return {};
  return {offence->requirement, cat("an error for ", offence->what, " on stream ", offence->stream), offence->stream};
}

std::optional<Breach> accepted_although_unknown(std::uint32_t id, const StreamSeen& stream) {
  if (!stream.accepted || stream.ours.sections.empty()) return std::nullopt;
  const auto& request = stream.ours.sections.front();
  const auto* protocol = h2::find(request, ":protocol");
  if (asked_dialect(request) == Dialect::upgrade) protocol = h2::find(request, ":upgrade");
  const auto name = protocol ? parse_accepted(*protocol) : Result<Offer>(fail("no protocol"));
  if (!name || may_be_known(name->protocol)) return std::nullopt;
  const auto* requirement = asked_dialect(request) == Dialect::upgrade ? "REQ-11" : "XC-10";
  return Breach{requirement, cat("the accept of ", name->protocol, ", a protocol that nobody knows, on stream ", id),
                id};
}

std::optional<Breach> accepted_with_content_length(std::uint32_t id, const StreamSeen& stream) {
  if (!stream.accepted || stream.ours.sections.empty()) return std::nullopt;
  if (asked_dialect(stream.ours.sections.front()) != Dialect::connect) return std::nullopt;  // the Monitor's: RES-03
  for (const auto& section : stream.theirs.sections)
    if (is_accept(Dialect::connect, section, false) && h2::find(section, "content-length"))
      return Breach{"RES-03", cat("content-length in a 2xx to CONNECT (RFC 9110 8.6, 9.3.6) on stream ", id), id};
  return std::nullopt;
}

// A stream that is refused for being one too many, while none is open, and others like it were taken before.
std::optional<Breach> refused_although_none_is_open(const LinkSeen& link, const Trace& trace) {
  struct Open {
    bool ours = true, theirs = true;
  };
  std::map<std::uint32_t, Open> open;
  for (const auto& event : trace.events()) {
    const bool is_reset = event.type == static_cast<std::uint8_t>(h2::FrameType::rst_stream);
    if (event.stream == 0) continue;
    if (event.ours && is_reset) return std::nullopt;  // who opens and resets may be refused
    auto& stream = open[event.stream];
    const bool is_refusal = event.value == static_cast<std::uint32_t>(h2::ErrorCode::refused_stream);
    const auto at = link.streams.find(event.stream);
    if (!event.ours && is_reset && is_refusal && at != link.streams.end() && is_right(at->second)) {
      const bool alone = std::ranges::all_of(open, [&](const auto& other) {
        return other.first == event.stream || (!other.second.ours && !other.second.theirs);
      });
      const auto* path = h2::find(at->second.ours.sections.front(), ":path");
      const auto taken = std::ranges::count_if(link.streams, [&](const auto& other) {
        if (other.first >= event.stream || !other.second.accepted) return false;
        const auto* its = h2::find(other.second.ours.sections.front(), ":path");
        return its && *its == *path;
      });
      if (alone && taken > 0)
        return Breach{"TUN-09", cat("RST_STREAM(REFUSED_STREAM) after ", taken, " channels, although none is open"),
                      event.stream};
    }
    if (is_reset) stream = {false, false};
    const bool may_end = event.type <= static_cast<std::uint8_t>(h2::FrameType::headers);
    if (may_end && (event.flags & h2::flag::end_stream) != 0) (event.ours ? stream.ours : stream.theirs) = false;
  }
  return std::nullopt;
}

}  // namespace upspec::script
