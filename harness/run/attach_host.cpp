#include "run/attach_host.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "run/client_call.hpp"

namespace upspec {

namespace {

// In the whole run: a client that comes more often is turned away.
constexpr std::size_t most_visitors = 50'000;
constexpr std::size_t sniffed = 4;  // "PRI ", and every HTTP/1.1 method has as many

}  // namespace

AttachHost::AttachHost(const Door& door, std::vector<const Case*> cases, const Situation& situation,
                       const Registry& registry, OnEnd on_end)
    : door_(door), cases_(std::move(cases)), situation_(situation), registry_(registry), on_end_(std::move(on_end)) {}
AttachHost::~AttachHost() = default;

// ---- connections

std::optional<std::size_t> AttachHost::accepted(Moment now) {
  now_ = now;
  if (links_.size() >= most_visitors) return std::nullopt;
  links_.emplace_back();
  return links_.size() - 1;
}

void AttachHost::turned_away(std::string_view why, Moment now) {
  if (play_) play_->turned_away(why, now);
}

// A client speaks first in HTTP/1.1 and in HTTP/2 (RFC 9113 3.4), so its first octets say who it is: HTTP/2 while a
// case is armed plays it.
void AttachHost::seat(Visitor& visitor, Moment now) {
  const bool http2 = as_text(visitor.first).starts_with("PRI ");
  if (http2 && play_)
    if (const auto link = play_->accepted(now)) {
      visitor.play = play_;
      visitor.link = *link;
      return;
    }
  visitor.desk = std::make_unique<Desk>(http2, [this](std::string_view path) { return answer(path); });
}

void AttachHost::receive(std::size_t link, OctetView octets, Moment now) {
  now_ = now;
  auto& visitor = links_[link];
  if (visitor.gone) return;
  Octets first;
  if (!visitor.desk && !visitor.play) {
    append(visitor.first, octets);
    if (visitor.first.size() < sniffed) return;
    seat(visitor, now);
    first = std::exchange(visitor.first, {});
    octets = first;
  }
  if (visitor.desk) visitor.desk->receive(octets, now);
  if (visitor.play) visitor.play->receive(visitor.link, octets, now);
  settle(now);
}

void AttachHost::closed(std::size_t link, Closing how, Moment now) {
  now_ = now;
  auto& visitor = links_[link];
  visitor.gone = true;
  if (visitor.desk) visitor.desk->closed(how, now);
  if (visitor.play) visitor.play->closed(visitor.link, how, now);
  settle(now);
}

Performer::Wish AttachHost::wish(std::size_t link) const {
  const auto& visitor = links_[link];
  if (visitor.desk) return visitor.desk->finished() ? Wish::shut : Wish::keep;
  if (!visitor.play) return Wish::keep;
  return visitor.play->done() ? Wish::shut : visitor.play->wish(visitor.link);
}

std::optional<Octets> AttachHost::take_output(std::size_t link) {
  auto& visitor = links_[link];
  if (visitor.desk) return visitor.desk->take_output();
  return visitor.play ? visitor.play->take_output(visitor.link) : std::nullopt;
}

// ---- time

std::uint64_t AttachHost::progress() const { return events_ + (play_ ? play_->progress() : 0); }

// Nobody knows when the next case is armed. One that is armed is to be played: where nobody comes, nobody will.
void AttachHost::deadline(Moment now) {
  now_ = now;
  if (!play_) return;
  const bool came = std::ranges::any_of(links_, [&](const Visitor& one) { return one.play == play_; });
  play_->deadline(now);
  over_ = !came;
  settle(now);
}

void AttachHost::settle(Moment now) {
  if (!play_ || !play_->done()) return;
  auto one = played(*play_, static_cast<double>(now - begun_) / 1e6);
  const auto& what = one.result;
  verdicts_[armed_->id] = cat(name_of(what.verdict), what.message.empty() ? "" : ": ", what.message, "\n");
  ++events_;
  events_ += play_->progress();  // what progress() says never falls
  play_ = nullptr;
  over_ = !on_end_(*std::exchange(armed_, nullptr), std::move(one)) || over_;
}

// ---- the desk

Desk::Answer AttachHost::answer(std::string_view path) {
  if (path == "/cases") return {200, list()};
  if (path.starts_with("/arm/")) return arm(path.substr(5));
  if (path.starts_with("/client/")) {
    const auto name = path.substr(8, 100);
    const auto all_quoted = upspec::quoted(name, 100);
    client_name_ = all_quoted.size() == name.size() + 2 ? std::string(name) : all_quoted;
    return {200, "welcome\n"};
  }
  if (path.starts_with("/verdict/")) {
    const auto id = path.substr(9);
    if (const auto found = verdicts_.find(id); found != verdicts_.end()) return {200, found->second};
    const bool known = std::ranges::any_of(cases_, [&](const Case* one) { return one->id == id; });
    return known ? Desk::Answer{200, "none yet\n"} : Desk::Answer{404, "no such case\n"};
  }
  return {404, "there are /cases, /arm/ID, /verdict/ID and /client/NAME\n"};
}

// "ID DIALECT PROTOCOL URL MESSAGE": what the client is to do for it.
std::string AttachHost::list() const {
  std::string all;
  for (const Case* one : cases_) {
    const auto message = message_for(*one);
    const auto shown = message.size() > 200 ? cat("(", message.size(), " octets)") : message;
    all += cat(one->id, " ", name_of(one->dialect), " ", protocol_of(*one), " ", url_for(*one, situation_),
               shown.empty() ? "" : " ", shown, "\n");
  }
  return all;
}

Desk::Answer AttachHost::arm(std::string_view id) {
  const auto found = std::ranges::find(cases_, id, [](const Case* one) { return std::string_view(one->id); });
  if (found == cases_.end()) return {404, "no such case\n"};
  if (verdicts_.contains(id)) return {409, "it has been played\n"};
  if (armed_ && armed_ != *found) return {409, cat("armed is ", armed_->id, ", which has no verdict yet\n")};
  if (!armed_) {
    armed_ = *found;
    play_ = std::make_shared<Play>(*armed_, situation_, registry_);
    begun_ = now_;
    ++events_;
  }
  const Case& one = **found;
  return {200, cat("armed: ", one.id, "\ndialect: ", name_of(one.dialect), "\nprotocol: ", protocol_of(one),
                   "\nurl: ", url_for(one, situation_), "\nmessage: ", message_for(one), "\n")};
}

}  // namespace upspec
