#include "upgrade/translate_testing.hpp"

namespace upspec {
namespace {

using namespace std::string_literals;
using h2::FieldSection;

FieldSection changed(FieldSection section, std::string_view name, const std::string& value) {
  for (auto& field : section)
    if (field.name == name) field.value = value;
  return section;
}

// The octets behind, or the requirement for which there are none.
std::string octets_21(const FieldSection& request, bool end_stream = false) {
  const auto head = request_21(request, end_stream, key);
  return head ? h1::print(*head) : head.error().requirement;
}

TEST(TranslateRequest21, TheProposalsExamplesOctetForOctet) {
  for (const auto& [section, octets] : proposal) {
    EXPECT_EQ(octets_21(section), octets);
  }
}

TEST(TranslateRequest21, From2To1) {
  const auto start = "GET /p?q HTTP/1.1\r\nHost: a.example\r\n"s;
  struct Row {
    FieldSection request;
    std::string rest;
  };
  for (const auto& [request, rest] : std::vector<Row>{
           // PXY-01, PXY-04: any protocol, any attributes; each once, in lower case, whether its field is there or not.
           {ask("unheard-of/7;a;B;a;c", {{"b", "1"}}),
            "Upgrade: unheard-of/7\r\nConnection: upgrade, a, b, c\r\nb: 1\r\n"},
           {ask("h2c; x, y; x; z"), "Upgrade: h2c, y\r\nConnection: upgrade, x, z\r\n"},
           // ATT-03: the attribute goes, the field stays.
           {ask("p; cookie; x-forwarded-for; a", {{"cookie", "k"}}),
            "Upgrade: p\r\nConnection: upgrade, a\r\ncookie: k\r\n"},
           // PXY-03: `Host` is `:authority`.
           {ask("p", {{"host", "b.example"}}), "Upgrade: p\r\nConnection: upgrade\r\n"},
           // PXY-20
           {ask("p", {{"cookie", "a=1"}, {"x", "y"}, {"cookie", "b=2"}, {"te", "trailers"}}),
            "Upgrade: p\r\nConnection: upgrade, te\r\ncookie: a=1; b=2\r\nx: y\r\nte: trailers\r\n"},
           {ask("", {{"te", "trailers"}, {"content-length", "0"}}),
            "Connection: te\r\nte: trailers\r\ncontent-length: 0\r\n"},
           // PXY-12: content keeps its length, and has one; other content has none in an upgrade, chunks elsewhere.
           {ask("p", {{"content-length", "5"}, {"expect", "100-continue"}, {"content-length", "5"}}),
            "Upgrade: p\r\nConnection: upgrade\r\ncontent-length: 5\r\nexpect: 100-continue\r\n"},
           {ask("", {{"x", "\x80\tz"}}), "x: \x80\tz\r\nTransfer-Encoding: chunked\r\n"},
           // XC-13, XC-10: a fresh key for WebSocket, the token for any other.
           {connect("websocket",
                    {{"sec-websocket-key", "mine"}, {"sec-websocket-version", "13"}, {"content-length", "3"}}),
            "Upgrade: websocket\r\nConnection: upgrade\r\nSec-WebSocket-Key: "
            "dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-version: 13\r\n"},
           {connect("other/1", {{"x", "y"}}), "Upgrade: other/1\r\nConnection: upgrade\r\nx: y\r\n"}}) {
    EXPECT_EQ(octets_21(request), start + rest + "\r\n");
    EXPECT_TRUE(h1::parse_request_head(as_octets(octets_21(request))));
  }
  EXPECT_EQ(octets_21(ask(""), true), start + "\r\n");
}

TEST(TranslateRequest21, TheMethodTheTargetAndTheHostOf2To1) {
  for (const auto& [request, start] : std::vector<std::pair<FieldSection, std::string>>{
           {changed(ask("p"), ":method", "OPTIONS"), "OPTIONS /p?q HTTP/1.1\r\nHost: a.example\r\n"},
           {changed(changed(ask("p"), ":method", "OPTIONS"), ":path", "*"),
            "OPTIONS * HTTP/1.1\r\nHost: a.example\r\n"},
           {{{":method", "POST"}, {":scheme", "http"}, {":path", "/"}, {":upgrade", "p"}, {"host", "b"}},
            "POST / HTTP/1.1\r\nHost: b\r\n"}}) {
    EXPECT_EQ(octets_21(request), start + "Upgrade: p\r\nConnection: upgrade\r\n\r\n");
  }
}

TEST(TranslateRequest21, WhatHttp1CannotCarryIsRefused) {
  for (const auto& evil : {"\r\nx: y"s, "\n"s, "\r"s, "\0"s}) {
    const auto text = "a"s + evil + "b";
    EXPECT_EQ(octets_21(ask("p", {{"x", text}})), "ATT-10") << quoted(text);
    EXPECT_EQ(octets_21(ask("p", {{text, "x"}})), "ATT-10") << quoted(text);
    EXPECT_EQ(octets_21(ask("p", {{"host", text}})), "ATT-10") << quoted(text);
    EXPECT_EQ(octets_21(ask("p; " + text)), "REQ-08") << quoted(text);
    EXPECT_EQ(octets_21(ask(text)), "REQ-08") << quoted(text);
    EXPECT_EQ(octets_21(connect(text)), "XC-07") << quoted(text);
    for (const auto* pseudo : {":method", ":path", ":authority", ":scheme"}) {
      EXPECT_EQ(octets_21(changed(ask("p"), pseudo, "/" + text)), "REQ-01") << pseudo << quoted(text);
    }
  }
  struct Row {
    FieldSection request;
    std::string requirement;
  };
  for (const auto& [request, requirement] : std::vector<Row>{
           {changed(ask("p"), ":path", "/a b"), "REQ-01"},
           {changed(ask("p"), ":path", "/ HTTP/1.1"), "REQ-01"},
           {changed(ask("p"), ":authority", "a b"), "REQ-01"},
           {changed(ask("p"), ":method", "GET /x"), "REQ-01"},
           {changed(ask("p"), ":method", "CONNECT"), "REQ-04"},
           {ask("a b"), "REQ-08"},
           {ask("p;"), "REQ-08"},
           {ask("p; connection"), "ATT-02"},
           {ask("q, p; Keep-Alive"), "ATT-02"},
           {ask("p; close"), "ATT-02"},
           {ask("p; host"), "ATT-02"},
           {ask("p; content-length"), "ATT-02"},
           {ask("p", {{"a b", "x"}}), "ATT-10"},
           {ask("p", {{"a ", "x"}}), "ATT-10"},
           {ask("p", {{"a:", "x"}}), "ATT-10"},
           {ask("p", {{"a", " x"}}), "ATT-10"},
           {ask("p", {{"a", "x\t"}}), "ATT-10"},
           {ask("p", {{"a", "x\x01"}}), "PXY-13"},
           {ask("p", {{"a", "x\x7f"}}), "PXY-13"},
           {ask("p", {{"A", "x"}}), "REQ-14"},
           {ask("p", {{":x", "y"}}), "REQ-01"},
           {ask("p", {{"connection", "close"}}), "REQ-05"},
           {ask("p", {{"transfer-encoding", "chunked"}}), "REQ-05"},
           {ask("p", {{"te", "gzip"}}), "REQ-05"},
           {ask("p", {{"content-length", "5"}, {"content-length", "6"}}), "BODY-08"},
           {ask("p", {{"content-length", "5, 5"}}), "BODY-08"},
           {connect(""), "XC-07"},
           {connect("a b"), "XC-07"},
           {connect("p; x"), "XC-07"},
           {connect("p, q"), "XC-07"},
           {connect("p", {{"upgrade", "p"}}), "XC-09"},
           {{{":method", "GET"}, {":scheme", "http"}, {":path", "/"}, {"host", "a"}, {"host", "a"}}, "PXY-03"},
           {{{":method", "GET"}, {":scheme", "http"}, {":path", "/"}, {"host", "a b"}}, "PXY-13"},
           {{{":method", "CONNECT"}, {":authority", "a:1"}}, "XC-11"}}) {
    EXPECT_EQ(octets_21(request), requirement) << requirement;
  }
}

TEST(TranslateRequest21, WithoutTheUpgradeItsFieldsGo) {
  const FieldSection fields = {{"a", "1"}, {"b", "2"}, {"cookie", "3"}, {"c", "4"}, {"content-length", "5"}};
  const auto request = ask("p; A, q; b; cookie; absent", fields);
  EXPECT_EQ(without_upgrade(request), ask("", {{"cookie", "3"}, {"c", "4"}, {"content-length", "5"}}));
  EXPECT_EQ(without_upgrade(ask("", fields)), ask("", fields));
  EXPECT_EQ(octets_21(without_upgrade(request)),
            "GET /p?q HTTP/1.1\r\nHost: a.example\r\ncookie: 3\r\nc: 4\r\ncontent-length: 5\r\n\r\n");
}

}  // namespace
}  // namespace upspec
