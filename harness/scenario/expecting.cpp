#include "scenario/expecting.hpp"

#include <algorithm>
#include <vector>

#include "base/text.hpp"
#include "scenario/match.hpp"

namespace upspec {

namespace {

using Parts = std::vector<ExpectPart>;

// One alternative, tried on copies of what it would take.
struct Trial {
  const Expectation* which;
  Cursor cursor;
  Scope scope;
  Judgement judgement;
};

Trial try_one(const Expectation& one, Dialect dialect, const Link& link, const Scope& scope) {
  Trial trial{&one, link.cursor, scope, {}};
  if (const auto* parts = std::get_if<Parts>(&one.what)) {
    trial.judgement = match(*parts, link.arrivals(), trial.cursor, trial.scope);
  } else {
    const auto& name = std::get<OutcomeName>(one.what);
    Sight sight(link.arrivals(), trial.cursor, name.stream);
    trial.judgement = judge(name, dialect, sight);
  }
  return trial;
}

Expected take(Trial& trial, Link& link, Scope& scope) {
  link.cursor = std::move(trial.cursor);
  scope = std::move(trial.scope);
  link.over_by_right = link.over_by_right || trial.judgement.connection_over;
  const auto* name = std::get_if<OutcomeName>(&trial.which->what);
  link.may_end_by = name ? code_that_may_end_the_connection(*name) : std::nullopt;
  const auto& what = trial.judgement.what;
  return {Expected::State::met,
          trial.which,
          trial.judgement.state == Judgement::State::with_note,
          name ? cat(name->name, ": ", what) : what,
          what,
          {}};
}

// All that came, and the first alternative's own reason where that says more.
std::string what_came(const Expect& expect, const Judgement& first, const Link& link) {
  const auto all = link.came(stream_of(expect));
  return first.what.empty() || all.find(first.what) != all.npos ? all : cat(all, " (", first.what, ")");
}

}  // namespace

Expected try_expectation(const Expect& expect, Dialect dialect, Link& link, Scope& scope, bool last) {
  std::vector<Trial> trials;
  trials.reserve(expect.alternatives.size());
  for (const auto& one : expect.alternatives) trials.push_back(try_one(one, dialect, link, scope));
  const auto first = [&](Judgement::State state) {
    return std::ranges::find(trials, state, [](const Trial& t) { return t.judgement.state; });
  };
  const auto met = first(Judgement::State::met);
  if (met != trials.end()) return take(*met, link, scope);

  const bool waiting = first(Judgement::State::waiting) != trials.end();
  const auto noted = first(Judgement::State::with_note);
  if (noted != trials.end()) {
    // A GOAWAY may become the connection error that another alternative waits for, which needs no note.
    const bool may_be_better = noted->judgement.connection_over && waiting && !link.over() && !last;
    if (!may_be_better) return take(*noted, link, scope);
  } else if (!waiting) {
    const auto& why = trials.front().judgement;
    return {Expected::State::missed, nullptr, false, {}, what_came(expect, why, link), why.what};
  }
  // A peer that says GOAWAY may wait for us to close, so we do.
  if (!link.arrivals().goaways().empty() && awaits_the_end(expect)) link.shut = true;
  return {};
}

bool awaits_the_end(const Expect& expect) {
  return std::ranges::any_of(expect.alternatives, [](const Expectation& one) {
    const auto* name = std::get_if<OutcomeName>(&one.what);
    return name && name->name == "connection-error";
  });
}

std::string describe(const Expect& expect, Dialect dialect, const Scope& scope, Side seen_from) {
  std::string all;
  for (const auto& one : expect.alternatives) {
    const auto* name = std::get_if<OutcomeName>(&one.what);
    all += cat(all.empty() ? "" : ", or ",
               name ? describe(*name, dialect, seen_from) : describe(std::get<Parts>(one.what), scope));
  }
  return all;
}

std::uint32_t stream_of(const Expect& expect) {
  const auto& first = expect.alternatives.front().what;
  const auto* name = std::get_if<OutcomeName>(&first);
  return name ? name->stream : stream_of(std::get<Parts>(first));
}

}  // namespace upspec
