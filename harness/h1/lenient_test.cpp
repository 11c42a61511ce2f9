#include "h1/lenient.hpp"

#include <gtest/gtest.h>

#include "base/text.hpp"

namespace upspec::h1 {
namespace {

using namespace std::string_literals;
using Requests = std::vector<std::string>;

TEST(Lenient, BothReadingsAgreeOnWhatIsRight) {
  struct Row {
    std::string octets;
    Reading seen;
  };
  for (const auto& [octets, seen] :
       std::vector<Row>{{"", {{}, true}},
                        {"GET /a HTTP/1.1\r\nHost: x\r\n\r\n", {{"GET /a"}, true}},
                        {"GET /a HTTP/1.1\r\n\r\nHEAD /b HTTP/1.1\r\n\r\n", {{"GET /a", "HEAD /b"}, true}},
                        {"POST /a HTTP/1.1\r\nContent-Length: 19\r\n\r\nGET /b HTTP/1.1\r\n\r\nGET /c HTTP/1.1\r\n\r\n",
                         {{"POST /a", "GET /c"}, true}},
                        {"POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n13\r\nGET /b "
                         "HTTP/1.1\r\n\r\n\r\n0\r\nx: y\r\n\r\nGET /c HTTP/1.1\r\n\r\n",
                         {{"POST /a", "GET /c"}, true}},
                        {"POST /a HTTP/1.1\r\nContent-Length: 5\r\n\r\nabc", {{"POST /a"}, false}},
                        {"POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc", {{"POST /a"}, false}},
                        {"GET /a HTTP/1.1\r\nHost: x\r\n", {{}, false}}}) {
    EXPECT_EQ(read_strictly(as_octets(octets)), seen) << quoted(octets);
    EXPECT_EQ(read_leniently(as_octets(octets)), seen) << quoted(octets);
  }
}

TEST(Lenient, WhatASloppyServerTakesForAnotherRequestIsSeen) {
  const auto stolen = "GET /stolen HTTP/1.1\r\n\r\n"s;
  for (const auto& first :
       {"GET /a\r\n\r\n"s, "GET /a HTTP/1.1\n\n"s, "GET /a HTTP/1.1\r\rx: y\r\r"s, "GET /a HTTP/1.1\r\nx: y\n\n"s,
        "POST /a HTTP/1.1\r\nContent-Length: 23\r\nContent-Length: 0\r\n\r\n"s,
        "GET /a HTTP/1.1\r\nContent-Length : 0\r\n\r\n"s,
        "POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 99\r\n\r\n0\r\n\r\n"s,
        "POST /a HTTP/1.1\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"s,
        "POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\n\n"s, "GET /a HTTP/1.1\r\nx: y\r\n z\r\n\r\n"s,
        "GET /a HTTP/1.1\r\nx: \0\r\n\r\n"s, "\r\nGET /a HTTP/1.1\r\n\r\n"s}) {
    EXPECT_TRUE(disagreement(as_octets(first + stolen))) << quoted(first);
    EXPECT_GE(read_leniently(as_octets(first + stolen)).requests.size(), 1u) << quoted(first);
  }
  EXPECT_EQ(read_leniently(as_octets("GET /a HTTP/1.1\r\nx: y\n\nGET /stolen HTTP/1.1\n\n")).requests,
            (Requests{"GET /a", "GET /stolen"}));
  EXPECT_EQ(read_leniently(as_octets("GET /a\nGET /b x\n : \n\n")).requests, (Requests{"GET /a", "GET /b"}));
}

TEST(Lenient, AValueThatBroughtALineIsSeen) {
  for (const auto& end : {"\r\n"s, "\n"s, "\r"s}) {
    const auto octets = cat("GET /a HTTP/1.1\r\nx: y", end, end, "GET /stolen HTTP/1.1", end, "z: \r\n\r\n");
    EXPECT_EQ(read_leniently(as_octets(octets)).requests, (Requests{"GET /a", "GET /stolen"})) << quoted(octets);
  }
}

TEST(Lenient, ADisagreementSaysWhatEachSaw) {
  EXPECT_EQ(disagreement(as_octets("GET / HTTP/1.1\r\n\r\n")), std::nullopt);
  EXPECT_EQ(disagreement(as_octets("GET / HTTP/1.1\n\n")),
            "requests in these octets: a strict reading sees 0 (\"\", then a rest), a lenient one 1 (\"GET /\")");
}

TEST(Lenient, AnyOctetsCanBeRead) {
  const auto base =
      "POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\n\r\nGET /b HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc"s;
  for (std::size_t at = 0; at < base.size(); ++at) {
    for (const char c : "\r\n \0:;5fz\x80"s) {
      auto octets = base;
      octets[at] = c;
      EXPECT_LE(read_strictly(as_octets(octets)).requests.size(), 3u);
      EXPECT_LE(read_leniently(as_octets(octets)).requests.size(), 9u);
    }
    EXPECT_EQ(disagreement(as_octets(base).first(at)), std::nullopt) << at;
  }
}

}  // namespace
}  // namespace upspec::h1
