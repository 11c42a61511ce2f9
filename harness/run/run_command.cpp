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
#include "run/commands.hpp"
#include "run/console.hpp"
#include "run/exit_status.hpp"
#include "run/prepare.hpp"
#include "run/replay.hpp"
#include "run/report_files.hpp"
#include "run/rounds.hpp"
#include "run/session.hpp"

namespace upspec {
namespace {

// A case that the suite does not have, with an id of its own. Where nothing could be judged the reports say so too, so
// that no CI system takes an empty file for a green one.
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
      this_round_.push_back(trouble(prepared_.parts.front().role, "harness", "works", error.what()));
      rounds_.add(std::move(this_round_));
    }
    info_.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    if (nothing_left_) return complain("run", *nothing_left_, exit_status::usage);
    info_.interrupted = signals_.flag().raised();
    if (unreachable_ && !info_.interrupted) complain("run", *unreachable_, exit_status::unjudged);
    return report();
  }

 private:
  // A role's subject, and what is played with it.
  struct Opened {
    std::string role;
    std::unique_ptr<Subject> subject;
    PlayCases player;
    std::vector<SessionOptions> sessions;
  };

  void play() {
    std::vector<Opened> all;
    for (const Part& part : prepared_.parts) {
      auto subject = part.open(options_.out, signals_.flag());
      if (!subject) {
        unreachable_ = subject.error().text;
        rounds_.add({trouble(part.role, "implementation", "reachable", *unreachable_)});
        return;
      }
      all.push_back(open(part, *std::move(subject)));
    }
    tell_subjects(all);
    while (play_round(all)) {
    }
    tell_subjects(all);  // a client that comes by itself may have said its name since
  }

  Opened open(const Part& part, std::unique_ptr<Subject> subject) {
    Opened one{part.role, std::move(subject), {}, {}};
    one.player = one.subject->player(prepared_.suite.registry, signals_.flag());
    RunOptions again = options_;  // what plays one case of this role again
    again.role = part.role;
    for (auto& group : part.groups()) {
      one.sessions.push_back(
          {prepared_.suite, options_.filter, std::move(group), part.asked(), one.subject->situation(),
           [again](const std::string& id) { return replay_line(again, id); }, one.subject->all_at_once()});
    }
    return one;
  }

  void tell_subjects(const std::vector<Opened>& all) {
    const Subject& first = *all.front().subject;
    info_.implementation_name = first.name();
    info_.implementation_version = first.version();
    info_.target = first.where();
    if (all.size() == 1) return;
    std::vector<std::string> roles;  // several are of the embedded reference alone (prepare.hpp)
    roles.reserve(all.size());
    for (const Opened& one : all) roles.push_back(one.role);
    info_.implementation_name = cat("upspec reference (", join(roles, ", "), ")");
    info_.target = "loopback";
  }

  // True: another one.
  bool play_round(const std::vector<Opened>& all) {
    this_round_.clear();
    std::vector<CaseResult> results;
    bool failed = false;
    for (const Opened& one : all) {
      for (const auto& session : one.sessions) {
        if (unreachable_ || signals_.flag().raised()) break;
        failed = play_session(session, one.player, results) || failed;
        if (unreachable_) results.push_back(trouble(one.role, "implementation", "reachable", *unreachable_));
      }
    }
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
