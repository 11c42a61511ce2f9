#include "script/h1_end.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "script/accept.hpp"

namespace upspec::script {
namespace {

constexpr std::string_view end_of_head = "\r\n\r\n";

// The value of the last `Sec-WebSocket-Key` in these octets.
std::string key_in(std::string_view octets) {
  constexpr std::string_view name = "sec-websocket-key:";
  const auto folded = lower(octets);
  const auto at = folded.rfind(name);
  if (at == folded.npos) return "";
  const auto rest = octets.substr(at + name.size());
  return std::string(trim(rest.substr(0, rest.find('\r'))));
}

// Whether a head says "HTTP/1.1 101"; content may stand before it. Of an origin, which may say anything, wherever it
// could be read so; of the implementation in front only where no field's value says it.
bool switches(std::string_view head, bool of_origin) {
  constexpr std::string_view version = "HTTP/1.";
  for (auto at = head.find(version); at != head.npos; at = head.find(version, at + 1)) {
    if (!head.substr(at + version.size()).substr(0, 5).ends_with(" 101")) continue;
    const auto line = head.substr(0, at).substr(head.substr(0, at).rfind('\n') + 1);
    if (of_origin || line.find(':') == line.npos) return true;
  }
  return false;
}

}  // namespace

H1End::H1End(LinkId link, EndOptions options) : options_(options) {
  seen_.link = link;
  seen_.h2 = false;
}

// A 101 among the answers, once its head is whole: what goes the other way is a channel from there.
void H1End::look_for_switch(const Octets& answers, const Octets& others, std::size_t& looked) {
  const auto text = as_text(answers);
  while (!seen_.switched) {
    const auto end = text.find(end_of_head, looked);
    if (end == text.npos) return;
    const auto head = text.substr(looked, end - looked);
    looked = end + end_of_head.size();
    if (switches(head, seen_.link.end == End::behind)) seen_.switched = others.size();
  }
}

void H1End::receive(OctetView octets) {
  if (seen_.closing) return;
  if (options_.transcript) note(false, octets);
  append(seen_.theirs, octets.first(std::min(octets.size(), most_kept - std::min(most_kept, seen_.theirs.size()))));
  if (seen_.link.end == End::front) look_for_switch(seen_.theirs, seen_.ours, looked_);
}

void H1End::closed(Closing how) {
  if (!seen_.closing) seen_.closing = how;
}

void H1End::send(OctetView octets) {
  std::string filled;
  if (as_text(octets).find(accept_hole) != std::string_view::npos) {
    const auto key = key_in(as_text(seen_.link.end == End::front ? seen_.ours : seen_.theirs));
    filled = fill_accept(to_text(octets), key);
    octets = as_octets(filled);
  }
  append(write_, octets);
  append(seen_.ours, octets.first(std::min(octets.size(), most_kept - std::min(most_kept, seen_.ours.size()))));
  if (options_.transcript) note(true, octets);
  if (seen_.link.end == End::behind) look_for_switch(seen_.ours, seen_.theirs, looked_);
}

void H1End::flush(std::uint8_t split) {
  if (split == joined || write_.empty()) return;
  writes_.add(std::exchange(write_, {}), split);
}

std::size_t H1End::heads() const {
  const auto text = as_text(seen_.theirs);
  std::size_t count = 0;
  for (auto at = text.find(end_of_head); at != text.npos; at = text.find(end_of_head, at + end_of_head.size())) ++count;
  return count;
}

bool H1End::has_come(const WaitStep& wait) {
  if (seen_.closing) return true;
  if (wait.what == Awaited::octets) return seen_.theirs.size() >= wait.octets;
  if (wait.what != Awaited::section) return wait.what == Awaited::settings || wait.what == Awaited::ack;
  const auto count = heads();
  if (count <= heads_taken_) return false;
  heads_taken_ = count;
  return true;
}

void H1End::note(bool sent, OctetView octets) {
  if (transcript_.size() > 2000) return;
  const auto kept = octets.first(std::min(octets.size(), TranscriptLine::longest_octets));
  transcript_.push_back({0, name_of(seen_.link), sent ? TranscriptLine::Way::sent : TranscriptLine::Way::received,
                         quoted(as_text(octets)), to_octets(kept), octets.size()});
}

}  // namespace upspec::script
