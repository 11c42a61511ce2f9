#include "run/plan.hpp"

#include <algorithm>
#include <set>

#include "base/text.hpp"

namespace upspec {
namespace {

template <class List, class Value>
bool contains(const List& list, const Value& value) {
  return std::ranges::find(list, value) != std::ranges::end(list);
}

// Controls below controls; a case that stands on nothing has depth 0.
std::size_t depth(const Suite& suite, const Case& one) {
  std::size_t steps = 0;
  for (const Case* below = control_under(suite, one); below != nullptr && steps < suite.cases.size();
       below = control_under(suite, *below))
    ++steps;
  return steps;
}

bool is_in(const Case& one, const DialectScope& scope) {
  return one.unannounced && one.role == "server" ? scope.tests_absence(one.dialect) : scope.tests(one.dialect);
}

// The dialect's own controls decide for a dialect that nobody announced.
bool is_refused_dialect(const Case& one, const DialectScope& scope) {
  return !one.unannounced && !scope.announced(one.dialect) && scope.tests(one.dialect);
}

std::string not_testable(const Case& control, const CaseResult& result) {
  const std::string_view how = result.verdict == Verdict::skip ? " was skipped: " : " failed: ";
  return cat("not testable, control ", control.id, how, result.message);
}

bool stops(const CaseResult& result) {
  return result.verdict == Verdict::fail || result.verdict == Verdict::error || result.verdict == Verdict::skip;
}

}  // namespace

bool DialectScope::tests(Dialect dialect) const {
  if (!asked.empty()) return contains(asked, dialect);
  return announced(dialect) || (!upgrade && !connect);
}

bool DialectScope::tests_absence(Dialect dialect) const {
  return !announced(dialect) && (asked.empty() || contains(asked, dialect));
}

const Case* control_under(const Suite& suite, const Case& one) {
  if (one.stands_on.empty()) return nullptr;
  const auto found = std::ranges::find_if(suite.cases, [&](const Case& other) {
    return other.control && other.short_id == one.stands_on && other.dialect == one.dialect && other.role == one.role &&
           other.way == one.way;
  });
  return found == suite.cases.end() ? nullptr : &*found;
}

Plan plan_run(const Suite& suite, const std::vector<const Case*>& selected, const DialectScope& scope) {
  std::set<const Case*> wanted;
  std::set<Dialect> refused;
  for (const Case* one : selected) {
    if (!is_in(*one, scope)) continue;
    if (is_refused_dialect(*one, scope)) refused.insert(one->dialect);
    for (const Case* c = one; c != nullptr && wanted.insert(c).second;) c = control_under(suite, *c);
  }
  for (const Case& one : suite.cases)
    if (one.control && !selected.empty() && one.role == selected.front()->role && refused.contains(one.dialect))
      wanted.insert(&one);

  Plan plan;
  for (const Case& one : suite.cases) {  // the suite's order, whatever the set's
    if (!wanted.contains(&one)) continue;
    if (!one.control) {
      plan.others.push_back(&one);
      continue;
    }
    const std::size_t group = depth(suite, one);
    if (plan.controls.size() <= group) plan.controls.resize(group + 1);
    plan.controls[group].push_back(&one);
  }
  return plan;
}

std::optional<std::string> missing_for(const Case& one, const Situation& situation) {
  const bool for_no_upgrades = contains(one.needs, "no-upgrades");
  const bool asks_without_upgrade =
      one.short_id != "control/upgrade" && (one.short_id == "control/request" || one.stands_on == "control/request");
  if (one.role == "proxy" && !situation.upgrades && !for_no_upgrades && !asks_without_upgrade)
    return "needs a proxy that upgrades to its origin; its description says upgrades=\"no\"";
  for (const std::string& need : one.needs) {
    if (need == "setting") {
      if (!situation.upgrade_needs_setting) return "needs setting: the run has --negotiation none";
    } else if (need == "no-upgrades") {
      if (situation.upgrades) return "needs no-upgrades: a proxy whose description says upgrades=\"no\"";
    } else if (need == "origin-timeout") {
      if (situation.origin_timeout <= 0) return "needs origin-timeout: give --origin-timeout SECONDS";
    } else if (!situation.paths.contains(need)) {
      return one.role == "client" ? cat("needs a client for ", need, ": name it in --client-protocols")
                                  : cat("needs ", need, ": give --", need, " PATH");
    }
  }
  return {};
}

std::vector<std::string> broken_by(const Case& control, const CaseResult& result) {
  if (result.verdict != Verdict::fail) return {};
  // An expectation that was not met is booked on the first id that the case checks.
  if (result.requirement.empty() || (!control.checks.empty() && result.requirement == control.checks.front()))
    return control.checks;
  return {result.requirement};
}

std::optional<std::string> blocked(const Suite& suite, const Case& one, const ControlResults& controls,
                                   const DialectScope& scope) {
  std::optional<std::string> why;  // of the lowest control that does not hold: it is the cause of those above
  for (const Case* control = control_under(suite, one); control != nullptr; control = control_under(suite, *control)) {
    const auto found = controls.find(control);
    if (found == controls.end() || !stops(found->second)) continue;
    const auto broken = broken_by(*control, found->second);
    const bool checks_it = std::ranges::any_of(one.checks, [&](const std::string& id) { return contains(broken, id); });
    // In a dialect that is not announced every case would fail for the same reason.
    if (checks_it && !is_refused_dialect(one, scope)) return {};
    why = not_testable(*control, found->second);
  }
  if (why || one.control || !is_refused_dialect(one, scope)) return why;
  for (const auto& [control, result] : controls)
    if (control->dialect == one.dialect && result.verdict == Verdict::fail) return not_testable(*control, result);
  return {};
}

}  // namespace upspec
