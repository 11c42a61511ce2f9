#include "run/cli.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace upspec {
namespace {

Call parsed(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "upspec");
  return parse_call(arguments);
}

// The one line that a wrong call gets.
std::string refusal(std::vector<std::string> arguments) {
  const Call call = parsed(std::move(arguments));
  const auto* answer = std::get_if<Answered>(&call);
  if (answer == nullptr) return "taken";
  EXPECT_EQ(answer->status, 2);
  EXPECT_EQ(answer->out, "");
  EXPECT_EQ(std::ranges::count(answer->err, '\n'), 1) << answer->err;
  return answer->err;
}

RunOptions run_options(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "run");
  const Call call = parsed(std::move(arguments));
  if (const auto* options = std::get_if<RunOptions>(&call)) return *options;
  ADD_FAILURE() << std::get<Answered>(call).err;
  return {};
}

TEST(CommandLine, HelpAndVersionEverywhere) {
  for (const std::vector<std::string>& where :
       {std::vector<std::string>{}, {"run"}, {"list"}, {"show"}, {"serve"}, {"connect"}, {"selftest"}})
    for (const char* option : {"--help", "--version"}) {
      auto arguments = where;
      arguments.emplace_back(option);
      const Call call = parsed(arguments);
      const auto* answer = std::get_if<Answered>(&call);
      ASSERT_NE(answer, nullptr);
      EXPECT_EQ(answer->status, 0);
      EXPECT_NE(answer->out, "");
      EXPECT_EQ(answer->err, "");
    }
}

TEST(CommandLine, RunWithoutOptionsIsTheReference) {
  const RunOptions options = run_options({});
  EXPECT_FALSE(options.target);
  EXPECT_EQ(options.jobs, 16U);
  EXPECT_EQ(options.timeout, 5);
  EXPECT_EQ(options.repeat, 1U);
  EXPECT_EQ(options.out, "reports/out");
  EXPECT_FALSE(options.websocket);
}

TEST(CommandLine, RunTakesWhatTheContractSays) {
  const RunOptions options = run_options({"--role",
                                          "server",
                                          "--target",
                                          "127.0.0.1:8443",
                                          "--tls",
                                          "--insecure",
                                          "--dialect",
                                          "upgrade",
                                          "--dialect",
                                          "connect",
                                          "--negotiation",
                                          "none",
                                          "--setting-id",
                                          "0xf102",
                                          "--websocket",
                                          "/ws",
                                          "--raw",
                                          "/raw",
                                          "--header",
                                          "X-Note: a, b",
                                          "--case",
                                          "a/*,b/*",
                                          "--case",
                                          "c/*",
                                          "--level",
                                          "MUST",
                                          "--basis",
                                          "seed,rfc",
                                          "--shard",
                                          "1/2",
                                          "--timeout",
                                          "0.25",
                                          "--jobs",
                                          "1",
                                          "-v",
                                          "--strict"});
  EXPECT_EQ(options.target, (Address{"127.0.0.1", 8443}));
  EXPECT_EQ(options.tls, true);
  EXPECT_EQ(options.dialects, (std::vector{Dialect::upgrade, Dialect::connect}));
  EXPECT_EQ(options.upgrade_needs_setting, false);
  EXPECT_EQ(options.setting_id, 0xf102);
  EXPECT_EQ(options.websocket, "/ws");
  EXPECT_EQ(options.fields, (h2::FieldSection{{"x-note", "a, b"}}));
  EXPECT_EQ(options.filter.cases, (std::vector<std::string>{"a/*", "b/*", "c/*"}));
  EXPECT_EQ(options.filter.bases, (std::vector<std::string>{"seed", "rfc"}));
  EXPECT_EQ(options.filter.shard, (Shard{1, 2}));
  EXPECT_EQ(options.timeout, 0.25);
  EXPECT_TRUE(options.verbose && options.strict);
}

TEST(CommandLine, UntilFailWithoutRepeatHasNoEnd) {
  EXPECT_EQ(run_options({"--until-fail"}).repeat, 0U);
  EXPECT_EQ(run_options({"--until-fail", "--repeat", "3"}).repeat, 3U);
}

TEST(CommandLine, WrongCallsGetOneLineThatSaysWhatWouldBeRight) {
  EXPECT_NE(refusal({}).find("run, list"), std::string::npos);
  EXPECT_NE(refusal({"tap"}).find("not there yet"), std::string::npos);
  EXPECT_NE(refusal({"dance"}).find("run, list"), std::string::npos);
  EXPECT_NE(refusal({"run", "--role", "proxy", "--way", "11"}).find("21, 12 or 22"), std::string::npos);
  EXPECT_NE(refusal({"run", "--way", "21"}).find("--role proxy"), std::string::npos);
  EXPECT_NE(refusal({"run", "--role", "proxy", "--origin", "127.0.0.1:0"}).find("--origin"), std::string::npos);
  EXPECT_NE(refusal({"run", "--role", "king"}).find("server, client and proxy"), std::string::npos);
  for (const std::vector<std::string>& wrong : {std::vector<std::string>{"run", "--listen", "x"},
                                                {"run", "extra"},
                                                {"run", "--target", "nowhere"},
                                                {"run", "--target", "h:0"},
                                                {"run", "--target", "h:99999"},
                                                {"run", "--tls", "--cleartext"},
                                                {"run", "--dialect", "klingon"},
                                                {"run", "--negotiation", "maybe"},
                                                {"run", "--setting-id", "0x12345"},
                                                {"run", "--setting-id", "ENABLE_PUSH"},
                                                {"run", "--websocket", "echo"},
                                                {"run", "--header", "novalue"},
                                                {"run", "--shard", "3/2"},
                                                {"run", "--jobs", "0"},
                                                {"run", "--jobs", "many"},
                                                {"run", "--timeout", "0"},
                                                {"run", "--timeout", "-1"},
                                                {"run", "--timeout", "nan"},
                                                {"run", "--repeat", "0"},
                                                {"show"},
                                                {"show", "a", "b"},
                                                {"serve", "--violate", "XX-99"},
                                                {"serve", "--cert", "a"},
                                                {"serve", "--cert", "a", "--key", "b"},
                                                {"connect"},
                                                {"connect", "http://a/", "--protocol", "gopher"}})
    EXPECT_NE(refusal(wrong), "taken") << wrong[0] << " " << wrong.back();
}

}  // namespace
}  // namespace upspec
