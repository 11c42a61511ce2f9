#include "h1/head.hpp"

#include <gtest/gtest.h>

#include "base/text.hpp"

namespace upspec::h1 {
namespace {

using namespace std::string_literals;

constexpr std::string_view chat =
    "GET /chat HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\nConnection: Upgrade , X-a,,upgrade\r\n"
    "connection:keep-alive\r\nEmpty:\r\n\r\n";

TEST(Head, ARequestIsReadAsItWasSent) {
  const auto head = parse_request_head(as_octets(chat));
  ASSERT_TRUE(head) << head.error().text;
  EXPECT_EQ(*head, (RequestHead{"GET",
                                "/chat",
                                {{"Host", "server.example.com"},
                                 {"Upgrade", "websocket"},
                                 {"Connection", "Upgrade , X-a,,upgrade"},
                                 {"connection", "keep-alive"},
                                 {"Empty", ""}}}));
  EXPECT_EQ(connection_options(head->fields), (std::vector<std::string>{"upgrade", "x-a", "keep-alive"}));
  EXPECT_EQ(members(head->fields, "CONNECTION"), (std::vector<std::string>{"Upgrade", "X-a", "upgrade", "keep-alive"}));
  EXPECT_EQ(count(head->fields, "connection"), 2u);
  EXPECT_EQ(*find(head->fields, "host"), "server.example.com");
  EXPECT_EQ(find(head->fields, "te"), nullptr);
}

TEST(Head, AResponseIsReadAsItWasSent) {
  for (const auto& [octets, head] : std::vector<std::pair<std::string, ResponseHead>>{
           {"HTTP/1.1 101 Switching Protocols\r\nupgrade: h2c\r\n\r\n",
            {101, "Switching Protocols", {{"upgrade", "h2c"}}}},
           {"HTTP/1.1 200 \r\n\r\n", {200, "", {}}},
           {"HTTP/1.0 404 Nicht da \x80\r\na: \t b  c\t\r\n\r\n", {404, "Nicht da \x80", {{"a", "b  c"}}, 0}},
           // PXY-23: either of them in a 101 is read like any other field.
           {"HTTP/1.1 101 x\r\nContent-Length: 5\r\n\r\n", {101, "x", {{"Content-Length", "5"}}}},
           {"HTTP/1.1 101 x\r\nTransfer-Encoding: chunked\r\n\r\n", {101, "x", {{"Transfer-Encoding", "chunked"}}}}}) {
    EXPECT_EQ(parse_response_head(as_octets(octets)), head) << quoted(octets);
  }
}

TEST(Head, WhatIsPrintedIsReadAgain) {
  const RequestHead request{"GET", "/", {{"Host", ""}, {"x", "a  b"}, {"y", "\x80"}}, 0};
  EXPECT_EQ(print(request), "GET / HTTP/1.0\r\nHost: \r\nx: a  b\r\ny: \x80\r\n\r\n");
  EXPECT_EQ(parse_request_head(as_octets(print(request))), request);
  const ResponseHead response{101, reason_for(101), {{"Upgrade", "a"}}};
  EXPECT_EQ(print(response), "HTTP/1.1 101 Switching Protocols\r\nUpgrade: a\r\n\r\n");
  EXPECT_EQ(parse_response_head(as_octets(print(response))), response);
  EXPECT_EQ(reason_for(299), "");
}

TEST(Head, WhatIsNoHeadIsRefused) {
  for (const auto& octets : {"GET / HTTP/1.1\nHost: a\n\n"s,
                             "GET / HTTP/1.1\r\nHost: a\n\r\n"s,
                             "GET / HTTP/1.1\r\nHost: a\rb\r\n\r\n"s,
                             "GET / HTTP/1.1\r\na: b\r\n\rx"s,
                             "GET / HTTP/1.1\r\na: \0\r\n\r\n"s,
                             "GET / HTTP/1.1\r\na: \x01\r\n\r\n"s,
                             "GET / HTTP/1.1\r\na: \x7f\r\n\r\n"s,
                             "GET / HTTP/1.1\r\na : b\r\n\r\n"s,
                             "GET / HTTP/1.1\r\n a: b\r\n\r\n"s,
                             "GET / HTTP/1.1\r\na: b\r\n c\r\n\r\n"s,
                             "GET / HTTP/1.1\r\na:\r\n\tc\r\n\r\n"s,
                             "GET / HTTP/1.1\r\na: b\r\n \r\n\r\n"s,
                             "GET / HTTP/1.1\r\na:\r\n \r\n\r\n"s,
                             "GET / HTTP/1.1\r\n: b\r\n\r\n"s,
                             "GET / HTTP/1.1\r\nab\r\n\r\n"s,
                             "GET / HTTP/1.1\r\n\x80: b\r\n\r\n"s,
                             "GET  / HTTP/1.1\r\n\r\n"s,
                             "GET / HTTP/1.1 \r\n\r\n"s,
                             "GET /a b HTTP/1.1\r\n\r\n"s,
                             "GET /\0 HTTP/1.1\r\n\r\n"s,
                             "GET /\x7f HTTP/1.1\r\n\r\n"s,
                             "GET\t/ HTTP/1.1\r\n\r\n"s,
                             "G(T / HTTP/1.1\r\n\r\n"s,
                             "GET / HTTP/2.0\r\n\r\n"s,
                             "GET / http/1.1\r\n\r\n"s,
                             "GET /\r\n\r\n"s,
                             "\r\nGET / HTTP/1.1\r\n\r\n"s,
                             "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"s,
                             "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"s,
                             "POST / HTTP/1.1\r\nContent-Length: +1\r\n\r\n"s,
                             "POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"s,
                             "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n"s}) {
    EXPECT_FALSE(parse_request_head(as_octets(octets))) << quoted(octets);
    EXPECT_FALSE(read_request_head(as_octets(octets))) << quoted(octets);
  }
  for (const auto& octets :
       {"HTTP/1.1 20 x\r\n\r\n"s, "HTTP/1.1 099 x\r\n\r\n"s, "HTTP/1.1 200\r\n\r\n"s, "HTTP/1.1 2000 x\r\n\r\n"s,
        "HTTP/2 200 x\r\n\r\n"s, "HTTP/1.1 200 a\nb\r\n\r\n"s, "HTTP/1.1  200 x\r\n\r\n"s, "garbage of any kind"s}) {
    EXPECT_FALSE(read_response_head(as_octets(octets))) << quoted(octets);
  }
}

TEST(Head, BeforeItIsWholeThereIsNothingAndNoError) {
  const auto octets = cat(chat, "\x81\x05");
  for (std::size_t n = 0; n <= octets.size(); ++n) {
    const auto found = read_request_head(as_octets(octets).first(n));
    ASSERT_TRUE(found) << n << found.error().text;
    EXPECT_EQ(found->has_value(), n >= chat.size()) << n;
    EXPECT_EQ(*found ? (*found)->size : 0, n >= chat.size() ? chat.size() : 0);
  }
  EXPECT_FALSE(parse_request_head(as_octets(chat).first(chat.size() - 1)));
  EXPECT_FALSE(parse_request_head(as_octets(octets)));
}

TEST(Head, TheSizeIsBounded) {
  const auto endless = cat("GET / HTTP/1.1\r\na: ", std::string(largest_head, 'x'));
  EXPECT_FALSE(read_request_head(as_octets(endless)));
  EXPECT_FALSE(read_request_head(as_octets(cat("GET /", std::string(largest_head, 'x')))));
  EXPECT_TRUE(parse_request_head(as_octets(cat("GET / HTTP/1.1\r\na: ", std::string(1u << 16, 'x'), "\r\n\r\n"))));
}

TEST(Head, ARequestIsReadWithItsContent) {
  for (const std::string_view request : {"POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc", "GET / HTTP/1.1\r\n\r\n",
                                         "POST / HTTP/1.1\r\nTransfer-Encoding: gzip, "
                                         "chunked\r\n\r\n3;x=y\r\nabc\r\nA\r\n0123456789\r\n0\r\na: b\r\n\r\n",
                                         "POST / HTTP/1.1\r\nContent-Length: 9999999999\r\n\r\n"}) {
    const auto octets = cat(request, "GET /next");
    const bool finite = request.find("9999") == request.npos;
    for (std::size_t n = 0; n <= octets.size(); ++n) {
      const auto found = read_request(as_octets(octets).first(n));
      ASSERT_TRUE(found) << n << found.error().text;
      EXPECT_EQ(found->has_value(), finite && n >= request.size()) << quoted(request) << n;
      if (!*found) continue;
      EXPECT_EQ((*found)->size, request.size());
      EXPECT_LE((*found)->head.fields.size(), 1u);  // trailers are no part of the head
    }
  }
  for (const std::string_view request :
       {"POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n",
        "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked, gzip\r\n\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\na: b\r\n c\r\n\r\n"}) {
    EXPECT_FALSE(read_request(as_octets(request))) << quoted(request);
  }
}

TEST(Head, AFieldValueHasNoControlsAndNoWhiteSpaceAround) {
  for (const auto& value : {""s, "a"s, "a\tb c"s, "\x80\xff"s}) EXPECT_TRUE(is_field_value(value)) << quoted(value);
  for (const auto& value : {" a"s, "a\t"s, "a\rb"s, "a\nb"s, "a\0b"s, "\x01"s, "\x7f"s})
    EXPECT_FALSE(is_field_value(value)) << quoted(value);
}

}  // namespace
}  // namespace upspec::h1
