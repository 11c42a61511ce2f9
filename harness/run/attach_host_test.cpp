// Attach mode without a socket: what comes over which connection, and what is answered.
#include "run/attach_host.hpp"

#include <gtest/gtest.h>

#include "base/text.hpp"
#include "peer/client_words_testing.hpp"
#include "scenario/load_testing.hpp"

namespace upspec {
namespace {

using Wish = Performer::Wish;

struct Attached {
  std::vector<Case> cases =
      load(
          "<case id=\"a\" checks=\"RES-05\" dialect=\"upgrade\"><expect><request/></expect></case>"
          "<case id=\"b\" checks=\"RES-05\" dialect=\"upgrade\"><expect><request/></expect></case>",
          "subject=\"s\" role=\"client\"")
          .value();
  Door door = Door::open({"127.0.0.1", 0}, {}).value();
  std::vector<std::string> ended;
  AttachHost host;
  Moment now = 0;

  Attached()
      : host(door, {&cases[0], &cases[1]}, situation(), shipped_registry(),
             [this](const Case& one, const Played& played) {
               ended.push_back(cat(one.id, " ", name_of(played.result.verdict)));
               return true;
             }) {}
  static Situation situation() {
    Situation made;
    made.authority = "127.0.0.1:81";
    made.paths = {{"websocket", "/echo"}};
    return made;
  }
  std::size_t comes() { return host.accepted(++now).value(); }
  std::string hears(std::size_t link) {
    std::string all;
    while (const auto out = host.take_output(link)) all += as_text(*out);
    return all;
  }
  // A connection of its own, HTTP/1.1: the answer's text.
  std::string get(std::string_view path) {
    const auto link = comes();
    host.receive(link, as_octets(cat("GET ", path, " HTTP/1.1\r\nhost: a\r\n\r\n")), ++now);
    const auto all = hears(link);
    EXPECT_EQ(host.wish(link), Wish::shut);
    return all.substr(all.find("\r\n\r\n") + 4);
  }
};

TEST(AttachHost, ListsArmsPlaysAndTells) {
  Attached one;
  EXPECT_EQ(
      one.get("/cases"),
      "s/a upgrade websocket http://127.0.0.1:81/echo hello\ns/b upgrade websocket http://127.0.0.1:81/echo hello\n");
  EXPECT_EQ(one.get("/verdict/s/a"), "none yet\n");
  EXPECT_TRUE(one.get("/arm/s/a").starts_with("armed: s/a\n"));
  const auto link = one.comes();
  one.host.receive(link, ClientWords().say("hello offer"), ++one.now);
  EXPECT_EQ(one.host.wish(link), Wish::shut) << "the case is over";
  EXPECT_EQ(one.get("/verdict/s/a"), "pass\n");
  EXPECT_EQ(one.get("/arm/s/a"), "it has been played\n");
  EXPECT_FALSE(one.host.done());
  one.get("/arm/s/b");
  one.host.receive(one.comes(), ClientWords().say("hello offer"), ++one.now);
  EXPECT_TRUE(one.host.done());
  EXPECT_EQ(one.ended, (std::vector<std::string>{"s/a pass", "s/b pass"}));
}

TEST(AttachHost, TheDeskSpeaksHttp2OnAConnectionFromBeforeTheArming) {
  Attached one;
  const auto desk = one.comes();
  ClientWords client;
  one.host.receive(desk, client.say("hello"), ++one.now);
  const h2::FieldSection arm = {{":method", "GET"}, {":scheme", "http"}, {":authority", "a"}, {":path", "/arm/s/a"}};
  one.host.receive(desk, client.section(arm, true), ++one.now);
  EXPECT_NE(one.hears(desk).find("armed: s/a\n"), std::string::npos);
  one.host.receive(one.comes(), ClientWords().say("hello offer"), ++one.now);
  EXPECT_EQ(one.ended, std::vector<std::string>{"s/a pass"});
  const h2::FieldSection ask = {
      {":method", "GET"}, {":scheme", "http"}, {":authority", "a"}, {":path", "/verdict/s/a"}};
  one.host.receive(desk, client.section(ask, true, 3), ++one.now);
  EXPECT_NE(one.hears(desk).find("pass\n"), std::string::npos);
}

TEST(AttachHost, WhatIsNotThereIsSaid) {
  Attached one;
  EXPECT_EQ(one.get("/arm/s/c"), "no such case\n");
  EXPECT_EQ(one.get("/verdict/s/c"), "no such case\n");
  EXPECT_NE(one.get("/").find("/cases"), std::string::npos);
  one.get("/arm/s/a");
  EXPECT_NE(one.get("/arm/s/b").find("no verdict yet"), std::string::npos);
  EXPECT_EQ(one.get("/client/curl"), "welcome\n");
  EXPECT_EQ(one.host.client_name(), "curl");
}

TEST(AttachHost, NobodyWhoComesEndsTheRunOnceACaseIsArmed) {
  Attached one;
  one.host.deadline(++one.now);
  EXPECT_FALSE(one.host.done()) << "nothing is awaited";
  one.get("/arm/s/a");
  one.host.deadline(++one.now);
  EXPECT_TRUE(one.host.done());
  EXPECT_EQ(one.ended, std::vector<std::string>{"s/a fail"});
}

TEST(AttachHost, GarbageAndHalvesEndNothing) {
  Attached one;
  const auto half = one.comes();
  one.host.receive(half, as_octets("PR"), ++one.now);
  one.host.closed(half, Closing::reset, ++one.now);
  const auto garbage = one.comes();
  one.host.receive(garbage, as_octets(std::string(100'000, 'x')), ++one.now);
  EXPECT_EQ(one.host.wish(garbage), Wish::shut);
  const auto preface = one.comes();
  one.host.receive(preface, as_octets("PRI * HTTP/2.0\r\n\r\nSM\r\n\rx"), ++one.now);
  EXPECT_EQ(one.host.wish(preface), Wish::shut);
  EXPECT_FALSE(one.host.done());
}

}  // namespace
}  // namespace upspec
