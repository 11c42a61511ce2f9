#include "scenario/sending.hpp"

#include <gtest/gtest.h>

#include "scenario/exchange_testing.hpp"
#include "scenario/load_testing.hpp"

namespace upspec {
namespace {

using h2::FieldSection;

const Scope scope{
    {"scheme", "http"}, {"authority", "a"}, {"path.websocket", "/ws"}, {"key", "k"}, {"path.raw", "/raw"}};

Send send_of(std::string_view xml) {
  const auto cases = load_steps(cat("<send>", xml, "</send>"));
  if (!cases) throw std::invalid_argument(cases.error().text);
  return std::get<Send>(cases->at(0).steps.at(0).what);
}

FieldSection section(std::string_view lines, std::string_view like = "raw-offer") {
  const auto send = send_of(cat("<headers like=\"", like, "\">\n", lines, "\n</headers>"));
  return section_of(std::get<SendHeaders>(send.parts.at(0)).like, std::get<SendHeaders>(send.parts.at(0)).lines, scope)
      .value();
}

TEST(Section, ACaseShowsItsOneDifference) {
  const FieldSection like = {
      {":method", "POST"}, {":scheme", "http"}, {":authority", "a"}, {":path", "/raw"}, {":upgrade", "upspec-echo"}};
  const auto changed = [&](auto change) {
    auto copy = like;
    change(copy);
    return copy;
  };
  EXPECT_EQ(section(""), like);
  EXPECT_EQ(section(":method: GET"), changed([](auto& s) { s[0].value = "GET"; })) << "set in its place";
  EXPECT_EQ(section("x: 1"), changed([](auto& s) { s.push_back({"x", "1"}); })) << "set where there is none: added";
  EXPECT_EQ(section(":new: 1\nx: 1"), changed([](auto& s) { s.push_back({":new", "1"}), s.push_back({"x", "1"}); }));
  EXPECT_EQ(section("x: 1\n:new: 1"), changed([](auto& s) { s.push_back({":new", "1"}), s.push_back({"x", "1"}); }))
      << "before the fields";
  EXPECT_EQ(section("+:upgrade: h2c"), changed([](auto& s) { s.push_back({":upgrade", "h2c"}); })) << "a second one";
  EXPECT_EQ(section("-:path"), changed([](auto& s) { s.erase(s.begin() + 3); })) << "removed";
  EXPECT_EQ(section("x: 1\n-:upgrade\n>:upgrade: late"),
            changed([](auto& s) { s.back() = {"x", "1"}, s.push_back({":upgrade", "late"}); }))
      << "last";
  EXPECT_EQ(section("x: 1\n+x: 2\n-x"), like) << "every one of that name";
  EXPECT_EQ(section("x:"), changed([](auto& s) { s.push_back({"x", ""}); }));
  EXPECT_EQ(section("x\\n: a\\0b"), changed([](auto& s) { s.push_back({"x\n", std::string("a\0b", 3)}); }));
  EXPECT_EQ(section("x: ${key}:${authority}"), changed([](auto& s) { s.push_back({"x", "k:a"}); }));
}

TEST(Form, WordsAreReadAndOthersRefused) {
  const auto form = parse_form("never plain literal-name").value();
  EXPECT_EQ(form.indexing, h2::Indexing::never);
  EXPECT_FALSE(form.huffman);
  EXPECT_FALSE(form.indexed_name);
  EXPECT_EQ(parse_form("").value().indexing, h2::Indexing::automatic);
  EXPECT_FALSE(parse_form("loud"));
  EXPECT_EQ(parse_cut("10 1").value(), (std::vector<std::size_t>{10, 1}));
  EXPECT_EQ(parse_cut("").value(), std::nullopt);
  EXPECT_FALSE(parse_cut("1,2"));
  EXPECT_FALSE(parse_cut("99999999"));
}

TEST(Settings, TheRunsIdStandsForTheExperiment) {
  const auto send = send_of("<settings>ENABLE_UPGRADE=1\n0x42=7</settings>");
  const auto& lines = std::get<SendSettings>(send.parts.at(0)).list;
  EXPECT_EQ(settings_of(lines, scope, 0xf1ff).value(), (std::vector<h2::Setting>{{0xf1ff, 1}, {0x42, 7}}));
  const auto wrong = send_of("<settings>0x42=4294967296</settings>");
  EXPECT_FALSE(settings_of(std::get<SendSettings>(wrong.parts.at(0)).list, scope, 0xf101));
}

// An actor that sends what a case says, and what it writes.
struct Sender : Asked1 {
  std::optional<Sending> sending;
  std::vector<h2::Field> added;
  Random random{1};

  Sender() {
    actor.flush();
    take();
  }
  std::vector<Octets> take() {
    std::vector<Octets> writes;
    while (auto write = actor.take_output()) writes.push_back(std::move(*write));
    return writes;
  }
  // What goes at once, one line a frame; "..." when not all of it may.
  std::string sends(std::string_view xml) {
    sending = Sending::make(send_of(xml), scope, added, h2::setting::enable_upgrade, random).value();
    return goes();
  }
  std::string goes() {
    const bool all = sending->go(actor, 1);
    h2::FrameReader reader;
    for (const auto& write : take()) reader.feed(write);
    std::string text;
    while (const auto frame = reader.next()) text += cat(text.empty() ? "" : "\n", h2::describe(*frame));
    return cat(text, all ? "" : "...");
  }
};

TEST(Sending, PartsBecomeFrames) {
  Sender sender;
  EXPECT_EQ(sender.sends("<data>a</data><octets>bc</octets><end/>"),
            "DATA stream=1 1 octets \"a\"\nDATA stream=1 2 octets \"bc\"\nDATA stream=1 END_STREAM 0 octets");
  EXPECT_EQ(sender.sends("<data padding=\"3\" end=\"yes\" stream=\"5\">a</data>"),
            "DATA stream=5 END_STREAM|PADDED 1 octets \"a\" (5 with padding)");
  EXPECT_EQ(sender.sends("<rst code=\"CANCEL\" stream=\"3\"/><window by=\"0\"/>"),
            "RST_STREAM stream=3 CANCEL\nWINDOW_UPDATE stream=1 +0");
  EXPECT_EQ(sender.sends("<frame type=\"PING\" flags=\"ACK\" stream=\"0\">00 01</frame>").substr(0, 8), "PING ACK");
  EXPECT_EQ(sender.sends("<raw>00 00 00 04 01 00 00 00 00</raw>"), "SETTINGS ACK");
  EXPECT_EQ(sender.sends("<settings>ENABLE_UPGRADE=1</settings>"), "SETTINGS ENABLE_UPGRADE=1");
  EXPECT_EQ(sender.sends("<headers like=\"get\" stream=\"7\" cut=\"1 1\"/>").substr(0, 27),
            "HEADERS stream=7 1 octets\nC");
}

TEST(Sending, WebSocketFramesAreMaskedUnlessTheCaseSaysOtherwise) {
  Sender sender;
  EXPECT_EQ(sender.sends("<ws op=\"text\" mask=\"no\">hi</ws>"), "DATA stream=1 4 octets \"\\x81\\x02hi\"");
  EXPECT_EQ(sender.sends("<ws op=\"close\" code=\"1000\" mask=\"no\" fin=\"no\" rsv=\"4\"/>"),
            "DATA stream=1 4 octets \"H\\x02\\x03\\xe8\"");
  EXPECT_NE(sender.sends("<ws op=\"text\">hi</ws>").find("8 octets \"\\x81\\x82"), std::string::npos);
}

TEST(Sending, DataWaitsForWindowsAndGoesOn) {
  Sender sender;
  sender.hears("window:1");
  sender.actor.receive(h2::serialise(h2::settings({{h2::setting::initial_window_size, 2}})), 1);
  sender.take();
  EXPECT_EQ(sender.sends("<octets>hello</octets><end/>"), "DATA stream=1 3 octets \"hel\"...");
  EXPECT_EQ(sender.sending->awaited(), "WINDOW_UPDATE, to send DATA on stream 1");
  sender.hears("window:2");
  EXPECT_EQ(sender.goes(), "DATA stream=1 2 octets \"lo\"\nDATA stream=1 END_STREAM 0 octets");
  EXPECT_EQ(sender.sending->awaited(), "nothing");
  sender.hears("window:1");
  EXPECT_EQ(sender.sends("<data>xy</data>"), "...") << "one frame as it is, or none";
  sender.hears("window:1");
  EXPECT_EQ(sender.goes(), "DATA stream=1 2 octets \"xy\"");
}

TEST(Sending, APeerThatIsDoneGetsNoMore) {
  Sender reset;
  reset.hears("rst:CANCEL");
  EXPECT_EQ(reset.sends("<octets>x</octets><data>y</data><end/><rst code=\"CANCEL\"/>"), "RST_STREAM stream=1 CANCEL");
  Sender closed;
  closed.hears("fin");
  EXPECT_EQ(closed.sends("<octets>x</octets><rst code=\"CANCEL\"/>"), "");
}

TEST(Sending, ADeclineNeedNotGiveWindowsBack) {
  const auto large = cat("<octets>", std::string(70000, 'x'), "</octets>");
  Sender accepted;
  accepted.hears_section({{":status", "103"}});
  accepted.hears_section({{":status", "101"}, {":upgrade", "websocket"}});
  EXPECT_TRUE(accepted.sends(large).ends_with("..."));
  Sender declined;
  declined.hears_section({{":status", "413"}}, true);
  EXPECT_FALSE(declined.sends(large).ends_with("..."));
}

TEST(Sending, WhatTheRunAddsStandsInEveryRequestOnce) {
  Sender sender;
  sender.added = {{"x-run", "1"}};
  sender.sends("<headers like=\"post\" stream=\"3\"/>");
  EXPECT_EQ(h2::count(sender.actor.stream(3)->request, "x-run"), 1u);
  const auto text = sender.actor.transcript().back().text;
  EXPECT_NE(text.find("x-run: 1"), std::string::npos) << text;
  sender.sends("<headers stream=\"3\" end=\"yes\">x: 1</headers>");
  EXPECT_EQ(sender.actor.transcript().back().text.find("x-run"), std::string::npos)
      << "a trailer section is no request";
}

TEST(Sending, ASplitIsOneWriteAPiece) {
  Sender sender;
  auto send = send_of("<raw>01 02 03</raw>");
  send.split = 1;
  sender.sending = Sending::make(send, scope, {}, h2::setting::enable_upgrade, sender.random).value();
  EXPECT_TRUE(sender.sending->go(sender.actor, 1));
  EXPECT_EQ(sender.take(), (std::vector<Octets>{{1}, {2}, {3}}));
}

}  // namespace
}  // namespace upspec
