#include "run/visits.hpp"

#include <algorithm>
#include <utility>

namespace upspec {

std::unique_ptr<Visits::Visit> Visits::ask_for(VisitCall call, Said said) {
  const std::lock_guard lock(mutex_);
  entries_[++last_] = {std::move(call), std::move(said)};
  return std::make_unique<Visit>(*this, last_);
}

std::optional<Visits::Next> Visits::next() {
  const std::lock_guard lock(mutex_);
  page_ = true;
  page_came_.notify_all();
  const auto waiting = std::ranges::find_if(entries_, [](const auto& one) { return !one.second.given; });
  if (waiting == entries_.end()) return std::nullopt;
  waiting->second.given = true;
  return Next{waiting->first, waiting->second.call};
}

void Visits::said(std::size_t number, bool success, std::string saw) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(number);
  if (found == entries_.end()) return;
  if (const auto said = std::exchange(found->second.said, {})) said(success, std::move(saw));
}

void Visits::forget(std::size_t number) {
  const std::lock_guard lock(mutex_);
  entries_.erase(number);
}

bool Visits::wait_for_page(std::chrono::milliseconds at_most) {
  std::unique_lock lock(mutex_);
  return page_came_.wait_for(lock, at_most, [this] { return page_; });
}

void Visits::page_is_gone() {
  const std::lock_guard lock(mutex_);
  page_ = false;
}

}  // namespace upspec
