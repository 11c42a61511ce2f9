// `upspec run`: gather what the run needs, play its rounds, report.
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <exception>

#include "base/text.hpp"
#include "report/baseline.hpp"
#include "report/file.hpp"
#include "report/totals.hpp"
#include "run/case_folder.hpp"
#include "run/client_subject.hpp"
#include "run/commands.hpp"
#include "run/console.hpp"
#include "run/exit_status.hpp"
#include "run/proxy_subject.hpp"
#include "run/replay.hpp"
#include "run/report_files.hpp"
#include "run/rounds.hpp"
#include "run/session.hpp"
#include "run/target.hpp"

namespace upspec {
namespace {

// Everything that has to be right before anything is started.
struct Prepared {
  Suite suite;
  std::vector<const Case*> selected;
  TargetPlan plan;    // role server
  ClientPlan client;  // role client
  ProxyPlan proxy;    // role proxy
  std::string role;
  report::Baseline baseline;

  const std::vector<Dialect>& asked() const {
    return role == "client" ? client.asked : role == "proxy" ? proxy.asked : plan.asked;
  }
  // What is asked and played together: a proxy's ways one after the other, for each has its own announcements.
  std::vector<std::vector<const Case*>> groups() const {
    std::vector<std::vector<const Case*>> all;
    for (const Case* one : selected) {
      if (all.empty() || all.back().front()->way != one->way) all.emplace_back();
      all.back().push_back(one);
    }
    return all;
  }
};

Result<std::unique_ptr<Subject>> open_subject(const Prepared& prepared, const std::string& out, const StopFlag& stop) {
  const auto as_subject = [](auto opened) -> Result<std::unique_ptr<Subject>> {
    if (!opened) return tl::unexpected(opened.error());
    return std::unique_ptr<Subject>(*std::move(opened));
  };
  if (prepared.role == "client") return as_subject(ClientSubject::open(prepared.client));
  if (prepared.role == "proxy") return as_subject(ProxySubject::open(prepared.proxy, out, stop));
  return as_subject(Target::open(prepared.plan, out, stop));
}

Result<void> plan_subject(Prepared& prepared, const RunOptions& options) {
  prepared.role = options.role;
  if (options.role == "client") {
    auto plan = plan_client_role(options);
    if (!plan) return tl::unexpected(plan.error());
    prepared.client = *std::move(plan);
    return {};
  }
  std::optional<Implementation> implementation;
  if (!options.implementation.empty()) {
    auto loaded = load_implementation(options.implementation);
    if (!loaded) return tl::unexpected(loaded.error());
    implementation = *std::move(loaded);
  }
  if (options.role == "proxy" || (implementation && implementation->role == "proxy")) {
    prepared.role = "proxy";
    auto plan = plan_proxy_role(options, std::move(implementation));
    if (!plan) return tl::unexpected(plan.error());
    prepared.proxy = *std::move(plan);
    return {};
  }
  auto plan = plan_target(options, std::move(implementation));
  if (!plan) return tl::unexpected(plan.error());
  prepared.plan = *std::move(plan);
  return {};
}

Result<report::Baseline> read_known(const RunOptions& options, const Prepared& prepared) {
  std::string file = options.baseline;
  for (const auto* one : {&prepared.plan.implementation, &prepared.proxy.implementation})
    if (file.empty() && *one) file = (*one)->known_failures;
  if (file.empty()) return report::Baseline{};
  return report::read_baseline(file);
}

// The ways that were asked for: 21 by default, and all that the embedded reference has; in that order.
std::vector<const Case*> in_ways(const std::vector<const Case*>& cases, const RunOptions& options,
                                 const ProxyPlan& plan) {
  std::vector<std::string> ways = options.ways;
  if (ways.empty() && plan.implementation) ways = plan.implementation->ways;
  if (ways.empty())
    ways = plan.embedded() ? std::vector<std::string>{"21", "12", "22"} : std::vector<std::string>{"21"};
  std::vector<const Case*> taken;
  for (const auto& way : ways)
    std::ranges::copy_if(cases, std::back_inserter(taken), [&](const Case* one) { return one->way == way; });
  return taken;
}

Result<std::unique_ptr<Prepared>> prepare(const RunOptions& options) {
  auto prepared = std::make_unique<Prepared>();
  const auto folder = find_case_folder(options.cases);
  if (!folder) return tl::unexpected(folder.error());
  auto suite = load_suite(*folder);
  if (!suite) return tl::unexpected(suite.error());
  prepared->suite = *std::move(suite);

  if (auto ok = plan_subject(*prepared, options); !ok) return tl::unexpected(ok.error());
  auto selected = select_cases(prepared->suite, options.filter, prepared->role);
  if (!selected) return tl::unexpected(selected.error());
  prepared->selected = prepared->role == "proxy" ? in_ways(*selected, options, prepared->proxy) : *std::move(selected);
  if (prepared->selected.empty()) return fail("no case selected: none is of the ways that are asked for; --way");
  auto baseline = read_known(options, *prepared);
  if (!baseline) return tl::unexpected(baseline.error());
  prepared->baseline = *std::move(baseline);
  if (auto ok = prepare_reports(options.out); !ok) return tl::unexpected(ok.error());
  return prepared;
}

// A case that the suite does not have: "implementation/reachable", "harness/works". Where nothing could be judged the
// reports say so too, so that no CI system takes an empty file for a green one.
CaseResult trouble(const std::string& role, const std::string& subject, const std::string& what,
                   const std::string& why) {
  CaseResult result;
  result.id = cat(subject, "/", what);
  result.role = role;
  result.subject = subject;
  result.verdict = Verdict::error;
  result.message = why;
  return result;
}

class Run {
 public:
  Run(const RunOptions& options, const Prepared& prepared)
      : options_(options),
        prepared_(prepared),
        console_(stdout, ::isatty(STDOUT_FILENO) == 1, options.verbose, options.strict, prepared.baseline) {
    info_.suite_version = upspec_version();
    info_.command_line = shell_line(options.command_line);
    info_.seed = options.seed;
    info_.started = std::time(nullptr);
    info_.strict = options.strict;
  }

  int run() {
    const auto begin = std::chrono::steady_clock::now();
    try {
      play();
    } catch (const std::exception& error) {  // a fault of the harness; what ran is still worth reporting
      harness_failed_ = true;
      complain("run", cat("harness error: ", error.what()), exit_status::unjudged);
      this_round_.push_back(trouble(prepared_.role, "harness", "works", error.what()));
      rounds_.add(std::move(this_round_));
    }
    info_.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    if (nothing_left_) return complain("run", *nothing_left_, exit_status::usage);
    info_.interrupted = signals_.flag().raised();
    if (unreachable_ && !info_.interrupted) complain("run", *unreachable_, exit_status::unjudged);
    return report();
  }

 private:
  void play() {
    const auto target = open_subject(prepared_, options_.out, signals_.flag());
    if (!target) {
      unreachable_ = target.error().text;
      rounds_.add({trouble(prepared_.role, "implementation", "reachable", *unreachable_)});
      return;
    }
    info_.implementation_name = (*target)->name();
    info_.implementation_version = (*target)->version();
    info_.target = (*target)->where();
    const PlayCases player = (*target)->player(prepared_.suite.registry, signals_.flag());
    std::vector<SessionOptions> sessions;
    for (auto& group : prepared_.groups()) {
      sessions.push_back({prepared_.suite, options_.filter, std::move(group), prepared_.asked(), (*target)->situation(),
                          [this](const std::string& id) { return replay_line(options_, id); },
                          (*target)->all_at_once()});
    }
    while (play_round(sessions, player)) {
    }
    info_.implementation_name = (*target)->name();  // a client that comes by itself may have said it since
  }

  // True: another one.
  bool play_round(const std::vector<SessionOptions>& sessions, const PlayCases& player) {
    this_round_.clear();
    std::vector<CaseResult> results;
    bool failed = false;
    for (const auto& session : sessions) {
      failed = play_session(session, player, results) || failed;
      if (unreachable_ || signals_.flag().raised()) break;
    }
    if (unreachable_) results.push_back(trouble(prepared_.role, "implementation", "reachable", *unreachable_));
    nothing_left_ = results.empty() ? nothing_left_ : std::nullopt;
    rounds_.add(std::move(results));
    if (unreachable_ || nothing_left_ || signals_.flag().raised()) return false;
    if (options_.until_fail && failed) return false;
    return options_.repeat == 0 || rounds_.count() < options_.repeat;
  }

  // True: something failed that the baseline does not know.
  bool play_session(const SessionOptions& session, const PlayCases& player, std::vector<CaseResult>& results) {
    const Heard heard{[&](std::size_t cases) { console_.planned(cases); },
                      [&](const CaseResult& result) {
                        console_.ended(result);
                        this_round_.push_back(result);
                      }};
    SessionResult round = run_session(session, player, heard);
    unreachable_ = std::move(round.unreachable);
    nothing_left_ = std::move(round.nothing_left);
    const bool failed = std::ranges::any_of(round.results, [&](const CaseResult& one) { return is_new_failure(one); });
    died_ = died_ || round.died;
    std::ranges::move(round.results, std::back_inserter(results));
    return failed;
  }

  // What the baseline lists is its affair: it is known, or stale.
  bool is_new_failure(const CaseResult& result) const {
    return (result.failed(options_.strict) || result.verdict == Verdict::error) &&
           report::standing(prepared_.baseline, result) == report::Standing::unlisted;
  }

  int report() {
    const auto results = rounds_.results();
    const bool unjudged = harness_failed_ || (nothing_judged(results) && !died_);
    const auto written = write_reports(options_.out, info_, results, prepared_.baseline, options_.verbose);
    if (!written) return complain("run", written.error().text, exit_status::usage);
    if (!options_.write_baseline.empty() && !unjudged) {
      const auto updated = report::updated(prepared_.baseline, results, options_.strict);
      if (auto ok = report::write_atomically(options_.write_baseline, report::to_xml(updated)); !ok)
        return complain("run", ok.error().text, exit_status::usage);
    }
    // Who could not be reached has been said in one line already.
    if (!unreachable_ || !unjudged || info_.interrupted) console_.finish(info_, results, *written);
    RunFacts facts;
    facts.interrupted = info_.interrupted;
    facts.unjudged = unjudged;
    facts.failed = std::ranges::any_of(results, [&](const CaseResult& one) { return is_new_failure(one); });
    facts.stale = !report::stale_entries(prepared_.baseline, results).empty();
    return status_of_run(facts);
  }

  const RunOptions& options_;
  const Prepared& prepared_;
  Console console_;
  StopOnSignals signals_;
  RunInfo info_;
  Rounds rounds_;
  std::vector<CaseResult> this_round_;  // in the order in which they ended
  std::optional<std::string> unreachable_, nothing_left_;
  bool died_ = false;
  bool harness_failed_ = false;
};

}  // namespace

int run_command(const RunOptions& options) {
  const auto prepared = prepare(options);
  if (!prepared) return complain("run", prepared.error().text, exit_status::usage);
  return Run(options, **prepared).run();
}

}  // namespace upspec
