// `upspec diff`: implementations are started side by side, each script is played to all of them, and where they part is
// grouped, compared with what is known, and reported.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>

#include "base/text.hpp"
#include "report/file.hpp"
#include "run/case_folder.hpp"
#include "run/commands.hpp"
#include "run/diff.hpp"
#include "run/exit_status.hpp"
#include "run/fuzz_corpus.hpp"
#include "run/fuzz_target.hpp"
#include "run/replay.hpp"
#include "run/report_files.hpp"
#include "scenario/suite.hpp"
#include "script/convert.hpp"
#include "script/mutate.hpp"

namespace upspec {
namespace {

using Clock = std::chrono::steady_clock;

void say(const std::string& text) {
  std::fputs(text.c_str(), stdout);
  std::fflush(stdout);
}

struct Side {
  TargetPlan plan;
  std::unique_ptr<FuzzTarget> target;
  std::string known_file;
  report::Baseline known;
};

// "cases/targets/node.xml" keeps its known differences in "cases/targets/node.differences.xml".
std::string known_file_of(const std::string& file) {
  return std::filesystem::path(file).replace_extension(".differences.xml").string();
}

class Diff {
 public:
  explicit Diff(const DiffOptions& options) : options_(options), random_(options.run.seed) {
    info_.suite_version = upspec_version();
    info_.command_line = shell_line(options.run.command_line);
    info_.seed = options.run.seed;
    info_.started = std::time(nullptr);
  }

  int run() {
    if (auto ok = prepare(); !ok) return complain("diff", ok.error().text, exit_status::usage);
    if (auto ok = open_all(); !ok) return complain("diff", ok.error().text, exit_status::unjudged);
    if (ground_.dialects.empty()) return complain("diff", "they have no dialect in common", exit_status::unjudged);
    std::vector<std::string> names;
    names.reserve(sides_.size());
    for (const auto& side : sides_) names.push_back(side.target->target().name());
    say(cat("side by side: ", join(names, ", "), "; ", seeds_.size(), " seeds\n"));
    DiffTable table(names);
    const auto reached = play_all(table);
    return report(table, reached);
  }

 private:
  struct Named {
    std::string name;
    script::Script script;
  };

  Result<void> prepare() {
    const auto folder = find_case_folder(options_.run.cases);
    if (!folder) return tl::unexpected(folder.error());
    auto suite = load_suite(*folder);
    if (!suite) return tl::unexpected(suite.error());
    suite_ = *std::move(suite);
    // The first is the reference, unless files alone are compared.
    if (options_.with_reference)
      if (auto ok = plan(std::nullopt, {}); !ok) return ok;
    for (const auto& file : options_.implementations) {
      auto loaded = load_server(file);
      if (!loaded) return tl::unexpected(loaded.error());
      if (auto ok = plan(*std::move(loaded), known_file_of(file)); !ok) return ok;
    }
    return prepare_reports(options_.run.out);
  }

  Result<void> plan(std::optional<Implementation> implementation, const std::string& known_file) {
    Side side;
    side.known_file = known_file;
    if (std::filesystem::exists(known_file)) {
      auto known = report::read_baseline(known_file);
      if (!known) return tl::unexpected(known.error());
      side.known = *std::move(known);
    }
    auto planned = plan_target(options_.run, std::move(implementation));
    if (!planned) return tl::unexpected(planned.error());
    side.plan = *std::move(planned);
    sides_.push_back(std::move(side));
    return {};
  }

  Result<void> open_all() {
    for (std::size_t i = 0; i < sides_.size(); ++i) {
      auto target = FuzzTarget::open(sides_[i].plan, cat(options_.run.out, "/side-", i + 1), signals_.flag());
      if (!target) return tl::unexpected(target.error());
      sides_[i].target = *std::move(target);
    }
    ground_.paths = {"/upspec-websocket", "/upspec-raw"};
    ground_.authority = "upspec.test";
    ground_.dialects = sides_.front().target->ground().dialects;
    for (const auto& side : sides_) {
      const auto& own = side.target->ground();
      std::erase_if(ground_.dialects, [&](Dialect one) { return std::ranges::count(own.dialects, one) == 0; });
      if (own.paths.websocket.empty()) ground_.paths.websocket.clear();
      if (own.paths.raw.empty()) ground_.paths.raw.clear();
    }
    gather_seeds();
    return {};
  }

  void gather_seeds() {
    script::Surroundings around;
    around.authority = ground_.authority;
    around.paths = {{"websocket", ground_.paths.websocket}, {"raw", ground_.paths.raw}, {"h2c", "/"}};
    for (const Case& one : suite_.cases) {
      if (one.role != "server" || std::ranges::count(ground_.dialects, one.dialect) == 0 || !fits(one)) continue;
      if (auto seed = script::script_of(one, script::Role::server, around))
        seeds_.push_back({one.id, *std::move(seed)});
    }
  }
  bool fits(const Case& one) const {
    return std::ranges::none_of(one.needs, [&](const std::string& what) {
      return (what == "raw" && ground_.paths.raw.empty()) || (what == "websocket" && ground_.paths.websocket.empty());
    });
  }

  Named next() {
    if (at_ < seeds_.size()) return seeds_[at_++];
    auto script =
        random_.below(3) == 0 ? seeds_[random_.below(seeds_.size())].script : script::right_talk(ground_, random_);
    if (random_.below(4) != 0) script::mutate(script, random_);
    script.role = script::Role::server;
    return {"random", std::move(script)};
  }

  bool over() {
    if (signals_.flag().raised()) return true;
    return at_ >= seeds_.size() && Clock::now() - start_ >= std::chrono::duration<double>(options_.seconds);
  }

  // What each made of it; nothing where one cannot be reached any more.
  std::optional<std::vector<Driven>> play(const script::Script& script) {
    const auto patience = std::chrono::milliseconds(static_cast<std::int64_t>(options_.run.timeout * 1e3));
    std::vector<Driven> all;
    for (auto& side : sides_) {
      const auto own = localised(script, ground_, side.target->ground());
      auto driven = side.target->play(own, patience);
      if (side.target->death() || !driven.connected) {
        if (!side.target->renew()) return std::nullopt;
        if (!driven.connected) driven = side.target->play(own, patience);
      }
      all.push_back(std::move(driven));
    }
    ++executions_;
    return all;
  }

  bool play_all(DiffTable& table) {
    auto told = Clock::now();
    while (!over()) {
      const auto [name, script] = next();
      const auto played = play(script);
      if (!played) return false;
      if (const auto difference = difference_of(*played)) {
        // Only what comes again is a difference: the rest is timing.
        const auto again = play(script);
        if (!again) return false;
        if (difference_of(*again) == difference)
          table.add(*difference, script, name);
        else
          ++unstable_;
      }
      if (Clock::now() - told < std::chrono::seconds(10)) continue;
      told = Clock::now();
      say(cat(executions_, " scripts, ", table.groups().size(), " differences, ", unstable_, " not seen again\n"));
    }
    return true;
  }

  // ---- the report -------------------------------------------------------------------------------------------------

  CaseResult result_of(const DiffGroup& group, std::size_t side, const std::string& id) const {
    const auto& difference = group.difference;
    const auto& name = sides_[side].target->target().name();
    CaseResult result;
    result.id = id;
    result.role = "server";
    result.subject = "diff";
    if (const auto* known = suite_.registry.find(difference.cause)) result.requirements.push_back(known->text);
    result.verdict = Verdict::fail;
    result.outcome =
        cat(script::name_of(difference.outcomes[side]), ", not ", script::name_of(difference.outcomes.front()));
    result.message = cat(name, ": ", result.outcome, " on ", difference.cause,
                         difference.about.empty() ? "" : cat(" (", difference.about, ")"));
    result.expected = cat("what ", sides_.front().target->target().name(), " does, or a known difference");
    result.seen = cat(result.message, "\nby this script:\n", script::print(group.example));
    return result;
  }

  int report(const DiffTable& table, bool reached) {
    std::vector<report::Baseline> known;
    report::Baseline all_known;
    std::vector<CaseResult> results;
    std::size_t fresh = 0;
    for (std::size_t i = 0; i < sides_.size(); ++i) {
      std::vector<CaseResult> own;
      for (const auto& group : table.groups()) {
        if (group.difference.outcomes[i] == group.difference.outcomes.front()) continue;
        const auto id = difference_id(group, i);
        if (std::ranges::any_of(own, [&](const CaseResult& one) { return one.id == id; })) continue;
        if (!sides_[i].known.contains(id)) ++fresh;
        own.push_back(result_of(group, i, id));
      }
      if (options_.write_known && !sides_[i].known_file.empty()) {
        const auto now = report::updated(sides_[i].known, own, false);
        if (auto ok = report::write_atomically(sides_[i].known_file, report::to_xml(now)); !ok)
          return complain("diff", ok.error().text, exit_status::usage);
      }
      known.push_back(sides_[i].known);
      for (auto& one : own) {
        const auto id = cat(one.id, "/", sides_[i].target->target().name());
        if (const auto at = sides_[i].known.find(one.id); at != sides_[i].known.end()) all_known[id] = at->second;
        one.id = id;
        results.push_back(std::move(one));
      }
    }
    return write(interop_table(table, known), results, all_known, {fresh, reached});
  }

  struct Ending {
    std::size_t fresh;
    bool reached;
  };
  int write(const std::string& table, std::vector<CaseResult> results, const report::Baseline& known, Ending ending) {
    const auto seconds = std::chrono::duration<double>(Clock::now() - start_).count();
    const auto line = cat(executions_, " scripts to each in ", static_cast<std::uint64_t>(seconds), " s, ", unstable_,
                          " differences not seen again, ", ending.fresh, " not known");
    CaseResult whole;
    whole.id = "diff/run";
    whole.role = "server";
    whole.subject = "diff";
    whole.outcome = "finished";
    whole.message = line;
    whole.seconds = seconds;
    results.insert(results.begin(), std::move(whole));
    info_.seconds = seconds;
    info_.interrupted = signals_.flag().raised();
    info_.implementation_name = "side by side";
    const auto file = std::filesystem::path(options_.run.out) / "interop.md";
    if (auto ok = report::write_atomically(file, table); !ok)
      return complain("diff", ok.error().text, exit_status::usage);
    const auto written = write_reports(options_.run.out, info_, results, known, false);
    if (!written) return complain("diff", written.error().text, exit_status::usage);
    say(cat(table, line, "\n  ", file.string(), "\n"));
    for (const auto& one : *written) say(cat("  ", one, "\n"));
    if (!ending.reached) complain("diff", "an implementation cannot be reached any more", exit_status::unjudged);
    return status_of_run({.interrupted = info_.interrupted, .unjudged = !ending.reached, .failed = ending.fresh > 0});
  }

  const DiffOptions& options_;
  Random random_;
  StopOnSignals signals_;
  RunInfo info_;
  Suite suite_;
  std::vector<Side> sides_;
  script::Ground ground_;
  std::vector<Named> seeds_;
  std::size_t at_ = 0;
  std::size_t executions_ = 0, unstable_ = 0;
  const Clock::time_point start_ = Clock::now();
};

}  // namespace

int diff_command(const DiffOptions& options) { return Diff(options).run(); }

}  // namespace upspec
