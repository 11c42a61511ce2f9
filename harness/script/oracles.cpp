#include "script/oracles.hpp"

#include <algorithm>
#include <optional>

#include "base/text.hpp"
#include "script/proxy_oracles.hpp"
#include "upgrade/dialect.hpp"
#include "upgrade/offer.hpp"
#include "upgrade/sections.hpp"

namespace upspec::script {
namespace {

using Findings = std::vector<Finding>;

void judge_link(Role role, const LinkSeen& link, Findings& out) {
  const bool proxy = has(role, End::front) && has(role, End::behind);
  for (const auto& breach : link.breaches) {
    // What the octets of a channel say is its ends' affair: a proxy carries what it is given.
    if (proxy && breach.requirement.starts_with("WS-")) continue;
    out.push_back(
        {"monitor", breach.requirement, cat(name_of(link.link), ", stream ", breach.stream, ": ", breach.text)});
  }
  if (!link.unreadable.empty()) out.push_back({"unreadable", "", cat(name_of(link.link), ": ", link.unreadable)});
}

// The channel's protocol, as the request and its accept name it.
bool is_echo(const StreamSeen& stream) {
  const auto& request = stream.ours.sections.front();
  const auto dialect = asked_dialect(request);
  const std::string* name = nullptr;
  if (dialect == Dialect::connect) name = h2::find(request, ":protocol");
  for (const auto& section : stream.theirs.sections)
    if (dialect == Dialect::upgrade && h2::find(section, ":upgrade")) name = h2::find(section, ":upgrade");
  const auto accepted = name ? parse_accepted(*name) : fail("no name");
  return accepted && same_protocol(accepted->protocol, "upspec-echo");
}

bool ended_badly(const LinkSeen& link) {
  return link.closing || link.closed_by_us || !link.goaways.empty() || !link.unreadable.empty();
}

void judge_echo(const LinkSeen& link, std::uint32_t id, const StreamSeen& stream, const Oracles& oracles,
                Findings& out) {
  const auto channel = channel_octets(stream.ours, stream.ours.sections.front());
  const OctetView came = stream.theirs.octets;
  const auto where = cat(name_of(link.link), ", stream ", id);
  if (came.size() > channel.size() || !std::ranges::equal(came, channel.first(came.size()))) {
    const auto same = static_cast<std::size_t>(std::ranges::mismatch(came, channel).in1 - came.begin());
    out.push_back(
        {"echo", "TUN-01",
         cat(where, ": ", channel.size(), " octets went, ", came.size(), " came, and differ from octet ", same)});
    return;
  }
  if (stream.theirs.reset || stream.ours.reset || ended_badly(link) || stream.ours.total > most_kept) return;
  const bool all = came.size() == channel.size();
  if (stream.theirs.ended && !all)
    out.push_back({"echo", "TUN-01", cat(where, ": it ended after ", came.size(), " of ", channel.size(), " octets")});
  if (!oracles.stall || stream.theirs.ended || stream.room <= 0) return;
  if (!all)
    out.push_back({"stall", "TUN-07",
                   cat(where, ": ", came.size(), " of ", channel.size(), " octets came, and the window is open")});
  if (all && stream.ours.ended) out.push_back({"stall", "TUN-03", cat(where, ": our END_STREAM is not answered")});
}

}  // namespace

OctetView channel_octets(const HalfSeen& half, const h2::FieldSection& request) {
  const auto content = asked_dialect(request) == Dialect::upgrade ? content_length(request).value_or(0) : 0;
  const OctetView all = half.octets;
  return all.subspan(static_cast<std::size_t>(std::min<std::uint64_t>(content, all.size())));
}

std::vector<Finding> judge(const Script& script, const Played& played, Oracles oracles) {
  Findings out;
  if (played.endless) out.push_back({"endless", "", "it goes on without end"});
  for (const auto& link : played.links) {
    judge_link(script.role, link, out);
    if (script.role != Role::server || !oracles.echo) continue;
    for (const auto& [id, stream] : link.streams)
      if (stream.accepted && is_echo(stream)) judge_echo(link, id, stream, oracles, out);
  }
  if (has(script.role, End::front) && has(script.role, End::behind)) judge_proxy(script, played, out);
  return out;
}

std::string key_of(const Finding& finding) {
  return finding.requirement.empty() ? finding.oracle : cat(finding.oracle, " ", finding.requirement);
}

}  // namespace upspec::script
