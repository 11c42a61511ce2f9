#include "run/session.hpp"

#include <algorithm>
#include <map>

#include "base/text.hpp"
#include "run/monitor_cases.hpp"

namespace upspec {
namespace {

std::vector<RequirementText> requirements_of(const Case& one, const Registry& registry) {
  std::vector<RequirementText> all;
  for (const std::string& id : one.checks)
    if (const Requirement* requirement = registry.find(id)) all.push_back(requirement->text);
  return all;
}

CaseResult skipped(const Case& one, std::string why) {
  CaseResult result;
  result.id = one.id;
  result.role = one.role;
  result.dialect = name_of(one.dialect);
  result.subject = one.subject;
  result.verdict = Verdict::skip;
  result.message = std::move(why);
  return result;
}

class Session {
 public:
  Session(const SessionOptions& options, const PlayCases& play, const Heard& heard)
      : options_(options), play_(play), heard_(heard) {}

  SessionResult run() {
    if (!probe()) return std::move(all_);
    const Plan plan = plan_run(options_.suite, options_.selected, scope_);
    if (plan.controls.empty() && plan.others.empty()) {
      all_.nothing_left = nothing_left();
      return std::move(all_);
    }
    std::size_t planned = plan.others.size();
    for (const auto& group : plan.controls) planned += group.size();
    heard_.planned(planned);
    if (options_.all_at_once) {
      std::vector<const Case*> all;
      for (const auto& group : plan.controls) all.insert(all.end(), group.begin(), group.end());
      all.insert(all.end(), plan.others.begin(), plan.others.end());
      play_group(all);
    } else {
      for (const auto& group : plan.controls) play_group(group);
      play_group(plan.others);
    }
    gather();
    return std::move(all_);
  }

 private:
  // Learns what is announced; false when nobody answers, or when the run was stopped before.
  bool probe() {
    scope_.asked = options_.asked;
    // A client announces nothing, and nor does who speaks HTTP/1.1 in front; we do, in each case its dialect.
    const Case& first = *options_.selected.front();
    if (first.role == "client" || first.way.starts_with('1')) {
      if (scope_.asked.empty()) scope_.asked = {Dialect::upgrade, Dialect::connect};
      scope_.upgrade = scope_.connect = true;
      all_.announced = scope_.asked;
      return true;
    }
    const Case ask = probe_case(*options_.selected.front());
    bool answered = false;
    play_({&ask}, [&](const Case&, const Played& one) {
      answered = one.result.verdict != Verdict::error;
      if (!answered) all_.unreachable = one.result.message;
      scope_.upgrade = one.seen.upgrade || !options_.situation.upgrade_needs_setting;
      scope_.connect = one.seen.connect;
      return true;
    });
    for (const Dialect dialect : {Dialect::upgrade, Dialect::connect})
      if (scope_.announced(dialect)) all_.announced.push_back(dialect);
    return answered;
  }

  std::string nothing_left() const {
    const Case& first = *options_.selected.front();
    if (first.unannounced)
      return cat("no case left: ", first.id, " is for a server that does not announce dialect ",
                 name_of(first.dialect));
    if (!options_.asked.empty())
      return cat("no case left: the selected ones are of dialect ", name_of(first.dialect),
                 ", which --dialect leaves out");
    return cat("no case left: the selected ones are of dialect ", name_of(first.dialect),
               ", which is not announced; --dialect ", name_of(first.dialect), " tries it all the same");
  }

  void play_group(const std::vector<const Case*>& group) {
    std::vector<const Case*> to_play;
    for (const Case* one : group) {
      auto why = missing_for(*one, options_.situation);
      if (!why) why = blocked(options_.suite, *one, controls_, scope_);
      if (why) {
        end(*one, {skipped(*one, std::move(*why)), {}, {}, false});
      } else {
        to_play.push_back(one);
      }
    }
    if (to_play.empty()) return;
    play_(to_play, [&](const Case& one, Played result) {
      end(one, std::move(result));
      return true;
    });
  }

  void end(const Case& one, Played result) {
    all_.died = all_.died || result.died;
    if (result.result.requirements.empty()) result.result.requirements = requirements_of(one, options_.suite.registry);
    if (!one.id.empty()) result.result.replay = options_.replay(one.id);
    if (one.control) controls_[&one] = result.result;
    heard_.result(result.result);
    ended_.insert_or_assign(order_of(one), std::move(result));
  }

  // The suite's order is the report's, whatever ended first. What is no case of the suite comes behind.
  std::size_t order_of(const Case& one) const {
    const auto& cases = options_.suite.cases;
    const bool is_ours = !cases.empty() && &one >= &cases.front() && &one <= &cases.back();
    return is_ours ? static_cast<std::size_t>(&one - &cases.front()) : cases.size() + ended_.size();
  }

  void gather() {
    MonitorCases monitor(options_.suite.registry, options_.filter);
    for (auto& [order, one] : ended_) {
      monitor.saw(one.result, one.others);
      all_.results.push_back(std::move(one.result));
    }
    for (CaseResult& result : monitor.results()) {
      result.replay = options_.replay(monitor.first_case_of(result.requirement));
      heard_.result(result);
      all_.results.push_back(std::move(result));
    }
  }

  const SessionOptions& options_;
  const PlayCases& play_;
  const Heard& heard_;
  DialectScope scope_;
  ControlResults controls_;
  std::map<std::size_t, Played> ended_;
  SessionResult all_;
};

}  // namespace

Played played(const Play& play, double seconds) {
  Played one{play.result(), play.other_breaches(), play.seen(), false};
  one.result.seconds = seconds;
  return one;
}

Case probe_case(const Case& like) {
  Case probe;
  probe.id = probe.short_id = "probe";
  probe.role = like.role;
  probe.way = like.way;
  probe.dialect = like.dialect;
  probe.subject = "probe";
  if (like.role == "server") probe.awaits = Case::Awaits::any_dialect;
  probe.checks = like.checks;  // a case checks something; nobody sees this one's verdict
  probe.steps.push_back({Quiet{}, "client", 0});
  return probe;
}

SessionResult run_session(const SessionOptions& options, const PlayCases& play, const Heard& heard) {
  return Session(options, play, heard).run();
}

}  // namespace upspec
