#include "run/selftest.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <set>
#include <thread>

#include "base/text.hpp"
#include "run/memory_player.hpp"
#include "run/session.hpp"

namespace upspec {
namespace {

Situation reference_situation() {
  Situation situation;
  situation.authority = "reference.test";
  situation.paths = {{"websocket", "/echo"}, {"raw", "/raw"}, {"h2c", "/"}};
  return situation;
}

std::vector<CaseResult> play_world(const Suite& suite, std::vector<const Case*> cases, const ServerOptions& server,
                                   std::vector<Dialect> asked) {
  if (cases.empty()) return {};
  const Situation situation = reference_situation();
  const Filter everything;
  const Heard nobody{[](std::size_t) {}, [](const CaseResult&) {}};
  const auto no_replay = [](const std::string&) { return std::string(); };
  const SessionOptions options{suite, everything, std::move(cases), std::move(asked), situation, no_replay};
  return run_session(options, in_memory(server, situation, suite.registry), nobody).results;
}

// A server with both dialects; and for the cases that need a server without theirs, one without it.
std::vector<CaseResult> play_against(const Suite& suite, const std::vector<const Case*>& cases,
                                     const Violations& violations) {
  std::vector<const Case*> ordinary, no_upgrade, no_connect;
  for (const Case* one : cases)
    (!one->unannounced ? ordinary : one->dialect == Dialect::upgrade ? no_upgrade : no_connect).push_back(one);
  ServerOptions server;
  server.violations = violations;
  // Both are asked for: a server that keeps silent about one is still tested for it.
  auto results = play_world(suite, ordinary, server, {Dialect::upgrade, Dialect::connect});
  const auto add = [&](std::vector<CaseResult> more) { std::ranges::move(more, std::back_inserter(results)); };
  server.upgrade = false;
  add(play_world(suite, no_upgrade, server, {Dialect::upgrade}));
  server.upgrade = true;
  server.connect = false;
  add(play_world(suite, no_connect, server, {Dialect::connect}));
  return results;
}

std::vector<const Case*> server_cases(const Suite& suite) {
  std::vector<const Case*> all;
  for (const Case& one : suite.cases)
    if (one.role == "server") all.push_back(&one);
  return all;
}

// A SHOULD that is not followed shows as a note.
void gather(ViolationRow& row, const std::vector<CaseResult>& results, const Registry& registry) {
  const Requirement* broken = registry.find(row.violation.requirement());
  const bool notes_count = broken != nullptr && broken->text.level == "SHOULD";
  for (const CaseResult& result : results) {
    if (result.verdict != Verdict::skip) ++row.played;
    if (!result.failed(notes_count)) continue;
    const bool cites = std::ranges::any_of(
        result.requirements, [&](const RequirementText& one) { return one.id == row.violation.requirement(); });
    auto& list = cites ? row.citing : row.others;
    // A control is played in each world.
    if (std::ranges::none_of(list, [&](const Noticed& one) { return one.case_id == result.id; }))
      list.push_back({result.id, result.message});
  }
}

ViolationRow break_one(const Suite& suite, const Violation& violation, bool all) {
  ViolationRow row{violation, {}, {}, 0, {}};
  if (const Requirement* requirement = suite.registry.find(violation.requirement()))
    row.uncovered = requirement->uncovered;
  const std::vector<std::string> ids = {std::string(violation.id)};
  const auto violations = Violations::of(ids, ReferenceRole::server);
  if (!violations) throw std::logic_error(violations.error().text);  // it is from the table
  const auto cites = [&](const Case* one) {
    return one->control || std::ranges::find(one->checks, violation.requirement()) != one->checks.end();
  };
  std::vector<const Case*> first, rest;
  for (const Case* one : server_cases(suite)) (all || cites(one) ? first : rest).push_back(one);
  gather(row, play_against(suite, first, *violations), suite.registry);
  if (row.citing.empty() && !rest.empty()) gather(row, play_against(suite, rest, *violations), suite.registry);
  return row;
}

// Both cores: the violations have nothing in common.
std::vector<ViolationRow> break_all(const Suite& suite, const std::vector<Violation>& violations, bool all) {
  std::vector<ViolationRow> rows(violations.size());
  std::atomic<std::size_t> next = 0;
  std::atomic<bool> broken = false;
  std::exception_ptr trouble;
  const auto work = [&] {
    try {
      for (std::size_t i = next++; i < violations.size(); i = next++) rows[i] = break_one(suite, violations[i], all);
    } catch (...) {
      next = violations.size();
      if (!broken.exchange(true)) trouble = std::current_exception();
    }
  };
  {
    std::vector<std::jthread> others;
    for (unsigned n = 1; n < std::max(1U, std::thread::hardware_concurrency()); ++n) others.emplace_back(work);
    work();
  }
  if (trouble) std::rethrow_exception(trouble);
  return rows;
}

std::vector<std::string> never_failed(const Suite& suite, const std::vector<ViolationRow>& rows) {
  std::set<std::string> tripped;
  for (const ViolationRow& row : rows)
    for (const auto* list : {&row.citing, &row.others})
      for (const Noticed& one : *list) tripped.insert(one.case_id);
  std::vector<std::string> ids;
  for (const Case* one : server_cases(suite))
    if (!tripped.contains(one->id)) ids.push_back(one->id);
  return ids;
}

}  // namespace

bool SelftestResult::ok() const {
  return not_clean.empty() && gaps.unexplained.empty() && gaps.stale.empty() &&
         std::ranges::all_of(rows,
                             [](const ViolationRow& row) { return row.standing() == ViolationRow::Standing::noticed; });
}

Gaps gaps_of(const Suite& suite, std::span<const Violation> violations) {
  std::set<std::string, std::less<>> checked, breakable;
  for (const Case* one : server_cases(suite)) checked.insert(one->checks.begin(), one->checks.end());
  for (const Violation& one : violations)
    if (one.role == ReferenceRole::server) breakable.emplace(one.requirement());
  Gaps gaps;
  for (const Requirement& one : suite.registry.all()) {
    const std::string& id = one.text.id;
    if (one.roles.find('S') == std::string::npos) continue;
    if (!checked.contains(id))
      one.uncovered.empty() ? gaps.unexplained.push_back(id) : gaps.explained.push_back(cat(id, ": ", one.uncovered));
    else if (!one.uncovered.empty())
      gaps.stale.push_back(id);
    else if (one.text.level == "MUST" && !breakable.contains(id))
      gaps.no_violation.push_back(id);
  }
  return gaps;
}

SelftestResult selftest(const Suite& suite, const SelftestWork& work) {
  SelftestResult result;
  for (CaseResult& one : play_against(suite, server_cases(suite), {})) {
    if (one.verdict == Verdict::pass)
      ++result.clean;
    else
      result.not_clean.push_back(std::move(one));
  }
  std::vector<Violation> violations;
  for (const Violation& one : all_violations()) {
    const auto is_asked = [&](const std::string& glob) { return matches_glob(one.id, glob); };
    if (one.role == ReferenceRole::server &&
        (work.violations.empty() || std::ranges::any_of(work.violations, is_asked)))
      violations.push_back(one);
  }
  result.rows = break_all(suite, violations, work.all);
  result.gaps = gaps_of(suite, all_violations());
  result.gaps.never_failed = never_failed(suite, result.rows);
  return result;
}

}  // namespace upspec
