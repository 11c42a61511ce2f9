#include "scenario/links.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "scenario/sending.hpp"

namespace upspec {

namespace {

// A server's end announces the dialect that the case is about, unless the case speaks of that setting itself.
void announce(std::vector<h2::Setting>& settings, const Case& what, const Situation& situation) {
  const bool upgrade = what.dialect == Dialect::upgrade;
  if (what.role == "client" && what.unannounced) return;
  if (upgrade && !situation.upgrade_needs_setting) return;
  const auto id = upgrade ? situation.upgrade_setting : h2::setting::enable_connect_protocol;
  if (std::ranges::find(settings, id, &h2::Setting::id) == settings.end()) settings.push_back({id, 1});
}

// In HTTP/1.1 there is neither.
bool speaks_h1(std::string_view way, bool accepts) { return !way.empty() && way[accepts ? 1 : 0] == '1'; }

// The more of it has come, the likelier it is meant.
int rank(const Link& one) { return one.asked() ? 2 : one.connected && !one.over() ? 1 : 0; }

}  // namespace

Result<void> Links::begin(const Case& what, const Situation& situation, const Scope& scope) {
  upgrade_setting_ = situation.upgrade_setting;
  way_ = what.way;
  upgrade_needs_setting_ = situation.upgrade_needs_setting;
  keeps_windows_ = what.keeps_windows;
  answers_ordinary_ = what.role == "client" && protocol_of(what) != "none";
  Result<void> ok;
  for (const auto& first : first_links) {
    if (first.role != what.role) continue;
    const auto lines = what.settings.find(first.name);
    auto settings =
        settings_of(lines == what.settings.end() ? std::vector<SettingLine>{} : lines->second, scope, upgrade_setting_);
    if (!settings) ok = tl::unexpected(settings.error());
    auto list = std::move(settings).value_or(std::vector<h2::Setting>{});
    if (first.accepts) announce(list, what, situation);
    add(std::string(first.name), std::move(list), first.accepts);
  }
  main_ = &all_.front();
  return ok;
}

std::vector<std::uint32_t> Link::requests() const {
  std::vector<std::uint32_t> all;
  if (h1) {
    for (std::uint32_t i = 1; i <= h1->exchanges(); ++i)
      if (!h1->stream(i)->request.empty()) all.push_back(i);
  } else {
    for (const auto& [id, stream] : actor.streams())
      if (stream.came_section) all.push_back(id);
  }
  return all;
}

bool Link::is_answered(std::uint32_t stream) const {
  if (h1) return h1->is_answered(stream);
  const auto* state = actor.stream(stream);
  return state && state->sent_section;
}

std::size_t Link::asked_by_us() const {
  if (accepts) return 0;
  if (h1) return h1->exchanges();
  return static_cast<std::size_t>(
      std::ranges::count_if(actor.streams(), [](const auto& one) { return one.second.sent_section; }));
}

bool Link::all_answered() const {
  const auto is_final = [](const StreamItem& item) {
    return item.kind != StreamItem::Kind::section || status_of(item.fields).value_or(0) >= 300;
  };
  const auto answered = [&](const ActorStream& stream) { return std::ranges::any_of(stream.items, is_final); };
  if (over()) return true;
  if (h1) {
    for (std::uint32_t i = 1; i <= h1->exchanges(); ++i)
      if (!answered(*h1->stream(i))) return false;
    return true;
  }
  return std::ranges::all_of(actor.streams(),
                             [&](const auto& one) { return !one.second.sent_section || answered(one.second); });
}

void Links::open(const std::string& name, std::vector<h2::Setting> settings) { add(name, std::move(settings), false); }

void Links::add(const std::string& name, std::vector<h2::Setting> settings, bool accepts) {
  const auto same = std::ranges::count(all_, name, &Link::name);
  const bool keeps_windows = keeps_windows_ && (accepts || !way_.empty());
  const MonitorOptions monitor{accepts ? Side::client : Side::server, upgrade_setting_, upgrade_needs_setting_,
                               !way_.empty()};
  all_.emplace_back(name,
                    ActorOptions{same == 0 ? name : cat(name, "-", same + 1), monitor, std::move(settings),
                                 accepts ? Side::server : Side::client, accepts && answers_ordinary_, keeps_windows},
                    accepts, speaks_h1(way_, accepts));
}

std::optional<std::size_t> Links::accept(Moment now) {
  auto waiting = std::ranges::find_if(all_, [](const Link& one) { return one.accepts && !one.connected; });
  if (waiting == all_.end()) {
    const auto first = std::ranges::find(all_, true, &Link::accepts);
    if (first == all_.end() || std::ranges::count(all_, true, &Link::accepts) >= most_accepted) return std::nullopt;
    add(first->name, first->actor.first_settings(), true);
    waiting = std::prev(all_.end());
  }
  waiting->start(now);
  return static_cast<std::size_t>(waiting - all_.begin());
}

Link* Links::find(std::string_view name) { return main_->name == name ? main_ : best(name); }

Link* Links::best(std::string_view name) {
  Link* found = nullptr;
  for (auto& one : all_)
    if (one.name == name && (!found || rank(one) > rank(*found))) found = &one;
  return found;
}

bool Links::choose_main() { return std::exchange(main_, best(main_->name)) != main_; }

}  // namespace upspec
