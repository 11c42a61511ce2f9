#include "run/supervisor.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "base/text.hpp"

namespace upspec {
namespace {

using namespace std::chrono_literals;

// A description of one process, a shell that runs this script.
Implementation shell(const std::string& script, const std::string& more = "<ready line=\"up\"/>",
                     const std::string& beside = "") {
  // Quoted for the loader's split as a shell would want it.
  const auto text = cat("<implementation name=\"x\" role=\"server\" packages=\"p q\">", beside,
                        "<start><command>sh -c '", script, "'</command>", more, "</start></implementation>");
  auto loaded = parse_implementation(text, "x.xml");
  if (!loaded) throw std::runtime_error(loaded.error().text);
  return *std::move(loaded);
}

std::string error_of(const Implementation& what, const SupervisorOptions& options = {}) {
  const auto started = Supervisor::start(what, options);
  if (started) return "started";
  EXPECT_EQ(started.error().text.find('\n'), std::string::npos) << started.error().text;
  return started.error().text;
}

// Death is told by the kernel a moment after the act.
std::optional<Death> soon(const Supervisor& supervisor) {
  for (int i = 0; i < 500; ++i) {
    if (auto death = supervisor.death()) return death;
    std::this_thread::sleep_for(5ms);
  }
  return std::nullopt;
}

TEST(Supervisor, StartsAnswersAndStops) {
  auto supervisor = Supervisor::start(shell("echo up ${port}; sleep 100"), {});
  ASSERT_TRUE(supervisor) << supervisor.error().text;
  const Reachable at = supervisor->target();
  EXPECT_EQ(at.host, "127.0.0.1");
  EXPECT_GT(at.port, 0);
  EXPECT_EQ(at.ca_file, "");
  EXPECT_EQ(supervisor->filled("${host}:${port}"), cat("127.0.0.1:", at.port));
  EXPECT_FALSE(supervisor->death());
  EXPECT_FALSE(supervisor->stop());
  EXPECT_FALSE(supervisor->death());
}

TEST(Supervisor, ThePortIsKeptOverARestartAndTheFolderGoesAtTheEnd) {
  std::string folder;
  {
    auto supervisor = Supervisor::start(shell("echo up; sleep 100"), {.tls = true});
    ASSERT_TRUE(supervisor);
    const Reachable before = supervisor->target();
    folder = supervisor->filled("${dir}");
    EXPECT_TRUE(std::filesystem::exists(before.ca_file));
    EXPECT_TRUE(std::filesystem::exists(folder + "/both.pem"));
    ASSERT_TRUE(supervisor->restart());
    EXPECT_EQ(supervisor->target().port, before.port);
    EXPECT_FALSE(supervisor->death());
  }
  EXPECT_FALSE(std::filesystem::exists(folder));
}

TEST(Supervisor, SaysWhatDiedAndHow) {
  auto supervisor = Supervisor::start(shell("echo up; sleep 0.1; echo oops; kill -ABRT $$"), {});
  ASSERT_TRUE(supervisor);
  const auto death = soon(*supervisor);
  ASSERT_TRUE(death);
  EXPECT_EQ(death->process, "server");
  EXPECT_EQ(death->how, "killed by SIGABRT (Aborted)");
  EXPECT_EQ(death->evidence, "server: killed by SIGABRT (Aborted)\n\nthe end of its output:\nup\noops\n");
  EXPECT_FALSE(death->alive);
  supervisor->stop();
  EXPECT_TRUE(supervisor->death());  // still told
}

TEST(Supervisor, ARestartForgetsTheDeath) {
  auto supervisor =
      Supervisor::start(shell("echo up; if mkdir ${dir}/once 2> /dev/null; then exit 9; fi; sleep 100"), {});
  // Ready and dead are seen in either order: one that died before it was ready is tried again.
  ASSERT_TRUE(supervisor) << supervisor.error().text;
  soon(*supervisor);
  ASSERT_TRUE(supervisor->restart());
  EXPECT_FALSE(supervisor->death());
}

TEST(Supervisor, ASanitizersReportCountsThoughTheProcessLives) {
  auto supervisor =
      Supervisor::start(shell("echo up; sleep 0.05; echo a.c:1:2: runtime error: shift >&amp;2; sleep 100"), {});
  ASSERT_TRUE(supervisor);
  const auto death = soon(*supervisor);
  ASSERT_TRUE(death);
  EXPECT_EQ(death->how, "UndefinedBehaviorSanitizer: a.c:1:2: runtime error: shift");
  EXPECT_TRUE(death->alive);
}

TEST(Supervisor, WhatASanitizerSaysAtTheEndIsTheStopsResult) {
  auto supervisor = Supervisor::start(shell("trap \"echo ==1==ERROR: LeakSanitizer: detected memory leaks; exit 1\" "
                                            "TERM; echo up; while :; do sleep 0.01; done"),
                                      {});
  ASSERT_TRUE(supervisor);
  EXPECT_FALSE(supervisor->death());
  const auto leak = supervisor->stop();
  ASSERT_TRUE(leak);
  EXPECT_EQ(leak->how, "LeakSanitizer: detected memory leaks");
  EXPECT_FALSE(supervisor->death());
}

TEST(Supervisor, ALogOfItsOwnBelongsToItsLastOutput) {
  auto supervisor =
      Supervisor::start(shell("echo up; echo ==1==ERROR: AddressSanitizer: SEGV > ${dir}/own.log; sleep 0.05; exit 1",
                              "<ready line=\"up\"/><log>${dir}/own.log</log>"),
                        {});
  ASSERT_TRUE(supervisor);
  const auto death = soon(*supervisor);
  ASSERT_TRUE(death);
  EXPECT_EQ(death->how, "AddressSanitizer: SEGV");
  EXPECT_NE(death->evidence.find("the end of ${dir}/own.log:\n==1==ERROR"), std::string::npos) << death->evidence;
}

TEST(Supervisor, OutputGoesToALogOfEachRun) {
  const auto logs = (std::filesystem::path(testing::TempDir()) / cat("upspec_supervisor_test.", getpid())).string();
  for (int run = 0; run < 2; ++run) {
    auto supervisor = Supervisor::start(shell("echo up; sleep 100"), {.logs = logs});
    ASSERT_TRUE(supervisor);
    ASSERT_TRUE(supervisor->restart());
    supervisor->stop();
    std::ostringstream all;
    all << std::ifstream(logs + "/server.log").rdbuf();
    EXPECT_EQ(all.str(), "up\nup\n");  // both starts of this run, none of the last
  }
  std::filesystem::remove_all(logs);
}

TEST(Supervisor, NotReadyIsOneLineWithTheEndOfTheOutput) {
  EXPECT_EQ(
      error_of(shell("echo a; echo b; exit 3")),
      "x.xml:1: <start> of \"server\": exited with status 3 before it had written \"up\"; its last output: a | b");
  EXPECT_EQ(error_of(shell("sleep 100", "<ready line=\"up\" within=\"1\"/>")),
            "x.xml:1: <start> of \"server\": not ready within 1 s: waited until it had written \"up\"; it has written "
            "nothing");
  EXPECT_EQ(
      error_of(shell("exit 0", "", "<listen port=\"9\"/>")),
      "x.xml:1: <start> of \"server\": exited with status 0 before port 127.0.0.1:9 accepted; it has written nothing");
}

TEST(Supervisor, AMissingProgramNamesItsPackages) {
  Implementation what = shell("true");
  what.starts[0].command = {"upspec-no-such-server"};
  EXPECT_EQ(error_of(what),
            "x.xml:1: upspec-no-such-server: not found in PATH; is it installed? (Debian: apt-get install p q)");
}

TEST(Supervisor, WaitingCanBeInterrupted) {
  std::stop_source stop;
  std::jthread later([&] {
    std::this_thread::sleep_for(50ms);
    stop.request_stop();
  });
  EXPECT_EQ(error_of(shell("sleep 100"), {.stop = stop.get_token()}),
            "x.xml:1: <start> of \"server\": interrupted before it had written \"up\"");
}

TEST(Supervisor, ProcessesStartInOrderEachWhenTheOneBeforeIsReady) {
  const auto loaded = parse_implementation(R"(<implementation name="x" role="server">
    <start id="first"><command>sh -c 'sleep 0.1; touch ${dir}/there; echo up ${first.port}; sleep 100'</command><ready line="up"/></start>
    <start><command>sh -c 'ls ${dir}/there; cat ${dir}/f; echo up; sleep 100'</command>
      <file name="f">port ${first.port}</file><ready line="up"/></start>
    </implementation>)",
                                           "x.xml");
  ASSERT_TRUE(loaded) << loaded.error().text;
  auto supervisor = Supervisor::start(*loaded, {});
  ASSERT_TRUE(supervisor) << supervisor.error().text;
  EXPECT_NE(supervisor->filled("${port}"), supervisor->filled("${first.port}"));
}

TEST(Supervisor, WhatRunsAlreadyIsNotStarted) {
  const auto loaded = parse_implementation(
      "<implementation name=\"x\" role=\"server\"><listen host=\"h\" port=\"80\" tls=\"yes\"/></implementation>",
      "x.xml");
  ASSERT_TRUE(loaded);
  auto supervisor = Supervisor::start(*loaded, {.tls = true});
  ASSERT_TRUE(supervisor);
  EXPECT_EQ(supervisor->target().host, "h");
  EXPECT_EQ(supervisor->target().port, 80);
  EXPECT_EQ(supervisor->target().ca_file, "");
  EXPECT_FALSE(supervisor->death());
  EXPECT_EQ(supervisor->restart().error().text, "x.xml: has no <start>: cannot be started again");
}

TEST(Supervisor, VersionIsTheFirstLine) {
  Implementation what = shell("true");
  EXPECT_EQ(Supervisor::version(what), "");
  what.version_command = {"printf", "x 1.2\\nmore\\n"};
  EXPECT_EQ(Supervisor::version(what), "x 1.2");
}

// A real one of the project, where Python is there to run it.
TEST(Supervisor, WaitsForAPort) {
  if (access("/usr/bin/python3", X_OK) != 0) GTEST_SKIP() << "no python3";
  const auto loaded =
      parse_implementation(cat("<implementation name=\"x\" role=\"server\"><start><command>python3 ",
                               std::filesystem::absolute(UPSPEC_SOURCE_DIR).string(),
                               "/cases/targets/origin/server.py ${port}</command></start></implementation>"),
                           "x.xml");
  ASSERT_TRUE(loaded) << loaded.error().text;
  auto supervisor = Supervisor::start(*loaded, {});
  ASSERT_TRUE(supervisor) << supervisor.error().text;
  ASSERT_TRUE(supervisor->restart());
  EXPECT_FALSE(supervisor->death());
}

}  // namespace
}  // namespace upspec
