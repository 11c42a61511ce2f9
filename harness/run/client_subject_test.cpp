// Clients that are programs, good ones and hostile ones: one clear verdict each, and nothing is left running.
#include "run/client_subject.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "base/text.hpp"
#include "endpoint/talking_client.hpp"
#include "net/talk.hpp"
#include "report/file.hpp"
#include "scenario/load_testing.hpp"

namespace upspec {
namespace {

namespace fs = std::filesystem;

std::vector<Case> client_cases(std::string_view steps, std::string_view needs = "websocket") {
  return load(cat("<case id=\"c\" checks=\"RES-05\" dialect=\"upgrade\" needs=\"", needs, "\">", steps, "</case>"),
              "subject=\"s\" role=\"client\"")
      .value();
}

constexpr std::string_view echo =
    "<expect><request/></expect><send><headers like=\"accept\"/></send>"
    "<expect><ws op=\"text\">${message}</ws></expect><send><ws op=\"text\">${message}</ws></send>"
    "<expect><ws op=\"close\"/></expect><send><ws op=\"close\" code=\"1000\"/><end/></send><expect><end/></expect>"
    "<client reports=\"success\"/>";

std::vector<Played> play_all(const RunOptions& options, const std::vector<Case>& cases) {
  const auto plan = plan_client_role(options);
  if (!plan) throw std::runtime_error(plan.error().text);
  const StopFlag never;
  const auto subject = ClientSubject::open(*plan, {}, never);
  if (!subject) throw std::runtime_error(subject.error().text);
  std::vector<const Case*> all;
  for (const auto& one : cases) all.push_back(&one);
  std::vector<Played> results;
  (*subject)->player(shipped_registry(), never)(all, [&](const Case&, Played one) {
    results.push_back(std::move(one));
    return true;
  });
  return results;
}

RunOptions with_command(std::string command, double timeout = 20) {
  RunOptions options;
  options.role = "client";
  options.client_command = std::move(command);
  options.timeout = timeout;
  return options;
}

CaseResult sent(std::string command, double timeout = 20) {
  const auto results = play_all(with_command(std::move(command), timeout), client_cases(echo));
  return results.at(0).result;
}

// A shell's script that has the port as $port.
std::string script(std::string_view what) {
  return cat("bash -c 'port=${1##*:}; port=${port%%/*}; ", what, "' client {url}");
}

// Is there a process whose command line holds this text?
bool runs(std::string_view text) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator("/proc", ignored)) {
    std::ifstream file(entry.path() / "cmdline");
    std::stringstream all;
    all << file.rdbuf();
    if (all.str().find(text) != std::string::npos) return true;
  }
  return false;
}

TEST(ClientSubject, TheReferencePassesOverCleartextAndTls) {
  for (const bool tls : {false, true}) {
    RunOptions options;
    options.role = "client";
    options.tls = tls;
    options.timeout = 20;
    const auto results = play_all(options, client_cases(echo));
    ASSERT_EQ(results.size(), 1u);
    EXPECT_EQ(results[0].result.verdict, Verdict::pass) << tls << ": " << results[0].result.message;
  }
}

TEST(ClientSubject, OneThatNeverConnectsIsWaitedForAndEnded) {
  const auto result = sent("sleep 98712.1", 0.3);
  EXPECT_EQ(result.verdict, Verdict::fail);
  EXPECT_EQ(result.outcome, "no connection in time");
  EXPECT_FALSE(runs("98712.1"));
}

TEST(ClientSubject, OneThatExitsWithNothingDoneIsNotWaitedFor) {
  const auto result = sent("true");
  EXPECT_EQ(result.verdict, Verdict::fail);
  EXPECT_EQ(result.outcome, "no connection in time");
  EXPECT_NE(result.message.find("exited with status 0"), std::string::npos) << result.message;
  EXPECT_LT(result.seconds, 10);
}

TEST(ClientSubject, OneThatConnectsAndSaysNothingIsEnded) {
  const auto result = sent(script("exec 3<>/dev/tcp/127.0.0.1/$port; sleep 98712.2"), 0.5);
  EXPECT_EQ(result.verdict, Verdict::fail);
  EXPECT_NE(result.message.find("nothing"), std::string::npos) << result.message;
  EXPECT_FALSE(runs("98712.2"));
}

TEST(ClientSubject, OneThatFloodsIsRefused) {
  const auto result = sent(script("exec 3<>/dev/tcp/127.0.0.1/$port; cat /dev/zero >&3; sleep 98712.3"));
  EXPECT_EQ(result.verdict, Verdict::fail);
  EXPECT_NE(result.message.find("does not speak HTTP/2"), std::string::npos) << result.message;
  EXPECT_FALSE(runs("98712.3"));
}

TEST(ClientSubject, OneThatIgnoresSignalsAndForksIsEndedWithItsChildren) {
  const auto result = sent(script("trap \"\" TERM; sleep 98712.4 & setsid sleep 98712.5 & sleep 98712.6"), 0.3);
  EXPECT_EQ(result.verdict, Verdict::fail);
  for (const auto* one : {"98712.4", "98712.5", "98712.6"}) EXPECT_FALSE(runs(one)) << one;
}

TEST(ClientSubject, OneThatLeavesAChildBehindIsNotWaitedFor) {
  const auto result = sent(script("sleep 98712.7 & exit 0"));
  EXPECT_EQ(result.verdict, Verdict::fail);
  EXPECT_LT(result.seconds, 10);
  EXPECT_FALSE(runs("98712.7"));
}

TEST(ClientSubject, OneThatCrashesIsAnErrorWithItsLastWords) {
  const auto result = sent(script("echo oops; kill -SEGV $$"));
  EXPECT_EQ(result.verdict, Verdict::error);
  EXPECT_NE(result.message.find("SIGSEGV"), std::string::npos) << result.message;
  EXPECT_NE(result.evidence.find("oops"), std::string::npos) << result.evidence;
}

TEST(ClientSubject, OneThatCannotBeStartedIsAnError) {
  const auto result = sent("no-such-client-program {url}");
  EXPECT_EQ(result.verdict, Verdict::error);
  EXPECT_NE(result.message.find("not found"), std::string::npos) << result.message;
}

TEST(ClientSubject, ABrowserThatEndsBeforeItHasOpenedThePageIsSaid) {
  RunOptions options;
  options.role = "client";
  const auto browser = parse_implementation(
      "<implementation name=\"x\" role=\"client\"><start><command>sh -c 'exit 3'</command></start>"
      "<connects cleartext=\"no\" tls=\"yes\"/></implementation>",
      "x.xml");
  ASSERT_TRUE(browser) << browser.error().text;
  const StopFlag never;
  const auto subject = ClientSubject::open(plan_client_role(options, *browser).value(), {}, never);
  ASSERT_FALSE(subject);
  EXPECT_NE(subject.error().text.find("exited with status 3"), std::string::npos) << subject.error().text;
}

TEST(ClientSubject, PlaceholdersAreFilledInEachWord) {
  const auto cases = client_cases("<alive/>");
  Situation situation;
  situation.authority = "127.0.0.1:81";
  situation.paths["websocket"] = "/echo";
  EXPECT_EQ(fill_command({"c", "--url={url}", "{dialect}", "{protocol}", "{message}{message}", "{ca}", "{x}"},
                         cases.front(), situation, "/tmp/ca.pem"),
            (std::vector<std::string>{"c", "--url=http://127.0.0.1:81/echo", "upgrade", "websocket", "hellohello",
                                      "/tmp/ca.pem", "{x}"}));
}

TEST(ClientSubject, OptionsOfOtherRolesAreRefused) {
  RunOptions options;
  options.role = "client";
  options.websocket = "/echo";
  EXPECT_FALSE(plan_client_role(options));
  options.websocket.reset();
  options.client_protocols = {"smtp"};
  EXPECT_FALSE(plan_client_role(options));
  options.client_protocols = {"none"};
  EXPECT_TRUE(plan_client_role(options));
  options.ca_out = "x.pem";
  EXPECT_FALSE(plan_client_role(options)) << "no TLS";
}

}  // namespace
}  // namespace upspec
