#include "run/replay.hpp"

#include <gtest/gtest.h>

namespace upspec {
namespace {

TEST(Replay, QuotesOnlyWhatAShellWouldTouch) {
  EXPECT_EQ(shell_quoted("connect.channel/half-close"), "connect.channel/half-close");
  EXPECT_EQ(shell_quoted("a b"), "'a b'");
  EXPECT_EQ(shell_quoted("it's"), "'it'\\''s'");
  EXPECT_EQ(shell_quoted(""), "''");
  EXPECT_EQ(shell_quoted("a;b$c*"), "'a;b$c*'");
}

TEST(Replay, NamesTheCaseAloneForTheReference) {
  RunOptions options;
  options.command_line = {"build/release/upspec", "run", "--jobs", "2"};
  options.role = "server";
  EXPECT_EQ(replay_line(options, "offer/plain"), "build/release/upspec run --role server --case offer/plain -v");
}

TEST(Replay, KeepsWhatSaysWhatIsTested) {
  RunOptions options;
  options.target = Address{"::1", 8443};
  options.tls = true;
  options.ca = "my ca.pem";
  options.dialects = {Dialect::connect};
  options.upgrade_needs_setting = false;
  options.setting_id = 0xf102;
  options.raw = "/raw";
  options.fields = {{"x-note", "it's me"}};
  options.timeout = 0.5;
  options.jobs = 3;
  options.out = "elsewhere";
  options.filter.cases = {"*"};
  EXPECT_EQ(replay_line(options, "c"),
            "upspec run --target '[::1]:8443' --tls --ca 'my ca.pem' --dialect connect --negotiation none "
            "--setting-id 61698 --raw /raw --header 'x-note: it'\\''s me' --timeout 0.5 --case c -v");
}

TEST(Replay, APathThatIsNotOfferedStaysSo) {
  RunOptions options;
  options.websocket = "";
  EXPECT_EQ(replay_line(options, "c"), "upspec run --websocket '' --case c -v");
}

}  // namespace
}  // namespace upspec
