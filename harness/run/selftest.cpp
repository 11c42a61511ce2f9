#include "run/selftest.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <future>
#include <set>
#include <thread>

#include "base/text.hpp"
#include "run/memory_player.hpp"
#include "run/proxy_memory.hpp"
#include "run/session.hpp"

namespace upspec {
namespace {

Situation reference_situation() {
  Situation situation;
  situation.authority = "reference.test";
  situation.paths = {{"websocket", "/echo"}, {"raw", "/raw"}, {"h2c", "/"}};
  return situation;
}

std::vector<CaseResult> play_world(const Suite& suite, std::vector<const Case*> cases, const PlayCases& player,
                                   const Situation& situation, std::vector<Dialect> asked) {
  if (cases.empty()) return {};
  const Filter everything;
  const Heard nobody{[](std::size_t) {}, [](const CaseResult&) {}};
  const auto no_replay = [](const std::string&) { return std::string(); };
  const SessionOptions options{suite, everything, std::move(cases), std::move(asked), situation, no_replay};
  return run_session(options, player, nobody).results;
}

// A server with both dialects; and for the cases that need a server without theirs, one without it.
std::vector<CaseResult> play_servers(const Suite& suite, const std::vector<const Case*>& cases,
                                     const Violations& violations) {
  const Situation situation = reference_situation();
  std::vector<const Case*> ordinary, no_upgrade, no_connect;
  for (const Case* one : cases)
    (!one->unannounced ? ordinary : one->dialect == Dialect::upgrade ? no_upgrade : no_connect).push_back(one);
  ServerOptions server;
  server.violations = violations;
  const auto play = [&](std::vector<const Case*> some, std::vector<Dialect> asked) {
    return play_world(suite, std::move(some), in_memory(server, situation, suite.registry), situation,
                      std::move(asked));
  };
  // Both are asked for: a server that keeps silent about one is still tested for it.
  auto results = play(ordinary, {Dialect::upgrade, Dialect::connect});
  const auto add = [&](std::vector<CaseResult> more) { std::ranges::move(more, std::back_inserter(results)); };
  server.upgrade = false;
  add(play(no_upgrade, {Dialect::upgrade}));
  server.upgrade = true;
  server.connect = false;
  add(play(no_connect, {Dialect::connect}));
  return results;
}

std::vector<CaseResult> play_clients(const Suite& suite, const std::vector<const Case*>& cases,
                                     const Violations& violations) {
  Situation situation = reference_situation();
  situation.paths["none"] = "/";
  situation.client_reports = true;
  ClientOptions client;
  client.violations = violations;
  return play_world(suite, cases, clients_in_memory(client, situation, suite.registry), situation,
                    {Dialect::upgrade, Dialect::connect});
}

std::vector<CaseResult> play_proxies(const Suite& suite, const std::vector<const Case*>& cases,
                                     const Violations& violations) {
  Situation situation = reference_situation();
  situation.origin_timeout = 1;
  std::vector<CaseResult> results;
  for (const auto* way : {"21", "12", "22"}) {
    std::vector<const Case*> ordinary, no_upgrade, no_connect, no_upgrades_behind;
    for (const Case* one : cases) {
      if (one->way != way) continue;
      if (std::ranges::find(one->needs, "no-upgrades") != one->needs.end()) {
        no_upgrades_behind.push_back(one);
        continue;
      }
      (!one->unannounced ? ordinary : one->dialect == Dialect::upgrade ? no_upgrade : no_connect).push_back(one);
    }
    ProxyOptions proxy;
    proxy.violations = violations;
    const auto add = [&](std::vector<const Case*> some, std::vector<Dialect> asked) {
      std::ranges::move(play_world(suite, std::move(some), proxy_in_memory(proxy, situation, suite.registry), situation,
                                   std::move(asked)),
                        std::back_inserter(results));
    };
    add(ordinary, {Dialect::upgrade, Dialect::connect});
    proxy.upgrade = false;
    add(no_upgrade, {Dialect::upgrade});
    proxy.upgrade = true;
    proxy.connect = false;
    add(no_connect, {Dialect::connect});
    proxy.connect = true;
    proxy.upgrades = situation.upgrades = false;
    add(no_upgrades_behind, {Dialect::upgrade, Dialect::connect});
    situation.upgrades = true;
  }
  return results;
}

// One row a role that the self-test knows.
struct Role {
  ReferenceRole role;
  char letter;  // in requirements.xml
  std::vector<CaseResult> (*play)(const Suite&, const std::vector<const Case*>&, const Violations&);
};
constexpr Role known_roles[] = {{ReferenceRole::server, 'S', play_servers},
                                {ReferenceRole::client, 'C', play_clients},
                                {ReferenceRole::proxy, 'I', play_proxies}};

const Role& the(ReferenceRole role) { return *std::ranges::find(known_roles, role, &Role::role); }

std::vector<const Case*> cases_of(const Suite& suite, ReferenceRole role) {
  std::vector<const Case*> all;
  for (const Case& one : suite.cases)
    if (one.role == name_of(role)) all.push_back(&one);
  return all;
}

// A SHOULD that is not followed shows as a note.
void gather(ViolationRow& row, const std::vector<CaseResult>& results, const Registry& registry) {
  const Requirement* broken = registry.find(row.violation.requirement());
  const bool notes_count = row.violation.is_noted || (broken != nullptr && broken->text.level == "SHOULD");
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

// Those that move much data are the last to be asked.
std::vector<const Case*> small_first(const std::vector<const Case*>& cases) {
  const auto is_flow = [](const Step& step) { return std::holds_alternative<Flow>(step.what); };
  std::vector<const Case*> small, large;
  for (const Case* one : cases) (std::ranges::any_of(one->steps, is_flow) ? large : small).push_back(one);
  small.insert(small.end(), large.begin(), large.end());
  return small;
}

ViolationRow break_one(const Suite& suite, const Violation& violation, SelftestWork::Breadth breadth) {
  using Breadth = SelftestWork::Breadth;
  ViolationRow row{violation, {}, {}, 0, {}};
  if (const Requirement* requirement = suite.registry.find(violation.requirement()))
    row.uncovered = requirement->uncovered;
  const std::vector<std::string> ids = {std::string(violation.id)};
  const auto violations = Violations::of(ids, violation.role);
  if (!violations) throw std::logic_error(violations.error().text);  // it is from the table
  const auto cites = [&](const Case* one) {
    return one->control || std::ranges::find(one->checks, violation.requirement()) != one->checks.end();
  };
  std::vector<const Case*> first, rest;
  for (const Case* one : cases_of(suite, violation.role))
    (breadth == Breadth::all || cites(one) ? first : rest).push_back(one);
  const auto play_against = the(violation.role).play;
  if (breadth == Breadth::first) {
    for (const Case* one : small_first(first)) {
      gather(row, play_against(suite, {one}, *violations), suite.registry);
      if (!row.citing.empty()) break;
    }
  } else {
    gather(row, play_against(suite, first, *violations), suite.registry);
  }
  if (row.citing.empty() && !rest.empty()) gather(row, play_against(suite, rest, *violations), suite.registry);
  return row;
}

// Both cores: the violations have nothing in common.
std::vector<ViolationRow> break_all(const Suite& suite, const std::vector<Violation>& violations,
                                    SelftestWork::Breadth breadth) {
  std::vector<ViolationRow> rows(violations.size());
  std::atomic<std::size_t> next = 0;
  std::atomic<bool> broken = false;
  std::exception_ptr trouble;
  const auto work = [&] {
    try {
      for (std::size_t i = next++; i < violations.size(); i = next++)
        rows[i] = break_one(suite, violations[i], breadth);
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

std::vector<std::string> never_failed(const Suite& suite, ReferenceRole role, const std::vector<ViolationRow>& rows) {
  std::set<std::string> tripped;
  for (const ViolationRow& row : rows)
    for (const auto* list : {&row.citing, &row.others})
      for (const Noticed& one : *list) tripped.insert(one.case_id);
  std::vector<std::string> ids;
  for (const Case* one : cases_of(suite, role))
    if (!tripped.contains(one->id)) ids.push_back(one->id);
  return ids;
}

}  // namespace

bool SelftestResult::ok() const {
  return not_clean.empty() && gaps.unexplained.empty() && gaps.stale.empty() &&
         std::ranges::all_of(rows,
                             [](const ViolationRow& row) { return row.standing() == ViolationRow::Standing::noticed; });
}

bool has_selftest(ReferenceRole role) {
  return std::ranges::find(known_roles, role, &Role::role) != std::end(known_roles);
}

Gaps gaps_of(const Suite& suite, std::span<const Violation> violations, ReferenceRole role) {
  std::set<std::string, std::less<>> checked, breakable;
  for (const Case* one : cases_of(suite, role)) checked.insert(one->checks.begin(), one->checks.end());
  for (const Violation& one : violations)
    if (one.role == role) breakable.emplace(one.requirement());
  Gaps gaps;
  for (const Requirement& one : suite.registry.all()) {
    const std::string& id = one.text.id;
    if (one.roles.find(the(role).letter) == std::string::npos) continue;
    if (!checked.contains(id))
      one.uncovered.empty() ? gaps.unexplained.push_back(id) : gaps.explained.push_back(cat(id, ": ", one.uncovered));
    else if (!one.uncovered.empty() && role == ReferenceRole::server)  // the reasons are about servers
      gaps.stale.push_back(id);
    else if (one.text.level == "MUST" && !breakable.contains(id))
      gaps.no_violation.push_back(id);
  }
  return gaps;
}

SelftestResult selftest(const Suite& suite, const SelftestWork& work) {
  SelftestResult result;
  auto clean = std::async(std::launch::async,
                          [&] { return the(work.role).play(suite, cases_of(suite, work.role), Violations()); });
  std::vector<Violation> violations;
  for (const Violation& one : all_violations()) {
    const auto is_asked = [&](const std::string& glob) { return matches_glob(one.id, glob); };
    if (one.role == work.role && (work.violations.empty() || std::ranges::any_of(work.violations, is_asked)))
      violations.push_back(one);
  }
  result.rows = break_all(suite, violations, work.breadth);
  for (CaseResult& one : clean.get()) {
    if (one.verdict == Verdict::pass)
      ++result.clean;
    else
      result.not_clean.push_back(std::move(one));
  }
  result.gaps = gaps_of(suite, all_violations(), work.role);
  if (work.breadth != SelftestWork::Breadth::first)
    result.gaps.never_failed = never_failed(suite, work.role, result.rows);
  return result;
}

}  // namespace upspec
