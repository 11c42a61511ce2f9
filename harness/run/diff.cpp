#include "run/diff.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "upgrade/dialect.hpp"
#include "upgrade/offer.hpp"
#include "upgrade/sections.hpp"

namespace upspec {
namespace {

using script::LinkId;
using script::LinkSeen;
using script::Outcome;

const LinkSeen* link_of(const Driven& driven, LinkId id) { return driven.played.find(id); }

std::string doubt_of(const Driven& driven, LinkId id) {
  for (const auto& [link, trace] : driven.traces)
    if (link == id) return trace.doubt();
  return {};
}

// "right websocket"; a name that nobody knows says nothing by itself.
std::string asked_for(const h2::FieldSection& request) {
  const auto dialect = asked_dialect(request);
  const auto* method = h2::find(request, ":method");
  if (!dialect) return cat("right ", method && *method == "CONNECT" ? "CONNECT" : "request");
  const auto* value = h2::find(request, *dialect == Dialect::upgrade ? ":upgrade" : ":protocol");
  for (const auto* known : {"websocket", "upspec-echo", "h2c"})
    if (value && lower(*value).starts_with(known)) return cat("right ", known);
  return "right unknown protocol";
}

// What the rules say of the request first, then of the frames around it.
void explain(Difference& difference, const h2::FieldSection* request, const std::string& doubt) {
  const auto wrong = request ? check_request(*request, {true, true}) : std::vector<Breach>();
  if (!wrong.empty()) {
    difference.cause = wrong.front().requirement;
    difference.about = wrong.front().text;
  } else if (!doubt.empty()) {
    difference.cause = cat("frames: ", doubt);
  } else {
    difference.cause = request ? asked_for(*request) : "no request";
  }
}

std::string words_of(const std::vector<Outcome>& outcomes) {
  std::string all;
  for (const auto one : outcomes) all += cat(all.empty() ? "" : " ", script::name_of(one));
  return all;
}

void replace(std::string& value, const std::string& from, const std::string& to) {
  if (!from.empty() && value == from) value = to;
}

}  // namespace

std::optional<Difference> difference_of(const std::vector<Driven>& played) {
  if (played.empty()) return std::nullopt;
  for (const auto& first : played.front().played.links) {
    for (const auto& [id, stream] : first.streams) {
      if (stream.ours.sections.empty()) continue;
      Difference found;
      for (const auto& one : played) {
        const auto* link = link_of(one, first.link);
        found.outcomes.push_back(link ? script::outcome_of(*link, id) : Outcome::close);
      }
      if (std::ranges::all_of(found.outcomes, [&](Outcome one) { return one == found.outcomes.front(); })) continue;
      explain(found, &stream.ours.sections.front(), doubt_of(played.front(), first.link));
      return found;
    }
  }
  return std::nullopt;
}

void DiffTable::add(const Difference& difference, const script::Script& script, const std::string& origin) {
  auto& group = groups_[{difference.cause, words_of(difference.outcomes)}];
  if (group.scripts++ == 0) group.difference = difference, group.origin = origin;
  if (group.scripts == 1 || script.steps.size() < group.example.steps.size()) group.example = script;
}

std::vector<DiffGroup> DiffTable::groups() const {
  std::vector<DiffGroup> all;
  all.reserve(groups_.size());
  for (const auto& [key, group] : groups_) all.push_back(group);
  std::ranges::sort(all, [](const DiffGroup& a, const DiffGroup& b) {
    if (a.difference.cause != b.difference.cause) return a.difference.cause < b.difference.cause;
    if (a.scripts != b.scripts) return a.scripts > b.scripts;
    return words_of(a.difference.outcomes) < words_of(b.difference.outcomes);
  });
  return all;
}

std::string difference_id(const DiffGroup& group, std::size_t implementation) {
  std::string cause = group.difference.cause;
  std::ranges::replace_if(cause, [](char c) { return c == ' ' || c == ':' || c == '/'; }, '-');
  const auto& outcomes = group.difference.outcomes;
  return cat("diff/", cause, "/", script::name_of(outcomes[implementation]), "-not-",
             script::name_of(outcomes.front()));
}

std::string interop_table(const DiffTable& table, const std::vector<report::Baseline>& known) {
  std::string text = "| cause |";
  for (const auto& name : table.names()) text += cat(" ", name, " |");
  text += " scripts | first seen in |\n| --- |";
  for (std::size_t i = 0; i < table.names().size(); ++i) text += " --- |";
  text += " ---: | --- |\n";
  for (const auto& group : table.groups()) {
    const auto& difference = group.difference;
    text += cat("| ", difference.cause, difference.about.empty() ? "" : cat(": ", difference.about), " |");
    for (std::size_t i = 0; i < difference.outcomes.size(); ++i) {
      const bool differs = difference.outcomes[i] != difference.outcomes.front();
      const bool is_known = differs && i < known.size() && known[i].contains(difference_id(group, i));
      text += cat(" ", differs ? "**" : "", script::name_of(difference.outcomes[i]), differs ? "**" : "",
                  is_known ? " (known)" : "", " |");
    }
    text += cat(" ", group.scripts, " | ", group.origin, " |\n");
  }
  return text;
}

script::Script localised(script::Script script, const script::Ground& from, const script::Ground& to) {
  for (auto& step : script.steps) {
    auto* section = std::get_if<script::SectionStep>(&step.what);
    if (section == nullptr) continue;
    for (auto& [name, value] : section->fields) {
      if (name == ":path") {
        replace(value, from.paths.websocket, to.paths.websocket);
        replace(value, from.paths.raw, to.paths.raw);
      }
      if (name == ":authority" || name == "host") replace(value, from.authority, to.authority);
      if (name == ":scheme") replace(value, from.scheme, to.scheme);
    }
    if (h2::find(section->fields, ":method"))
      section->fields.insert(section->fields.end(), to.fields.begin(), to.fields.end());
  }
  return script;
}

}  // namespace upspec
