#include "scenario/flowing.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace upspec {

namespace {

constexpr std::size_t piece = 1u << 14;

// No two stretches of it are alike for long: what is lost, doubled or in another order shows.
std::uint8_t octet_at(std::uint64_t place) {
  return static_cast<std::uint8_t>(place * 131 + (place >> 8) * 29 + (place >> 16) * 7);
}

Octets pattern(std::uint64_t from, std::size_t size) {
  Octets octets(size);
  for (std::size_t i = 0; i < size; ++i) octets[i] = octet_at(from + i);
  return octets;
}

void mute(Link& link, bool on) { link.h1 ? link.h1->mute(on) : link.actor.mute(on); }

}  // namespace

Flowing::Flowing(FlowEnd from, FlowEnd to, std::uint64_t most, Moment now) : from_(from), to_(to), most_(most) {
  from_.link->remark(cat("a flow begins: octets of a pattern, at most ", most, "; they are not shown"), now);
  mute(*from_.link, true);
  mute(*to_.link, true);
}

void Flowing::hold(Moment now) {
  held_ = true;
  to_.link->remark("we stop reading", now);
  to_.link->h1 ? void(to_.link->deaf = true) : to_.link->actor.hold(to_.stream, true, now);
}

void Flowing::release(Moment now) {
  held_ = false;
  to_.link->remark(cat("we read again; ", sent_, " octets were written meanwhile"), now);
  to_.link->h1 ? void(to_.link->deaf = false) : to_.link->actor.hold(to_.stream, false, now);
}

void Flowing::pump(Moment now) {
  auto& link = *from_.link;
  if (link.over() || sent_ >= most_) return;
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(piece, most_ - sent_));
  if (link.h1) {
    if (link.h1->has_output()) return;
    link.h1->send(pattern(sent_, size), now);
    link.h1->flush();
    sent_ += size;
    return;
  }
  if (link.actor.has_output()) return;
  sent_ += link.actor.send_data(from_.stream, pattern(sent_, size), now);
  link.actor.flush();
}

Result<void> Flowing::take(Moment now) {
  auto& link = *to_.link;
  Sight sight(link.arrivals(), link.cursor, to_.stream);
  while (const auto* item = sight.item()) {
    if (item->kind != StreamItem::Kind::octets) return fail(cat(describe(*item), " after ", came_, " octets"));
    const auto octets = sight.octets();
    if (came_ + octets.size() > sent_) return fail(cat("more octets than were sent: ", came_ + octets.size()));
    for (std::size_t i = 0; i < octets.size(); ++i)
      if (octets[i] != octet_at(came_ + i)) return fail(cat("another octet than was sent, at ", came_ + i));
    came_ += octets.size();
    sight.take_octets(octets.size());
    // Taken and checked: it need not be kept.
    link.h1 ? link.h1->forget(to_.stream) : link.actor.forget(to_.stream);
    link.cursor.streams[to_.stream].offset = 0;
  }
  if (came_ == most_) {
    mute(*from_.link, false);
    mute(link, false);
    link.remark(cat("all ", came_, " octets of the flow have come, unchanged"), now);
  }
  if (link.over() && came_ < most_) return fail(cat("the connection ended after ", came_, " octets"));
  return {};
}

}  // namespace upspec
