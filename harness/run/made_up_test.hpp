// Cases and players that the tests of this room make up. The registry is the project's own.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "run/session.hpp"

namespace upspec {

inline Case made_case(Dialect dialect, const std::string& short_id, std::vector<std::string> checks,
                      const std::string& stands_on = {}) {
  Case one;
  one.short_id = short_id;
  one.id = std::string(name_of(dialect)) + "." + short_id;
  one.role = "server";
  one.dialect = dialect;
  one.subject = short_id.substr(0, short_id.find('/'));
  one.checks = std::move(checks);
  one.stands_on = stands_on;
  one.control = one.subject == "control";
  return one;
}

// In each dialect: request <- upgrade <- echo, three cases on upgrade, and one for a server without the dialect.
inline Suite made_suite() {
  Suite suite{*Registry::load(UPSPEC_SOURCE_DIR "/cases/requirements.xml"), {}};
  for (const Dialect dialect : {Dialect::upgrade, Dialect::connect}) {
    suite.cases.push_back(made_case(dialect, "control/request", {"REQ-11"}));
    suite.cases.push_back(made_case(dialect, "control/upgrade", {"RES-01", "RES-02"}, "control/request"));
    suite.cases.push_back(made_case(dialect, "control/echo", {"WS-01"}, "control/upgrade"));
    suite.cases.back().needs = {"websocket"};
  }
  for (const Dialect dialect : {Dialect::upgrade, Dialect::connect}) {
    suite.cases.push_back(made_case(dialect, "offer/plain", {"REQ-01"}, "control/upgrade"));
    suite.cases.push_back(made_case(dialect, "offer/accept", {"REQ-01", "RES-02"}, "control/upgrade"));
    suite.cases.push_back(made_case(dialect, "channel/raw", {"TUN-01"}, "control/upgrade"));
    suite.cases.back().needs = {"raw"};
    suite.cases.push_back(made_case(dialect, "channel/close", {"WS-10"}, "control/echo"));
    suite.cases.push_back(made_case(dialect, "negotiation/off", {"NEG-05"}, "control/request"));
    suite.cases.back().unannounced = true;
  }
  return suite;
}

inline const Case& case_of(const Suite& suite, std::string_view id) {
  for (const Case& one : suite.cases)
    if (one.id == id) return one;
  throw std::logic_error(std::string(id));
}

inline std::vector<const Case*> every(const Suite& suite) {
  std::vector<const Case*> all;
  for (const Case& one : suite.cases) all.push_back(&one);
  return all;
}

inline CaseResult made_result(const Case& one, Verdict verdict, const std::string& message = {}) {
  CaseResult result;
  result.id = one.id;
  result.role = one.role;
  result.dialect = name_of(one.dialect);
  result.subject = one.subject;
  result.verdict = verdict;
  result.message = message;
  if (verdict == Verdict::fail) result.requirement = one.checks.front();
  return result;
}

// A player that knows the answers: `fails` by id, everything else passes.
struct Script {
  Play::Seen announced{true, true, true};
  std::set<std::string> fails;
  std::map<std::string, std::vector<Breach>> breaches;
  std::vector<std::string> played;  // in their order

  Played answer(const Case& one) {
    played.push_back(one.id);
    Played result{made_result(one, fails.contains(one.id) ? Verdict::fail : Verdict::pass), {}, announced, false};
    if (fails.contains(one.id)) result.result.message = "no answer";
    if (const auto found = breaches.find(one.id); found != breaches.end()) result.others = found->second;
    return result;
  }
  PlayCases player() {
    return [this](const std::vector<const Case*>& cases, const OnEnd& on_end) {
      for (const Case* one : cases)
        if (!on_end(*one, answer(*one))) return;
    };
  }
};

}  // namespace upspec
