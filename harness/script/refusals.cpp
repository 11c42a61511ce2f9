#include "script/refusals.hpp"

#include <algorithm>
#include <array>
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

}  // namespace upspec::script
