#include "upgrade/translate_testing.hpp"

namespace upspec {
namespace {

using namespace std::string_literals;
using h2::FieldSection;

std::string why_12(std::string_view octets, std::optional<Dialect> hop = Dialect::upgrade) {
  const auto section = request_12(head_of(octets), "http", hop);
  return section ? "carried" : section.error().requirement;
}

FieldSection section_12(std::string_view octets, std::optional<Dialect> hop = Dialect::upgrade) {
  const auto section = request_12(head_of(octets), "http", hop);
  EXPECT_TRUE(section) << quoted(octets) << (section ? "" : section.error().text);
  return section.value_or(FieldSection{});
}

TEST(TranslateRequest12, TheProposalsExamplesOctetForOctet) {
  for (const auto& [section, octets] : proposal) {
    EXPECT_EQ(request_12(head_of(octets), section[1].value, Dialect::upgrade), section);
  }
}

TEST(TranslateRequest12, From1To2) {
  const auto start = "GET /p?q HTTP/1.1\r\nHost: a.example\r\n"s;
  struct Row {
    std::string rest;
    FieldSection section;
  };
  for (const auto& [rest, section] :
       std::vector<Row>{// PXY-17
                        {"Upgrade: P/1\r\nConnection: keep-alive, B, Upgrade\r\nconnection: a\r\nB: 1\r\nC: 2\r\n",
                         ask("P/1; b; a", {{"b", "1"}, {"c", "2"}})},
                        {"Upgrade: p,, q\r\nConnection: upgrade, a\r\n", ask("p; a, q; a")},
                        {"Upgrade: p\r\nConnection: close, a\r\nA: 1\r\nB: 2\r\n", ask("", {{"b", "2"}})},
                        {"Upgrade: p\r\nA: 1\r\n", ask("", {{"a", "1"}})},
                        {"Connection: upgrade\r\n", ask("")},
                        // PXY-19: the connection's own fields go; of `te` only "trailers" stays.
                        {"Upgrade: p\r\nConnection: upgrade, te, keep-alive\r\nKeep-Alive: 5\r\nProxy-Connection: "
                         "x\r\nTE: gzip, Trailers\r\n",
                         ask("p", {{"te", "trailers"}})},
                        {"TE: trailers\r\nConnection: x\r\nX: 1\r\n", ask("")},
                        {"Content-Length: 5\r\nContent-Length: 5\r\n", ask("", {{"content-length", "5"}})},
                        // BODY-03: content without a length cannot be told from the channel.
                        {"Upgrade: p\r\nConnection: upgrade, a\r\nA: 1\r\nTransfer-Encoding: chunked\r\n", ask("")}}) {
    EXPECT_EQ(section_12(start + rest + "\r\n"), section) << rest;
  }
  // PXY-16: the hop has announced nothing.
  EXPECT_EQ(section_12(start + "Upgrade: p\r\nConnection: upgrade, a\r\nA: 1\r\nB: 2\r\n\r\n", std::nullopt),
            ask("", {{"b", "2"}}));
}

TEST(TranslateRequest12, From1To2WithConnect) {
  const auto start = "GET /p?q HTTP/1.1\r\nHost: a.example\r\nConnection: upgrade\r\n"s;
  const auto key_field = cat("Sec-WebSocket-Key: ", key, "\r\n");
  struct Row {
    std::string rest;
    FieldSection section;
  };
  for (const auto& [rest, section] :
       std::vector<Row>{{key_field + "Upgrade: WebSocket\r\nSec-WebSocket-Version: 13\r\n",
                         connect("WebSocket", {{"sec-websocket-version", "13"}})},
                        {key_field + "Upgrade: h2c, websocket\r\nConnection: x\r\nX: 1\r\nContent-Length: 0\r\n",
                         connect("websocket")},
                        {"Upgrade: other, p\r\n", connect("other")},
                        // What this dialect has no words for goes on without.
                        {"Upgrade: h2c\r\nConnection: http2-settings\r\nHTTP2-Settings: \r\n", ask("")},
                        {"Upgrade: p\r\nContent-Length: 1\r\n", ask("", {{"content-length", "1"}})}}) {
    EXPECT_EQ(section_12(start + rest + "\r\n", Dialect::connect), section) << rest;
  }
  EXPECT_EQ(asked_dialect(section_12("POST / HTTP/1.1\r\nHost: a\r\nUpgrade: p\r\nConnection: upgrade\r\n\r\n",
                                     Dialect::connect)),
            std::nullopt);
  for (const auto* field : {"", "Sec-WebSocket-Key: short\r\n",
                            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Key: x\r\n"}) {
    EXPECT_EQ(why_12(start + "Upgrade: websocket\r\n" + field + "\r\n", Dialect::connect), "WS-03") << field;
  }
}

TEST(TranslateRequest12, TheTargetOf1To2) {
  for (const auto& [line, authority, path] : std::vector<std::tuple<std::string, std::string, std::string>>{
           {"GET /a HTTP/1.1\r\nHost: h", "h", "/a"},
           {"GET http://b:8/c?d HTTP/1.1\r\nHost: h", "b:8", "/c?d"},
           {"GET http://b HTTP/1.1\r\nHost: h", "b", "/"},
           {"GET http://b?x HTTP/1.1\r\nHost: h", "b", "/?x"},
           {"OPTIONS * HTTP/1.1\r\nHost: h", "h", "*"},
           {"OPTIONS http://b HTTP/1.1\r\nHost: h", "b", "*"},
           {"GET /://b HTTP/1.1\r\nHost: h", "h", "/://b"},
           {"GET / HTTP/1.0\r\nx: y", "", "/"}}) {
    const auto section = section_12(line + "\r\n\r\n");
    const auto* found = h2::find(section, ":authority");
    EXPECT_EQ(found ? *found : "", authority) << line;
    EXPECT_EQ(*h2::find(section, ":path"), path) << line;
  }
  for (const auto& [head, requirement] : std::vector<std::pair<std::string, std::string>>{
           {"GET / HTTP/1.1\r\nx: y", "PXY-03"},
           {"GET / HTTP/1.1\r\nHost: a\r\nHost: a", "PXY-03"},
           {"GET x HTTP/1.1\r\nHost: a", "REQ-01"},
           {"GET http:///x HTTP/1.1\r\nHost: a", "PXY-03"},
           {"GET * HTTP/1.1\r\nHost: a", "REQ-01"},
           {"GET / HTTP/1.1\r\nHost: a b", "REQ-01"},
           {"CONNECT a:1 HTTP/1.1\r\nHost: a:1", "XC-11"},
           {"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5, 5", "BODY-08"},
           {"GET / HTTP/1.1\r\nHost: a\r\nConnection: host", "ATT-02"},
           {"GET / HTTP/1.1\r\nHost: a\r\nConnection: content-length", "ATT-02"},
           {"GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade, cookie\r\nUpgrade: p", "ATT-03"},
           {"GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: a b", "REQ-08"},
           {"GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: p; close", "REQ-08"}}) {
    EXPECT_EQ(why_12(head + "\r\n\r\n"), requirement) << head;
  }
}

TEST(TranslateRequest12, HostileHeadsNeverBecomeFields) {
  for (const auto& evil : {"a\r\nb"s, "a\nb"s, "a\0b"s, " a"s, "\x7f"s}) {
    const h1::RequestHead value{"GET", "/", {{"Host", "a"}, {"x", evil}}};
    const h1::RequestHead name{"GET", "/", {{"Host", "a"}, {evil, "x"}}};
    const h1::RequestHead option{"GET", "/", {{"Host", "a"}, {"Connection", "upgrade, x" + evil}, {"Upgrade", "p"}}};
    for (const auto& head : {value, name, option})
      EXPECT_FALSE(request_12(head, "http", Dialect::upgrade)) << quoted(evil);
  }
}

}  // namespace
}  // namespace upspec
