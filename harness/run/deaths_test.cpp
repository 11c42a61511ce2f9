#include "run/deaths.hpp"

#include <algorithm>

#include "run/made_up_test.hpp"

namespace upspec {
namespace {

// A process that some cases kill, behind a player that plays `side_by_side` cases at a time.
struct Mortal {
  std::set<std::string> killers;   // by themselves
  std::set<std::string> together;  // only when all of these run at once
  bool alive = true;
  int restarts = 0;
  int restarts_left = 1000;
  std::size_t side_by_side = 3;

  PlayCases player() {
    return [this](const std::vector<const Case*>& cases, const OnEnd& on_end) {
      bool more = true;
      for (std::size_t from = 0; from < cases.size() && more; from += side_by_side) {
        const std::size_t to = std::min(cases.size(), from + side_by_side);
        std::set<std::string> now;
        for (std::size_t i = from; i < to; ++i) now.insert(cases[i]->id);
        for (const std::string& id : now) alive = alive && !killers.contains(id);
        if (!together.empty() && std::ranges::includes(now, together)) alive = false;
        for (std::size_t i = from; i < to; ++i)
          more =
              on_end(*cases[i], {made_result(*cases[i], alive ? Verdict::pass : Verdict::fail), {}, {}, false}) && more;
      }
    };
  }
  Watched watched() {
    Watched how;
    how.death = [this]() -> std::optional<Death> {
      if (alive) return {};
      return Death{"server", "killed by SIGSEGV", "last words", false};
    };
    how.restart = [this]() -> Result<void> {
      if (restarts_left-- == 0) return fail("it does not start");
      ++restarts;
      alive = true;
      return {};
    };
    how.stopped = [] { return false; };
    return how;
  }
};

class Deaths : public ::testing::Test {
 protected:
  std::map<std::string, CaseResult> play() {
    std::map<std::string, CaseResult> all;
    watching_deaths(mortal.player(), watched ? *watched : mortal.watched())(every(suite), [&](const Case&, Played one) {
      EXPECT_FALSE(all.contains(one.result.id)) << one.result.id;
      all[one.result.id] = one.result;
      return true;
    });
    return all;
  }
  const Suite suite = made_suite();
  Mortal mortal;
  std::optional<Watched> watched;
};

TEST_F(Deaths, NoneChangesNothing) {
  const auto all = play();
  EXPECT_EQ(all.size(), suite.cases.size());
  EXPECT_EQ(mortal.restarts, 0);
}

TEST_F(Deaths, TheCaseIsNamedAndTheRunGoesOn) {
  mortal.killers = {"upgrade.offer/accept"};
  const auto all = play();
  EXPECT_EQ(all.size(), suite.cases.size());
  for (const auto& [id, result] : all)
    EXPECT_EQ(result.verdict, id == "upgrade.offer/accept" ? Verdict::error : Verdict::pass) << id;
  EXPECT_EQ(all.at("upgrade.offer/accept").message, "the implementation died: killed by SIGSEGV");
  EXPECT_EQ(all.at("upgrade.offer/accept").evidence, "last words");
}

TEST_F(Deaths, SeveralAreNamedEach) {
  mortal.killers = {"upgrade.control/request", "upgrade.control/upgrade", "connect.negotiation/off"};
  const auto all = play();
  EXPECT_EQ(all.size(), suite.cases.size());
  for (const auto& [id, result] : all)
    EXPECT_EQ(result.verdict, mortal.killers.contains(id) ? Verdict::error : Verdict::pass) << id;
}

TEST_F(Deaths, WhatNoCaseDoesAloneIsACaseOfItsOwn) {
  mortal.together = {"upgrade.control/request", "upgrade.control/upgrade"};
  const auto all = play();
  EXPECT_EQ(all.size(), suite.cases.size() + 1);
  EXPECT_EQ(all.at("implementation/died").verdict, Verdict::error);
  EXPECT_NE(all.at("implementation/died").evidence.find("upgrade.control/upgrade"), std::string::npos);
  EXPECT_EQ(all.at("upgrade.control/request").verdict, Verdict::pass);
}

TEST_F(Deaths, WhatCannotBeStartedAgainLeavesErrors) {
  mortal.killers = {"upgrade.offer/accept"};
  mortal.restarts_left = 0;
  const auto all = play();
  EXPECT_EQ(all.size(), suite.cases.size());
  EXPECT_EQ(all.at("connect.offer/plain").verdict, Verdict::error);
  EXPECT_EQ(all.at("connect.offer/plain").message, "the implementation could not be started again: it does not start");
  EXPECT_EQ(all.at("upgrade.control/request").verdict, Verdict::pass);
}

TEST_F(Deaths, RestartEveryFourCases) {
  watched = mortal.watched();
  watched->restart_every = 4;
  const auto all = play();
  EXPECT_EQ(all.size(), suite.cases.size());
  EXPECT_EQ(mortal.restarts, (static_cast<int>(suite.cases.size()) - 1) / 4);
}

}  // namespace
}  // namespace upspec
