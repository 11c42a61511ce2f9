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

// The more of it has come, the likelier it is meant.
int rank(const Link& one) { return one.asked() ? 2 : one.connected && !one.over() ? 1 : 0; }

}  // namespace

Result<void> Links::begin(const Case& what, const Situation& situation, const Scope& scope) {
  upgrade_setting_ = situation.upgrade_setting;
  upgrade_needs_setting_ = situation.upgrade_needs_setting;
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

void Links::open(const std::string& name, std::vector<h2::Setting> settings) { add(name, std::move(settings), false); }

void Links::add(const std::string& name, std::vector<h2::Setting> settings, bool accepts) {
  const auto same = std::ranges::count(all_, name, &Link::name);
  const MonitorOptions monitor{accepts ? Side::client : Side::server, upgrade_setting_, upgrade_needs_setting_};
  all_.emplace_back(name,
                    ActorOptions{same == 0 ? name : cat(name, "-", same + 1), monitor, std::move(settings),
                                 accepts ? Side::server : Side::client},
                    accepts);
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
