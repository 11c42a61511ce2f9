#include "script/convert.hpp"

#include <gtest/gtest.h>

#include "base/random.hpp"
#include "base/text.hpp"
#include "scenario/load_testing.hpp"
#include "script/mutate.hpp"
#include "script/oracles.hpp"
#include "script/reference_peers.hpp"

namespace upspec::script {
namespace {

const Suite& shipped() {
  static const auto suite = load_suite(UPSPEC_SOURCE_DIR "/cases");
  return suite.value();
}

// "" or why the loader does not take it.
std::string trouble_with(const std::string& text) {
  const auto loaded = load_cases(text, "found.xml", shipped_messages(), shipped_registry());
  if (!loaded) return cat(loaded.error().text, "\n", text);
  return loaded->size() == 1 ? "" : "not one case";
}

TEST(Convert, EveryCaseIsAScript) {
  for (const auto& one : shipped().cases) {
    const auto script = script_of(one, role_of(one));
    ASSERT_TRUE(script) << script.error().text;
    EXPECT_FALSE(script->steps.empty()) << one.id;
    const auto parsed = parse(print(*script));
    ASSERT_TRUE(parsed) << parsed.error().text;
    EXPECT_EQ(*parsed, *script) << one.id;
    EXPECT_EQ(decode(encode(*script)), *script) << one.id;
  }
}

TEST(Convert, EveryCaseOfAServerPlaysAgainstTheReference) {
  std::size_t accepted = 0;
  for (const auto& one : shipped().cases) {
    const auto script = script_of(one, role_of(one));
    if (script->role != Role::server) continue;
    ReferenceServerPeer peer({});
    const auto played = run_script(*script, peer);
    const auto findings = judge(*script, played);
    EXPECT_TRUE(findings.empty()) << one.id << ": " << findings[0].oracle << " " << findings[0].text << "\n"
                                  << print(*script);
    accepted += outcomes(played).find("accept") != std::string::npos;
  }
  EXPECT_GT(accepted, 50u);
}

TEST(Convert, AScriptIsACaseAgain) {
  // Every third: loading is what takes the time.
  for (std::size_t i = 0; i < shipped().cases.size(); i += 3) {
    const auto& one = shipped().cases[i];
    const auto script = script_of(one, role_of(one));
    if (script->role == Role::server) EXPECT_EQ(trouble_with(case_of(*script, {})), "") << one.id;
  }
}

TEST(Convert, AnyScriptOfAServerIsACase) {
  Random random(5);
  for (int i = 0; i < 60; ++i) {
    auto script = script_of(shipped().cases[random.below(shipped().cases.size())], Role::server).value();
    for (int more = 0; more < 5; ++more) mutate(script, random);
    EXPECT_EQ(trouble_with(case_of(script, {})), "");
    script = decode(random.octets(200));
    script.role = Role::server;
    EXPECT_EQ(trouble_with(case_of(script, {.about = "found by -- chance <x>"})), "");
  }
}

TEST(Convert, ACaseReadsAsItWasWritten) {
  const auto script = parse(
      "script server\nfront wait settings\nfront section 1\n    :method: GET\n    :upgrade: websocket; x<y\n"
      "front wait section 1\nfront websocket 1 text split=3 \"a b\\0\"\nfront frame RST_STREAM 1 0x0 00 00 00 08\n"
      "front half-close\n");
  ASSERT_TRUE(script) << script.error().text;
  EXPECT_EQ(case_of(*script, {.id = "one", .subject = "fuzz", .checks = "TUN-04"}),
            "<cases subject=\"fuzz\" role=\"server\">\n"
            "  <case id=\"one\" checks=\"TUN-04\" dialect=\"upgrade\" stands-on=\"\">\n"
            "    <send>\n"
            "    <headers>\n"
            "      &gt;:method: GET\n"
            "      &gt;:upgrade: websocket; x&lt;y\n"
            "    </headers>\n"
            "    </send>\n"
            "    <any-of><outcome>accept</outcome><outcome>refused</outcome></any-of>\n"
            "    <send split=\"3\">\n"
            "    <ws op=\"1\">a\\x20b\\x00</ws>\n"
            "    </send>\n"
            "    <send>\n"
            "    <frame type=\"0x03\" flags=\"0x00\" stream=\"1\">00 00 00 08</frame>\n"
            "    </send>\n"
            "    <cut how=\"fin\"/>\n"
            "  </case>\n"
            "</cases>\n");
}

}  // namespace
}  // namespace upspec::script
