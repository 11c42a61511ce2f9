#include "peer/stream_ledger.hpp"

#include <algorithm>

namespace upspec {

StreamLedger::Standing StreamLedger::standing(std::uint32_t stream) const {
  const auto found = entries_.find(stream);
  if (found == entries_.end()) return stream > highest_ ? Standing::idle : Standing::skipped;
  const auto& entry = found->second;
  if (entry.we_reset) return Standing::we_reset;
  if (entry.closed) return Standing::peer_left;
  return entry.peer_done ? Standing::peer_ended : Standing::open;
}

void StreamLedger::open(std::uint32_t stream) {
  highest_ = std::max(highest_, stream);
  if (entries_.try_emplace(stream).second) ++active_;
  forget_oldest();
}

void StreamLedger::peer_ended(std::uint32_t stream) {
  if (const auto found = entries_.find(stream); found != entries_.end()) found->second.peer_done = true;
}

void StreamLedger::peer_reset(std::uint32_t stream) {
  peer_ended(stream);
  closed(stream);
}

void StreamLedger::we_reset(std::uint32_t stream) {
  if (const auto found = entries_.find(stream); found != entries_.end()) found->second.we_reset = true;
}

void StreamLedger::closed(std::uint32_t stream) {
  const auto found = entries_.find(stream);
  if (found == entries_.end() || found->second.closed) return;
  found->second.closed = true;
  --active_;
}

void StreamLedger::forget_oldest() {
  for (auto it = entries_.begin(); entries_.size() - active_ > memory && it != entries_.end();)
    it = it->second.closed ? entries_.erase(it) : std::next(it);
}

}  // namespace upspec
