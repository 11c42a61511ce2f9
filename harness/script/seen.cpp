#include "script/seen.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace upspec::script {

std::string_view name_of(Outcome outcome) {
  constexpr std::array<std::string_view, 5> names = {"silence", "accept", "decline", "reset", "close"};
  return names[static_cast<std::size_t>(outcome)];
}

const LinkSeen* Played::find(LinkId link) const {
  const auto at = std::ranges::find(links, link, &LinkSeen::link);
  return at == links.end() ? nullptr : &*at;
}

namespace {

// In front the implementation answers, behind the script does.
const HalfSeen& answer_of(const LinkSeen& link, const StreamSeen& stream) {
  return link.link.end == End::front ? stream.theirs : stream.ours;
}

bool has_final(const HalfSeen& half) {
  return std::ranges::any_of(half.sections, [](const h2::FieldSection& section) {
    const auto* status = h2::find(section, ":status");
    return status && !status->starts_with('1');
  });
}

}  // namespace

Outcome outcome_of(const LinkSeen& link, std::uint32_t stream) {
  if (!link.h2) {
    if (link.switched) return Outcome::accept;
    const auto& answer = link.link.end == End::front ? link.theirs : link.ours;
    if (!answer.empty()) return Outcome::decline;
    return link.closing ? Outcome::close : Outcome::silence;
  }
  const auto at = link.streams.find(stream);
  if (at != link.streams.end()) {
    if (at->second.accepted) return Outcome::accept;
    if (has_final(answer_of(link, at->second))) return Outcome::decline;
    if (at->second.theirs.reset) return Outcome::reset;
  }
  return link.closing || !link.goaways.empty() ? Outcome::close : Outcome::silence;
}

std::string outcomes(const Played& played) {
  std::vector<std::string> all;
  for (const auto& link : played.links) {
    const auto name = name_of(link.link);
    if (!link.h2) all.push_back(cat(name, " ", name_of(outcome_of(link, 0))));
    for (const auto& [id, stream] : link.streams)
      if (!stream.ours.sections.empty() || !stream.theirs.sections.empty())
        all.push_back(cat(name, " ", id, " ", name_of(outcome_of(link, id))));
  }
  return join(all, ", ");
}

}  // namespace upspec::script
