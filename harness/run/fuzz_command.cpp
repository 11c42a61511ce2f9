// `upspec fuzz`: gather seeds, run the campaign, say how it goes, report.
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <exception>
#include <thread>

#include "base/text.hpp"
#include "report/file.hpp"
#include "run/case_folder.hpp"
#include "run/commands.hpp"
#include "run/exit_status.hpp"
#include "run/fuzz_campaign.hpp"
#include "run/fuzz_report.hpp"
#include "run/replay.hpp"
#include "run/report_files.hpp"
#include "scenario/suite.hpp"
#include "script/convert.hpp"

namespace upspec {
namespace {

using namespace std::chrono_literals;

struct Prepared {
  Suite suite;
  TargetPlan plan;
  report::Baseline baseline;
  std::vector<script::Script> corpora;
};

Result<Prepared> prepare(const FuzzOptions& options) {
  Prepared prepared;
  const auto folder = find_case_folder(options.run.cases);
  if (!folder) return tl::unexpected(folder.error());
  auto suite = load_suite(*folder);
  if (!suite) return tl::unexpected(suite.error());
  prepared.suite = *std::move(suite);
  std::optional<Implementation> implementation;
  if (!options.run.implementation.empty()) {
    auto loaded = load_server(options.run.implementation);
    if (!loaded) return tl::unexpected(loaded.error());
    implementation = *std::move(loaded);
  }
  auto plan = plan_target(options.run, std::move(implementation));
  if (!plan) return tl::unexpected(plan.error());
  prepared.plan = *std::move(plan);
  std::string known = options.run.baseline;
  if (known.empty() && prepared.plan.implementation) known = prepared.plan.implementation->known_failures;
  if (!known.empty()) {
    auto baseline = report::read_baseline(known);
    if (!baseline) return tl::unexpected(baseline.error());
    prepared.baseline = *std::move(baseline);
  }
  for (std::size_t i = 0; i < options.corpora.size(); ++i) {
    std::error_code error;
    if (i == 0) std::filesystem::create_directories(options.corpora[i], error);
    auto scripts = FuzzCorpus::read(options.corpora[i]);
    if (!scripts) return tl::unexpected(scripts.error());
    std::ranges::move(*scripts, std::back_inserter(prepared.corpora));
  }
  if (auto ok = prepare_reports(options.run.out); !ok) return tl::unexpected(ok.error());
  return prepared;
}

// Every case for a server of these dialects, as its target would be asked.
std::vector<script::Script> seeds_from(const Suite& suite, const script::Ground& ground, const Situation& situation) {
  script::Surroundings around;
  around.scheme = ground.scheme;
  around.authority = ground.authority;
  around.upgrade_setting = situation.upgrade_setting;
  for (const auto& [what, path] : situation.paths) around.paths[what] = path;
  std::vector<script::Script> seeds;
  for (const Case& one : suite.cases) {
    if (one.role != "server" || std::ranges::find(ground.dialects, one.dialect) == ground.dialects.end()) continue;
    if (auto seed = script::script_of(one, script::Role::server, around)) seeds.push_back(*std::move(seed));
  }
  return seeds;
}

class Fuzz {
 public:
  Fuzz(const FuzzOptions& options, const Prepared& prepared)
      : options_(options), prepared_(prepared), corpus_(options.corpora.empty() ? "" : options.corpora.front()) {
    info_.suite_version = upspec_version();
    info_.command_line = shell_line(options.run.command_line);
    info_.seed = options.run.seed;
    info_.started = std::time(nullptr);
  }

  int run() {
    if (auto ok = open_targets(); !ok) {
      if (signals_.flag().raised()) return exit_status::interrupted;
      return complain("fuzz", ok.error().text, exit_status::unjudged);
    }
    campaign_options_ = settle();
    Campaign campaign(campaign_options_, corpus_, signals_.flag());
    campaign.on_finding = [this](const Finding& finding) { tell(finding); };
    const bool reached = run_workers(campaign);
    return report(campaign, reached);
  }

 private:
  Result<void> open_targets() {
    for (std::size_t i = 0; i < options_.run.jobs; ++i) {
      const auto out = options_.run.jobs == 1 ? options_.run.out : cat(options_.run.out, "/job-", i + 1);
      auto target = FuzzTarget::open(prepared_.plan, out, signals_.flag());
      if (!target) return tl::unexpected(target.error());
      targets_.push_back(*std::move(target));
    }
    const Target& first = targets_.front()->target();
    info_.implementation_name = first.name();
    info_.implementation_version = first.version();
    info_.target = first.where();
    say(cat("fuzzing ", first.name(), " at ", first.where(), ", as it is\n"));
    return {};
  }

  CampaignOptions settle() {
    CampaignOptions campaign;
    campaign.time = std::chrono::nanoseconds(static_cast<std::int64_t>(options_.seconds * 1e9));
    campaign.patience = std::chrono::milliseconds(static_cast<std::int64_t>(options_.run.timeout * 1e3));
    campaign.seed = options_.run.seed;
    campaign.only_seeds = options_.regressions;
    campaign.seeds = prepared_.corpora;
    std::ranges::move(seeds_from(prepared_.suite, targets_.front()->ground(), targets_.front()->target().situation()),
                      std::back_inserter(campaign.seeds));
    say(cat(campaign.seeds.size(), " seeds\n"));
    return campaign;
  }

  // Workers run; this thread says how it goes. False: a target could not be reached any more.
  bool run_workers(Campaign& campaign) {
    std::atomic<std::size_t> running = targets_.size();
    std::atomic<bool> reached = true;
    std::vector<std::jthread> threads;
    threads.reserve(targets_.size());
    for (std::size_t i = 0; i < targets_.size(); ++i)
      threads.emplace_back([&, i] {
        try {
          if (!campaign.work(*targets_[i], i)) reached = false;
        } catch (const std::exception& error) {
          say(cat("upspec fuzz: harness error: ", error.what(), "\n"));
          harness_failed_ = true;
        }
        --running;
      });
    const bool terminal = ::isatty(STDOUT_FILENO) == 1;
    for (int ticks = 1; running > 0; ++ticks) {
      pollfd stop{signals_.flag().descriptor(), POLLIN, 0};
      if (::poll(&stop, signals_.flag().raised() ? 0 : 1, 200) < 0) continue;
      if (terminal && ticks % 5 == 0) say(cat("\r", live_line(campaign.numbers()), "\033[K"));
      if (!terminal && ticks % 50 == 0) say(cat(live_line(campaign.numbers()), "\n"));
    }
    threads.clear();
    say(cat(terminal ? "\r\033[K" : "", live_line(campaign.numbers()), "\n"));
    return reached;
  }

  void tell(const Finding& finding) {
    const auto folder = write_finding(options_.run.out, finding);
    say(cat("finding  ", finding.key(), "  ", finding.text, finding.confirmed ? "" : "  (not seen again)",
            "\n         ", folder ? folder->string() : folder.error().text, "\n"));
  }

  int report(const Campaign& campaign, bool reached) {
    const auto numbers = campaign.numbers();
    info_.seconds = numbers.seconds;
    info_.interrupted = signals_.flag().raised();
    const auto results = results_of(campaign.findings(), numbers, prepared_.suite.registry);
    const auto written = write_reports(options_.run.out, info_, results, prepared_.baseline, false);
    if (!written) return complain("fuzz", written.error().text, exit_status::usage);
    if (!options_.run.write_baseline.empty()) {
      const auto updated = report::updated(prepared_.baseline, results, false);
      if (auto ok = report::write_atomically(options_.run.write_baseline, report::to_xml(updated)); !ok)
        return complain("fuzz", ok.error().text, exit_status::usage);
    }
    for (const auto& file : *written) say(cat("  ", file, "\n"));
    RunFacts facts;
    facts.interrupted = info_.interrupted;
    facts.unjudged = harness_failed_ || !reached;
    for (const auto& one : results)
      facts.failed = facts.failed || ((one.verdict == Verdict::fail || one.verdict == Verdict::error) &&
                                      !prepared_.baseline.contains(one.id));
    if (!reached) complain("fuzz", cat(info_.target, " cannot be reached any more"), exit_status::unjudged);
    return status_of_run(facts);
  }

  static void say(const std::string& text) {
    std::fputs(text.c_str(), stdout);
    std::fflush(stdout);
  }

  const FuzzOptions& options_;
  const Prepared& prepared_;
  StopOnSignals signals_;
  RunInfo info_;
  FuzzCorpus corpus_;
  CampaignOptions campaign_options_;
  std::vector<std::unique_ptr<FuzzTarget>> targets_;
  std::atomic<bool> harness_failed_ = false;
};

}  // namespace

int fuzz_command(const FuzzOptions& options) {
  auto prepared = prepare(options);
  if (!prepared) return complain("fuzz", prepared.error().text, exit_status::usage);
  return Fuzz(options, *prepared).run();
}

}  // namespace upspec
