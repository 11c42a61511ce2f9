#include <gtest/gtest.h>

#include "base/text.hpp"
#include "upgrade/sections.hpp"
#include "upgrade/translate.hpp"
#include "ws/handshake.hpp"

namespace upspec {
namespace {

using namespace std::string_literals;
using h2::FieldSection;

constexpr std::string_view key = "dGhlIHNhbXBsZSBub25jZQ==";
constexpr std::string_view digest = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

// What went behind in HTTP/1.1, and in HTTP/2.
h1::RequestHead sent_1(const std::string& upgrade) {
  h1::RequestHead head{"GET", "/", {{"Host", "a"}}};
  if (!upgrade.empty()) head.fields.push_back({"Upgrade", upgrade});
  if (!upgrade.empty()) head.fields.push_back({"Connection", "upgrade"});
  head.fields.push_back({"Sec-WebSocket-Key", std::string(key)});
  return head;
}
FieldSection sent_2(const std::string& upgrade) {
  FieldSection section = {{":method", "GET"}, {":scheme", "http"}, {":path", "/"}};
  if (!upgrade.empty()) section.push_back({":upgrade", upgrade});
  return section;
}
FieldSection sent_connect(const std::string& protocol) {
  return {{":method", "CONNECT"}, {":protocol", protocol}, {":scheme", "http"}, {":authority", "a"}, {":path", "/"}};
}

h1::ResponseHead head_of(std::string_view octets) {
  const auto head = h1::parse_response_head(as_octets(octets));
  EXPECT_TRUE(head) << quoted(octets) << (head ? "" : head.error().text);
  return head.value_or(h1::ResponseHead{});
}

std::string why_21(std::optional<Dialect> asked, const std::string& upgrade, std::string_view octets) {
  const auto section = response_21(asked, sent_1(upgrade), head_of(octets));
  return section ? "passed" : section.error().requirement;
}

std::string octets_12(const FieldSection& sent, const FieldSection& answer, bool end_stream = false) {
  const auto head = response_12(sent_1("p"), sent, answer, end_stream);
  return head ? h1::print(*head) : head.error().requirement;
}

struct Example {
  std::string offer;
  std::string octets;
  FieldSection section;
};
const std::vector<Example> proposal = {
    {"websocket",
     "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n"
     "sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nsec-websocket-protocol: chat\r\n\r\n",
     {{":status", "101"},
      {":upgrade", "websocket"},
      {"sec-websocket-accept", std::string(digest)},
      {"sec-websocket-protocol", "chat"}}},
    {"h2c",
     "HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n",
     {{":status", "101"}, {":upgrade", "h2c"}}}};

TEST(TranslateResponse, TheProposalsExamplesOctetForOctet) {
  for (const auto& [offer, octets, section] : proposal) {
    EXPECT_EQ(response_21(Dialect::upgrade, sent_1(offer), head_of(octets)), section);
    EXPECT_EQ(octets_12(sent_2(offer), section), octets);
  }
}

TEST(TranslateResponse, ASwitchFrom1To2) {
  const auto start = "HTTP/1.1 101 x\r\nUpgrade: P\r\n"s;
  struct Row {
    std::string rest;
    FieldSection section;
  };
  for (const auto& [rest, section] : std::vector<Row>{
           // PXY-05
           {"Connection: Upgrade, X\r\nX: 1\r\nY: 2\r\n", {{":upgrade", "P; x"}, {"x", "1"}, {"y", "2"}}},
           {"Connection: close, upgrade,keep-alive, a, A\r\nKeep-Alive: 5\r\n", {{":upgrade", "P; a"}}},
           // ATT-03: no attribute, and the field stays; ATT-02: neither.
           {"Connection: upgrade, set-cookie, trailer\r\nSet-Cookie: c\r\nTrailer: x\r\n",
            {{":upgrade", "P"}, {"set-cookie", "c"}}},
           // PXY-23, RES-03
           {"Connection: upgrade\r\nContent-Length: 5\r\n", {{":upgrade", "P"}}},
           {"Connection: upgrade, transfer-encoding\r\nTransfer-Encoding: chunked\r\nTE: x\r\n", {{":upgrade", "P"}}},
           {"Connection: upgrade\r\nProxy-Connection: x\r\n", {{":upgrade", "P"}}}}) {
    FieldSection expected = {{":status", "101"}};
    expected.insert(expected.end(), section.begin(), section.end());
    const auto answer = response_21(Dialect::upgrade, sent_1("q, p"), head_of(start + rest + "\r\n"));
    EXPECT_EQ(answer, expected) << rest;
    EXPECT_TRUE(check_response(expected, false, asked_by(sent_2("q, p"))).empty()) << rest;
  }
}

TEST(TranslateResponse, A101ThatIsNoAcceptIs502) {
  for (const auto* rest : {"Connection: upgrade\r\n", "Upgrade: p\r\n", "Upgrade: q\r\nConnection: upgrade\r\n",
                           "Upgrade: p/1\r\nConnection: upgrade\r\n", "Upgrade: p, p\r\nConnection: upgrade\r\n",
                           "Upgrade: p; x\r\nConnection: upgrade\r\n", "Upgrade: p\r\nConnection: x\r\n"}) {
    const auto octets = cat("HTTP/1.1 101 x\r\n", rest, "\r\n");
    for (const auto dialect : {Dialect::upgrade, Dialect::connect})
      EXPECT_EQ(why_21(dialect, "p", octets), "PXY-07") << rest;
  }
  const auto switched = "HTTP/1.1 101 x\r\nUpgrade: p\r\nConnection: upgrade\r\n\r\n"s;
  EXPECT_EQ(why_21(std::nullopt, "p", switched), "PXY-07");
  EXPECT_EQ(why_21(Dialect::upgrade, "", switched), "PXY-07");  // PXY-15: it was not asked behind
  const h1::ResponseHead hostile{101, "", {{"Upgrade", "p"}, {"Connection", "upgrade, a b"}}};
  EXPECT_EQ(response_21(Dialect::upgrade, sent_1("p"), hostile).error().requirement, "PXY-22");
}

TEST(TranslateResponse, ASwitchFrom1To2InConnect) {
  const auto start =
      "HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: upgrade, x\r\nX: 1\r\nSec-WebSocket-Protocol: chat\r\n"s;
  const auto right = cat(start, "Sec-WebSocket-Accept: ", digest, "\r\n");
  EXPECT_EQ(response_21(Dialect::connect, sent_1("WebSocket"), head_of(right + "Content-Length: 3\r\n\r\n")),
            (FieldSection{{":status", "200"}, {"sec-websocket-protocol", "chat"}}));
  EXPECT_EQ(response_21(Dialect::connect, sent_1("p"),
                        head_of("HTTP/1.1 101 x\r\nUpgrade: p\r\nConnection: upgrade\r\n\r\n")),
            (FieldSection{{":status", "200"}}));
  for (const auto& rest : {""s, "Sec-WebSocket-Accept: x\r\n"s, cat("Sec-WebSocket-Accept: ", key, "\r\n")}) {
    EXPECT_EQ(why_21(Dialect::connect, "websocket", start + rest + "\r\n"), "XC-13") << rest;
  }
  EXPECT_EQ(why_21(Dialect::connect, "websocket", right + "Sec-WebSocket-Accept: x\r\n\r\n"), "XC-13");
  // PXY-04: in the other dialect the digest is the client's to check.
  EXPECT_EQ(why_21(Dialect::upgrade, "websocket", start + "\r\n"), "passed");
}

TEST(TranslateResponse, AnyOtherAnswerFrom1To2) {
  const auto fields =
      "Connection: close, x, upgrade\r\nKeep-Alive: 5\r\nProxy-Connection: x\r\nTransfer-Encoding: chunked\r\nUpgrade: p,q\r\nX: 1\r\nSec-WebSocket-Version: 13\r\n\r\n"s;
  const std::vector<std::optional<Dialect>> all = {std::nullopt, Dialect::upgrade, Dialect::connect};
  for (const auto* status : {"100", "103", "200", "204", "299", "302", "401", "404", "426", "500", "999"}) {
    for (const auto asked : all) {
      const auto answer = response_21(asked, sent_1("p"), head_of(cat("HTTP/1.1 ", status, " x\r\n", fields)));
      if (asked == Dialect::connect && *status == '2') {
        EXPECT_EQ(answer.error().requirement, "XC-14") << status;
        continue;
      }
      FieldSection expected = {{":status", status}};
      if (asked == Dialect::upgrade && status == "426"s) expected.push_back({":upgrade", "p, q"});
      expected.push_back({"sec-websocket-version", "13"});
      EXPECT_EQ(answer, expected) << status;
    }
  }
  EXPECT_EQ(response_21({}, sent_1(""), head_of("HTTP/1.1 200 x\r\nContent-Length: 3\r\nA: b\r\na: c\r\n\r\n")),
            (FieldSection{{":status", "200"}, {"content-length", "3"}, {"a", "b"}, {"a", "c"}}));
  for (const auto* upgrade : {"", "Upgrade: a b\r\n"}) {
    EXPECT_EQ(response_21(Dialect::upgrade, sent_1("p"), head_of(cat("HTTP/1.1 426 x\r\n", upgrade, "\r\n"))),
              (FieldSection{{":status", "426"}}));
  }
}

TEST(TranslateResponse, FromWhatIsNoHeadComes502) {
  for (const auto& evil : {"a\r\nb"s, "a\nb"s, "a\0b"s, " a"s, "\x7f"s}) {
    for (const auto& head : {h1::ResponseHead{200, "", {{"x", evil}}}, h1::ResponseHead{200, "", {{evil, "x"}}}}) {
      EXPECT_EQ(response_21({}, sent_1(""), head).error().requirement, "PXY-22") << quoted(evil);
    }
    EXPECT_EQ(octets_12(sent_2("p"), {{":status", "200"}, {"x", evil}}), "PXY-13") << quoted(evil);
    EXPECT_EQ(octets_12(sent_2("p"), {{":status", "200"}, {evil, "x"}}), "PXY-13") << quoted(evil);
    EXPECT_EQ(octets_12(sent_2("p"), {{":status", "101"}, {":upgrade", "p; " + evil + "\r"}}), "PXY-07")
        << quoted(evil);
  }
  for (const int status : {0, 99, 1000, -1}) EXPECT_FALSE(response_21({}, sent_1(""), {status, "", {}})) << status;
}

TEST(TranslateResponse, From2To1) {
  struct Row {
    FieldSection answer;
    std::string octets;
  };
  for (const auto& [answer, octets] :
       std::vector<Row>{// PXY-18, PXY-23
                        {{{":status", "101"}, {":upgrade", "P; x;X"}, {"x", "1"}, {"content-length", "5"}},
                         "101 Switching Protocols\r\nUpgrade: P\r\nConnection: upgrade, x\r\nx: 1\r\n"},
                        {{{":status", "101"}, {":upgrade", "p; set-cookie"}, {"set-cookie", "c"}},
                         "101 Switching Protocols\r\nUpgrade: p\r\nConnection: upgrade\r\nset-cookie: c\r\n"},
                        {{{":status", "426"}, {":upgrade", "p; x, q"}, {"content-length", "0"}},
                         "426 Upgrade Required\r\nUpgrade: p, q\r\nConnection: upgrade, x\r\ncontent-length: 0\r\n"},
                        {{{":status", "103"}, {"link", "x"}}, "103 \r\nlink: x\r\n"},
                        {{{":status", "200"}, {"a", "b"}}, "200 OK\r\na: b\r\nTransfer-Encoding: chunked\r\n"},
                        {{{":status", "204"}}, "204 No Content\r\n"},
                        {{{":status", "299"}, {"content-length", "2"}}, "299 \r\ncontent-length: 2\r\n"}}) {
    const auto printed = octets_12(sent_2("p"), answer);
    EXPECT_EQ(printed, cat("HTTP/1.1 ", octets, "\r\n"));
    EXPECT_TRUE(h1::parse_response_head(as_octets(printed)));
  }
  EXPECT_EQ(octets_12(sent_2(""), {{":status", "200"}}, true), "HTTP/1.1 200 OK\r\n\r\n");
}

TEST(TranslateResponse, From2To1InConnect) {
  const auto sent = sent_connect("websocket");
  EXPECT_EQ(octets_12(sent, {{":status", "200"},
                             {"sec-websocket-protocol", "chat"},
                             {"sec-websocket-accept", "x"},
                             {"content-length", "1"}}),
            cat("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: "
                "upgrade\r\nsec-websocket-protocol: chat\r\n"
                "Sec-WebSocket-Accept: ",
                digest, "\r\n\r\n"));
  EXPECT_EQ(octets_12(sent_connect("other"), {{":status", "299"}}),
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: other\r\nConnection: upgrade\r\n\r\n");
  EXPECT_EQ(octets_12(sent, {{":status", "404"}, {"content-length", "0"}}),
            "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n");
  EXPECT_EQ(octets_12(sent, {{":status", "200"}}, true), "XC-14");
  EXPECT_EQ(octets_12(sent, {{":status", "101"}, {":upgrade", "websocket"}}), "XC-16");
}

TEST(TranslateResponse, AnUnfitAnswerIs502) {
  struct Row {
    FieldSection answer;
    std::string requirement;
  };
  for (const auto& [answer, requirement] :
       std::vector<Row>{{{}, "RES-01"},
                        {{{":status", "20"}}, "RES-01"},
                        {{{":status", "200"}, {":status", "200"}}, "RES-01"},
                        {{{"a", "b"}, {":status", "200"}}, "RES-01"},
                        {{{":status", "200"}, {":path", "/"}}, "RES-01"},
                        {{{":status", "200"}, {"A", "b"}}, "REQ-14"},
                        {{{":status", "200"}, {"connection", "x"}}, "RES-03"},
                        {{{":status", "200"}, {":upgrade", "p"}}, "RES-08"},
                        {{{":status", "100"}, {":upgrade", "p"}}, "RES-08"},
                        {{{":status", "426"}, {":upgrade", ""}}, "RES-08"},
                        {{{":status", "200"}, {"content-length", "https"}}, "BODY-08"},
                        {{{":status", "200"}, {"content-length", "1"}, {"content-length", "2"}}, "BODY-08"},
                        {{{":status", "101"}}, "PXY-07"},
                        {{{":status", "101"}, {":upgrade", "p"}, {":upgrade", "p"}}, "PXY-07"},
                        {{{":status", "101"}, {":upgrade", "q"}}, "PXY-07"},
                        {{{":status", "101"}, {":upgrade", "p, p"}}, "PXY-07"},
                        {{{":status", "101"}, {":upgrade", "p; close"}}, "RES-04"},
                        {{{":status", "101"}, {":upgrade", "p"}, {"transfer-encoding", "chunked"}}, "RES-03"}}) {
    EXPECT_EQ(octets_12(sent_2("p"), answer), requirement);
  }
  EXPECT_EQ(octets_12(sent_2("p"), {{":status", "101"}, {":upgrade", "p"}}, true), "RES-02");
  EXPECT_EQ(octets_12(sent_2(""), {{":status", "101"}, {":upgrade", "p"}}), "RES-06");
}

TEST(TranslateResponse, ThereAndBackIsTheIdentity) {
  for (const auto& answer :
       std::vector<FieldSection>{{{":status", "101"}, {":upgrade", "P; x; y"}, {"x", "1"}, {"z", "2"}},
                                 {{":status", "200"}, {"content-length", "3"}, {"a", "\x80"}, {"a", ""}},
                                 {{":status", "404"}, {"x", "y"}},
                                 {{":status", "426"}, {":upgrade", "p, q"}, {"x", "y"}},
                                 {{":status", "103"}, {"link", "x"}}}) {
    const auto head = response_12(sent_1("p"), sent_2("p"), answer, false);
    ASSERT_TRUE(head) << head.error().text;
    EXPECT_EQ(h1::parse_response_head(as_octets(h1::print(*head))), *head);
    EXPECT_EQ(response_21(Dialect::upgrade, sent_1("p"), *head), answer) << h1::print(*head);
  }
  const FieldSection accept = {{":status", "200"}, {"sec-websocket-protocol", "chat"}};
  const auto head = response_12(sent_1("websocket"), sent_connect("websocket"), accept, false);
  ASSERT_TRUE(head);
  EXPECT_EQ(response_21(Dialect::connect, sent_1("websocket"), *head), accept);
}

}  // namespace
}  // namespace upspec
