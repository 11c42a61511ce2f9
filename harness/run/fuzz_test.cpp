#include <gtest/gtest.h>

#include "run/diff.hpp"
#include "run/fuzz_confirm.hpp"
#include "run/fuzz_leaks.hpp"

namespace upspec {
namespace {

script::Script frames(const std::string& types) {
  script::Script all;
  for (const char type : types)
    all.steps.push_back({{}, 3, script::FrameStep{{static_cast<std::uint8_t>(type), 0, 1, {}}}});
  return all;
}

std::string types_of(const script::Script& all) {
  std::string types;
  for (const auto& step : all.steps) types += static_cast<char>(std::get<script::FrameStep>(step.what).frame.type);
  return types;
}

Finding breach(const std::string& types) {
  Finding finding;
  finding.requirement = "TUN-01";
  finding.script = frames(types);
  return finding;
}

// Breaks when what it was told holds these letters in this order.
Again breaks_on(const std::string& letters) {
  return [letters](const std::vector<script::Script>& scripts, const std::string& key) -> std::optional<Finding> {
    std::string all;
    for (const auto& one : scripts) all += types_of(one);
    std::size_t at = 0;
    for (const char c : all)
      if (at < letters.size() && c == letters[at]) ++at;
    if (at < letters.size() || key != "breach/TUN-01") return std::nullopt;
    return breach("");
  };
}

TEST(FuzzConfirm, OnlyTheStepsThatMatterAreLeft) {
  const auto finding = confirmed(breach("xxAxxxBxCxxxx"), {}, breaks_on("ABC"), {});
  EXPECT_TRUE(finding.confirmed);
  EXPECT_EQ(types_of(finding.script), "ABC");
  for (const auto& step : finding.script.steps) EXPECT_EQ(step.split, 0);
}

TEST(FuzzLeaks, SuspectsAreThoseBehindWhichMostWasHeld) {
  const auto held = [](std::size_t descriptors, std::size_t threads, std::size_t resident) {
    return Holdings{.descriptors = descriptors, .threads = threads, .resident = resident};
  };
  const std::vector<Holdings> after = {held(10, 2, 100), held(10, 2, 900),  held(13, 2, 900),
                                       held(13, 5, 900), held(13, 5, 1000), held(10, 2, 500)};
  EXPECT_EQ(by_rise(after, 4), (std::vector<std::size_t>{2, 3, 1, 4}));
  EXPECT_EQ(by_rise({held(1, 1, 1)}, 4), std::vector<std::size_t>{0});
  EXPECT_TRUE(by_rise({}, 4).empty());
}

TEST(FuzzConfirm, WhatNeedsHistoryKeepsTheScriptsBeforeIt) {
  const auto finding = confirmed(breach("xB"), {frames("x"), frames("yAy"), frames("z")}, breaks_on("AB"), {});
  EXPECT_TRUE(finding.confirmed);
  ASSERT_EQ(finding.before.size(), 1u);
  EXPECT_EQ(types_of(finding.before[0]), "A");
  EXPECT_EQ(types_of(finding.script), "B");
}

TEST(FuzzConfirm, WhatDoesNotComeAgainIsLeftAsItWas) {
  const auto finding = confirmed(breach("xB"), {frames("x")}, breaks_on("Q"), {});
  EXPECT_FALSE(finding.confirmed);
  EXPECT_EQ(types_of(finding.script), "xB");
}

TEST(FuzzFinding, APlaceIsTheErrorAndTheProgramsOwnFunctions) {
  const std::string report =
      "==1==ERROR: AddressSanitizer: heap-use-after-free on address 0x1\n"
      "    #0 0x55d0 in __asan_memcpy (/bin/server+0x1)\n"
      "    #1 0x55d1 in Stream::read(char*, int) /src/stream.cc:12:3\n"
      "    #2 0x55d2 in main /src/main.cc:5\n\n"
      "freed by thread T0 here:\n    #0 0x55d3 in other /src/o.cc:1\n";
  EXPECT_EQ(place_of("AddressSanitizer: heap-use-after-free on address 0x1", report),
            "heap-use-after-free.Stream::read.main");
  EXPECT_EQ(place_of("killed by SIGSEGV (Segmentation fault)", ""), "SIGSEGV");
}

// One stream that asked for an echo, and what came of it.
Driven driven(const h2::FieldSection& request, const h2::FieldSection& answer) {
  script::StreamSeen stream;
  stream.ours.sections = {request};
  if (!answer.empty()) stream.theirs.sections = {answer};
  if (answer.empty()) stream.theirs.reset = 1;
  stream.accepted = !answer.empty() && answer.front().value == "200";
  Driven one;
  one.played.links.emplace_back();
  one.played.links.front().streams[1] = stream;
  return one;
}
const h2::FieldSection echo = {{":method", "CONNECT"},
                               {":protocol", "upspec-echo"},
                               {":scheme", "http"},
                               {":authority", "upspec.test"},
                               {":path", "/upspec-raw"}};

TEST(Diff, ADifferenceIsNamedByWhatIsOddAboutItsRequest) {
  const auto accept = driven(echo, {{":status", "200"}});
  EXPECT_FALSE(difference_of({accept, accept}));
  const auto right = difference_of({accept, driven(echo, {{":status", "404"}})});
  ASSERT_TRUE(right);
  EXPECT_EQ(right->cause, "right upspec-echo");
  auto odd = echo;
  odd.push_back({"connection", "x"});
  const auto wrong = difference_of({driven(odd, {}), driven(odd, {{":status", "400"}})});
  ASSERT_TRUE(wrong);
  EXPECT_EQ(wrong->cause, "XC-09");
  EXPECT_EQ(wrong->outcomes, (std::vector{script::Outcome::reset, script::Outcome::decline}));
}

TEST(Diff, EqualDifferencesAreOneRowAndKnownOnesAreMarked) {
  DiffTable table({"reference", "other"});
  const auto difference = difference_of({driven(echo, {{":status", "200"}}), driven(echo, {})}).value();
  table.add(difference, frames("abc"), "connect.channel/echo");
  table.add(difference, frames("a"), "random");
  const auto groups = table.groups();
  ASSERT_EQ(groups.size(), 1u);
  EXPECT_EQ(groups[0].scripts, 2u);
  EXPECT_EQ(types_of(groups[0].example), "a");
  EXPECT_EQ(difference_id(groups[0], 1), "diff/right-upspec-echo/reset-not-accept");
  EXPECT_EQ(interop_table(table, {{}, {{"diff/right-upspec-echo/reset-not-accept", {}}}}),
            "| cause | reference | other | scripts | first seen in |\n| --- | --- | --- | ---: | --- |\n"
            "| right upspec-echo | accept | **reset** (known) | 2 | connect.channel/echo |\n");
}

TEST(Diff, AScriptIsSaidWhereTheServerOffersItsEchoes) {
  script::Script script;
  script.steps.push_back({{}, 0, script::SectionStep{1, echo, false, {}, 0}});
  script::Ground from, to;
  from.authority = "upspec.test";
  from.paths = {"/upspec-websocket", "/upspec-raw"};
  to.paths = {"/ws", "/echo"};
  to.fields = {{"cookie", "a=b"}};
  const auto local = localised(script, from, to);
  const auto& fields = std::get<script::SectionStep>(local.steps[0].what).fields;
  EXPECT_EQ(*h2::find(fields, ":path"), "/echo");
  EXPECT_EQ(*h2::find(fields, ":authority"), "localhost");
  EXPECT_EQ(*h2::find(fields, "cookie"), "a=b");
}

}  // namespace
}  // namespace upspec
