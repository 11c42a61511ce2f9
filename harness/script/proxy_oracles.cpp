#include "script/proxy_oracles.hpp"

#include <algorithm>
#include <optional>
#include <string>

#include "base/text.hpp"
#include "h1/content.hpp"
#include "h1/head.hpp"
#include "h1/lenient.hpp"
#include "upgrade/dialect.hpp"
#include "upgrade/sections.hpp"

namespace upspec::script {
namespace {

using Findings = std::vector<Finding>;

// "GET /chat": what a request is called on both sides; an extended CONNECT goes behind as GET.
std::string title_of(const h2::FieldSection& request) {
  const auto* method = h2::find(request, ":method");
  const auto* path = h2::find(request, ":path");
  const bool connect = asked_dialect(request) == Dialect::connect;
  return cat(connect ? "GET" : method ? *method : "", " ", path ? *path : "");
}

using Titles = std::vector<std::string>;

// The requests that stand in front, each as often as it was made.
Titles titles_in_front(const Script& script, const Played& played) {
  Titles titles;
  for (const auto& link : played.links) {
    if (link.link.end != End::front) continue;
    if (!speaks_h2(script.role, End::front)) {
      const auto end = link.switched ? std::min(*link.switched, link.ours.size()) : link.ours.size();
      std::ranges::move(h1::read_leniently(OctetView(link.ours).first(end)).requests, std::back_inserter(titles));
      continue;
    }
    for (const auto& [id, stream] : link.streams)
      if (!stream.ours.sections.empty()) titles.push_back(title_of(stream.ours.sections.front()));
  }
  return titles;
}

// One HTTP/1.1 connection behind: what its reader sees before the switch, and where the channel begins each way.
struct Behind {
  Titles titles;
  std::optional<std::size_t> channel_from;  // of `theirs`
  std::optional<std::size_t> answers_from;  // of `ours`; nothing where the origin's own breach leaves it open
};

// RFC 9110 9.2.2: an idempotent request whose connection was closed may be sent once more on another one.
bool may_come_again(std::string_view title) {
  const auto method = title.substr(0, title.find(' '));
  return method == "GET" || method == "HEAD" || method == "OPTIONS" || method == "TRACE" || method == "PUT" ||
         method == "DELETE";
}

// Where the origin's channel begins: behind its 101, if that answers the last of so many requests and each earlier one
// has its answer, whole. An origin that says 101 before it was asked (RFC 9112 9.2) leaves open what is a channel.
std::optional<std::size_t> channel_of(OctetView answers, const Titles& titles, std::size_t requests) {
  std::size_t from = 0;
  for (std::size_t answered = 0; answered < requests;) {
    const auto read = h1::read_response_head(answers.subspan(from));
    if (!read || !*read) return std::nullopt;
    const auto& head = (*read)->head;
    from += (*read)->size;
    if (head.status == 101) return answered + 1 == requests ? std::optional(from) : std::nullopt;
    if (head.status < 200) continue;
    if (answered == titles.size()) return std::nullopt;
    const auto& title = titles[answered++];
    const auto framing = h1::framing_of(head, title.substr(0, title.find(' ')));
    if (!framing) return std::nullopt;
    h1::ContentReader content(*framing);
    const auto taken = content.read(answers.subspan(from));
    if (!taken || !content.done()) return std::nullopt;
    from += taken->size;
  }
  return std::nullopt;
}

Behind look_behind(const LinkSeen& link, Findings& out) {
  Behind behind;
  const OctetView all = link.theirs;
  if (all.empty() && !link.switched) return behind;
  const auto where = name_of(link.link);
  auto strict = h1::read_strictly(all, link.switched.value_or(all.size()));
  const bool wrong = !strict.wrong.empty();
  // Behind the last request that is whole a switch may have begun a channel.
  if (link.switched) strict.requests.resize(strict.finished);
  const auto differ = wrong ? std::nullopt : h1::disagreement(strict, link.switched ? all.first(strict.size) : all);
  strict.requests.resize(strict.finished);
  behind.titles = std::move(strict.requests);
  if (wrong) {
    out.push_back({"smuggling", "PXY-13", cat(where, ": ", strict.wrong)});
    return behind;
  }
  if (differ) out.push_back({"smuggling", "SEC-06", cat(where, ": ", *differ)});
  if (link.switched) {
    behind.channel_from = strict.size;
    behind.answers_from = channel_of(link.ours, behind.titles, behind.titles.size());
    if (behind.answers_from && *link.switched > strict.size) {
      out.push_back({"early", "PXY-11",
                     cat(where, ": ", *link.switched - strict.size, " octets past the content before the 101")});
    } else if (!behind.answers_from && !strict.whole) {
      // The 101 came before the content was whole: all there is may be content.
      behind.channel_from = all.size();
      behind.answers_from = channel_of(link.ours, behind.titles, behind.titles.size() + 1);
    }
  }
  if (link.closed_by_us && !behind.titles.empty() && may_come_again(behind.titles.back())) behind.titles.pop_back();
  return behind;
}

// Every request behind was asked for in front, no more often than it was.
void match_titles(Titles front, Titles behind, Findings& out) {
  std::ranges::sort(front);
  std::ranges::sort(behind);
  Titles unasked;
  std::ranges::set_difference(behind, front, std::back_inserter(unasked));
  for (const auto& title : unasked)
    out.push_back({"smuggling", "SEC-06", cat("a request behind that nobody made in front: ", quoted(title, 200))});
}

bool is_prefix(OctetView part, OctetView whole) { return as_text(whole).starts_with(as_text(part)); }

// The one channel in front and the one behind: what was said at one end is what came at the other.
void match_channels(const StreamSeen& front, const LinkSeen& link, const Behind& behind, Findings& out) {
  if (!behind.answers_from) return;
  const auto said = channel_octets(front.ours, front.ours.sections.front());
  const auto came = OctetView(link.theirs).subspan(std::min(*behind.channel_from, link.theirs.size()));
  if (!is_prefix(came, said))
    out.push_back({"transfer", "PXY-08",
                   cat("behind came ", came.size(), " octets that differ from the ", said.size(), " said in front")});
  const auto answered = OctetView(link.ours).subspan(*behind.answers_from);
  if (!is_prefix(front.theirs.octets, answered))
    out.push_back({"transfer", "PXY-08",
                   cat("in front came ", front.theirs.octets.size(), " octets that differ from the ", answered.size(),
                       " said behind")});
}

void judge_21(const Script& script, const Played& played, Findings& out) {
  Titles titles;
  std::vector<std::pair<const LinkSeen*, Behind>> channels;
  for (const auto& link : played.links) {
    if (link.link.end != End::behind) continue;
    auto behind = look_behind(link, out);
    std::ranges::move(behind.titles, std::back_inserter(titles));
    if (behind.channel_from) channels.emplace_back(&link, std::move(behind));
  }
  match_titles(titles_in_front(script, played), std::move(titles), out);
  std::vector<const StreamSeen*> accepted;
  for (const auto& link : played.links)
    for (const auto& [id, stream] : link.streams)
      if (link.link.end == End::front && stream.accepted) accepted.push_back(&stream);
  if (accepted.size() > channels.size())
    out.push_back({"accept", "PXY-07", cat(accepted.size(), " channels in front, ", channels.size(), " behind")});
  if (accepted.size() == 1 && channels.size() == 1)
    match_channels(*accepted.front(), *channels.front().first, channels.front().second, out);
}

}  // namespace

void judge_proxy(const Script& script, const Played& played, std::vector<Finding>& out) {
  if (script.role == Role::proxy_21) judge_21(script, played, out);
  if (script.role == Role::proxy_21) return;
  // HTTP/2 behind: every request there was made in front.
  Titles titles;
  for (const auto& link : played.links)
    for (const auto& [id, stream] : link.streams)
      if (link.link.end == End::behind && !stream.theirs.sections.empty())
        titles.push_back(title_of(stream.theirs.sections.front()));
  match_titles(titles_in_front(script, played), std::move(titles), out);
}

}  // namespace upspec::script
