#include "run/session.hpp"

#include "run/made_up_test.hpp"

namespace upspec {
namespace {

class SessionRun : public ::testing::Test {
 protected:
  SessionResult run(std::vector<Dialect> asked = {}) {
    Situation situation;
    situation.paths = {{"websocket", "/echo"}};
    const SessionOptions options{
        suite, filter, every(suite), std::move(asked), situation, [](const std::string& id) { return "again " + id; }};
    const Heard heard{[&](std::size_t cases) { planned = cases; }, [&](const CaseResult&) { ++told; }};
    return run_session(options, script.player(), heard);
  }
  static const CaseResult& of(const SessionResult& all, std::string_view id) {
    for (const CaseResult& one : all.results)
      if (one.id == id) return one;
    throw std::logic_error(std::string(id));
  }
  const Suite suite = made_suite();
  Filter filter;
  Script script;
  std::size_t planned = 0, told = 0;
};

TEST_F(SessionRun, PlaysControlsFirstAndTellsEachResultOnce) {
  const SessionResult all = run();
  EXPECT_EQ(script.played.front(), "probe");
  EXPECT_EQ(script.played[1], "upgrade.control/request");
  EXPECT_EQ(all.results.size(), suite.cases.size() - 2);  // both dialects are announced: no "off"
  EXPECT_EQ(planned, all.results.size());
  EXPECT_EQ(told, all.results.size());
  EXPECT_EQ(of(all, "upgrade.offer/plain").replay, "again upgrade.offer/plain");
}

TEST_F(SessionRun, SkipsWhatIsNotOfferedAndSaysWhy) {
  const SessionResult all = run();
  EXPECT_EQ(of(all, "connect.channel/raw").verdict, Verdict::skip);
  EXPECT_EQ(of(all, "connect.channel/raw").message, "needs raw: give --raw PATH");
}

TEST_F(SessionRun, FailedControlSkipsWhatStandsOnIt) {
  script.fails = {"upgrade.control/upgrade"};
  const SessionResult all = run();
  EXPECT_EQ(of(all, "upgrade.control/upgrade").verdict, Verdict::fail);
  EXPECT_EQ(of(all, "upgrade.channel/close").message,
            "not testable, control upgrade.control/upgrade failed: no answer");
  EXPECT_EQ(of(all, "upgrade.offer/accept").verdict, Verdict::pass);  // checks what the control broke
  EXPECT_EQ(of(all, "connect.channel/close").verdict, Verdict::pass);
}

TEST_F(SessionRun, BreachesBesideBecomeOneCaseForTheRun) {
  script.breaches["upgrade.offer/plain"] = {{"TUN-06", "DATA after END_STREAM"}};
  script.breaches["connect.offer/plain"] = {{"TUN-06", "DATA after END_STREAM"}};
  const SessionResult all = run();
  const CaseResult& monitor = of(all, "monitor/TUN-06");
  EXPECT_EQ(&monitor, &all.results.back());
  EXPECT_EQ(monitor.verdict, Verdict::fail);
  EXPECT_EQ(monitor.requirement, "TUN-06");
  EXPECT_EQ(monitor.expected, suite.registry.find("TUN-06")->text.sentence);
  EXPECT_NE(monitor.seen.find("upgrade.offer/plain, connect.offer/plain"), std::string::npos) << monitor.seen;
  EXPECT_EQ(monitor.replay, "again upgrade.offer/plain");
  EXPECT_EQ(of(all, "upgrade.offer/plain").verdict, Verdict::pass);
}

TEST_F(SessionRun, FilterOfLevelAndBasisHoldsForTheMonitorToo) {
  script.breaches["upgrade.offer/plain"] = {{"NEG-01", "not announced"}};  // basis profile
  filter.bases = {"rfc", "seed"};
  for (const CaseResult& one : run().results) EXPECT_NE(one.id, "monitor/NEG-01");
}

TEST_F(SessionRun, NobodyThereIsSaidOnce) {
  const SessionOptions options{suite, filter, every(suite), {}, {}, [](const std::string&) { return ""; }};
  const PlayCases refused = [](const std::vector<const Case*>& cases, const OnEnd& on_end) {
    for (const Case* one : cases)
      on_end(*one, {made_result(*one, Verdict::error, "connection refused"), {}, {}, false});
  };
  const SessionResult all = run_session(options, refused, {[](std::size_t) {}, [](const CaseResult&) {}});
  EXPECT_EQ(all.unreachable, "connection refused");
  EXPECT_TRUE(all.results.empty());
}

TEST_F(SessionRun, StoppedRunTellsWhatRan) {
  const PlayCases player = script.player();
  const PlayCases stopped = [&](const std::vector<const Case*>& cases, const OnEnd& on_end) {
    if (script.played.size() < 4) player(cases, on_end);
  };
  const SessionOptions options{suite, filter, every(suite), {}, {}, [](const std::string&) { return ""; }};
  const SessionResult all = run_session(options, stopped, {[](std::size_t) {}, [](const CaseResult&) {}});
  for (const CaseResult& one : all.results)
    EXPECT_TRUE(one.verdict == Verdict::skip || one.subject == "control") << one.id;
}

TEST_F(SessionRun, DialectThatNobodyAnnouncedFailsByItsControl) {
  script.announced = {true, false, true};
  script.fails = {"upgrade.control/upgrade"};
  const SessionResult all = run({Dialect::upgrade});
  EXPECT_EQ(of(all, "upgrade.control/upgrade").verdict, Verdict::fail);
  EXPECT_EQ(of(all, "upgrade.offer/accept").verdict, Verdict::skip);
  EXPECT_EQ(of(all, "upgrade.negotiation/off").verdict, Verdict::pass);
  for (const CaseResult& one : all.results) EXPECT_EQ(one.dialect, "upgrade");
}

}  // namespace
}  // namespace upspec
