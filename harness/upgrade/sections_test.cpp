#include "upgrade/sections.hpp"

#include <gtest/gtest.h>

#include "upgrade/sections_testing.hpp"

namespace upspec {
namespace {

using namespace std::string_literals;
using h2::FieldSection;

constexpr Announced both{true, true};

struct Row {
  std::string what;
  FieldSection section;
  std::string ids;  // that are reported
};

void expect_requests(const std::vector<Row>& rows, Announced announced = both) {
  for (const auto& row : rows) {
    const auto breaches = check_request(row.section, announced);
    EXPECT_EQ(ids(breaches), row.ids) << row.what << "\n" << texts(breaches);
  }
}

const FieldSection ws = websocket_request();
const FieldSection xc = connect_request();
const FieldSection get = get_request();

TEST(Request, WellFormedOnesReportNothing) {
  expect_requests({
      {"the proposal's websocket", ws, ""},
      {"the proposal's websocket, word for word: no authority", without(ws, ":authority"), ""},
      {"the proposal's h2c", h2c_request(), ""},
      {"RFC 8441 5.1", xc, ""},
      {"a content-length of an extended CONNECT means nothing", with(xc, "content-length", "5, 5"), ""},
      {"an ordinary request", get, ""},
      {"POST with content", with(with(ws, ":method", "POST"), "content-length", "5"), ""},
      {"the same content-length twice", last(last(ws, "content-length", "5"), "content-length", "5"), ""},
      {"te: trailers", with(ws, "te", "trailers"), ""},
      {"several offers", with(ws, ":upgrade", "x/1; a , websocket"), ""},
      {"an attribute for every recipient is a SHOULD", with(ws, ":upgrade", "websocket; cookie"), ""},
      {"OPTIONS *", with(with(ws, ":method", "OPTIONS"), ":path", "*"), ""},
      {"an ordinary CONNECT", {{":method", "CONNECT"}, {":authority", "a:1"}}, ""},
      {"octets above ASCII in a value", with(ws, "x", "caf\xc3\xa9"), ""},
      {"an empty value", with(ws, "x", ""), ""},
  });
  expect_requests({{"an ordinary request needs no announcement", get, ""}}, {});
}

TEST(Request, PseudoHeadersStandOnceInFrontAndAreNotEmpty) {
  std::vector<Row> rows;
  for (const auto* name : {":method", ":scheme", ":path"}) {
    rows.push_back({"missing "s + name, without(ws, name), "REQ-01"});
    rows.push_back({"empty "s + name, with(ws, name, ""), "REQ-01"});
    rows.push_back({"late "s + name, last(without(ws, name), name, *h2::find(ws, name)), "REQ-01"});
  }
  for (const auto* name : {":method", ":scheme", ":path", ":authority", ":upgrade"}) {
    rows.push_back({"two "s + name, first(ws, name, *h2::find(ws, name)), "REQ-01"});
  }
  rows.push_back({"unknown", first(ws, ":nope", "1"), "REQ-01"});
  rows.push_back({"a response's", first(ws, ":status", "101"), "REQ-01"});
  rows.push_back({"relative path", with(ws, ":path", "chat"), "REQ-01"});
  rows.push_back({"GET *", with(ws, ":path", "*"), "REQ-01"});
  rows.push_back({"space in the path", with(ws, ":path", "/a b"), "REQ-01"});
  rows.push_back({"newline in the authority", with(ws, ":authority", "a\nb"), "REQ-01"});
  rows.push_back({"method that is no token", with(ws, ":method", "GE T"), "REQ-01"});
  rows.push_back({"late :upgrade", last(without(ws, ":upgrade"), ":upgrade", "websocket"), "REQ-02"});
  rows.push_back({"CONNECT without authority", {{":method", "CONNECT"}}, "REQ-01"});
  rows.push_back({"CONNECT with a path", {{":method", "CONNECT"}, {":authority", "a"}, {":path", "/"}}, "REQ-01"});
  expect_requests(rows);
}

TEST(Request, TheUpgradeValueFollowsItsGrammar) {
  std::vector<Row> rows;
  for (const auto& value :
       {""s, ","s, "websocket;"s, "websocket; a=b"s, "web\0socket"s, "web\rsocket"s, "\"websocket\""s}) {
    rows.push_back({"value " + value, with(ws, ":upgrade", value), "REQ-08"});
  }
  for (const auto* name : {"connection", "close", "keep-alive", "proxy-connection", "transfer-encoding", "te",
                           "trailer", "upgrade", "host", "content-length", "expect", "Host"}) {
    rows.push_back({"attribute "s + name, with(ws, ":upgrade", "websocket; "s + name), "ATT-02"});
    rows.push_back({"in the second offer "s + name, with(ws, ":upgrade", "websocket, x; "s + name), "ATT-02"});
  }
  rows.push_back({"CONNECT", with(ws, ":method", "CONNECT"), "REQ-04"});
  expect_requests(rows);
}

TEST(Request, FieldsAreThoseOfHttp2) {
  std::vector<Row> rows;
  for (const auto* name : {"connection", "upgrade", "keep-alive", "proxy-connection", "transfer-encoding"}) {
    rows.push_back({name, with(ws, name, "x"), "REQ-05"});
    rows.push_back({name, with(xc, name, "x"), "XC-09"});
  }
  rows.push_back({"te", with(ws, "te", "gzip"), "REQ-05"});
  rows.push_back({"upper case", with(ws, "X-Note", "1"), "REQ-14"});
  rows.push_back({"space in a name", with(ws, "x note", "1"), "ATT-10"});
  rows.push_back({"an empty name", with(ws, "", "1"), "ATT-10"});
  for (const auto& value : {"a\0b"s, "a\rb"s, "a\nb"s, " a"s, "a\t"s})
    rows.push_back({value, with(ws, "x", value), "ATT-10"});
  for (const auto* value : {"", "-1", "+1", "1.0", "0x1", "1,1", "99999999999999999999"}) {
    rows.push_back({"content-length "s + value, with(ws, "content-length", value), "BODY-08"});
  }
  rows.push_back({"two lengths", last(last(ws, "content-length", "1"), "content-length", "2"), "BODY-08"});
  expect_requests(rows);
}

TEST(Request, ExtendedConnectHasItsOwnIds) {
  expect_requests({
      {"GET", with(xc, ":method", "GET"), "XC-05"},
      {"without scheme", without(xc, ":scheme"), "XC-06"},
      {"without path", without(xc, ":path"), "XC-06"},
      {"empty path", with(xc, ":path", ""), "XC-06"},
      {"twice", first(xc, ":protocol", "websocket"), "XC-07"},
      {"empty", with(xc, ":protocol", ""), "XC-07"},
      {"late", last(without(xc, ":protocol"), ":protocol", "websocket"), "XC-07"},
  });
}

TEST(Request, WhatWasNotAnnouncedIsMalformed) {
  expect_requests({{"upgrade", ws, "NEG-05"}, {"connect", xc, ""}}, {false, true});
  expect_requests({{"upgrade", ws, ""}, {"connect", xc, "XC-07"}}, {true, false});
}

TEST(Trailers, HaveNoPseudoHeaderAndFollowTheRulesOfFields) {
  const std::vector<Row> rows = {
      {"plain", {{"x", "1"}}, ""},
      {"empty", {}, ""},
      {":upgrade", {{":upgrade", "websocket"}}, "REQ-06"},
      {":status", {{":status", "200"}}, "REQ-06"},
      {"connection", {{"connection", "close"}}, "REQ-05"},
      {"upper case", {{"X", "1"}}, "REQ-14"},
      {"newline", {{"x", "a\nb"}}, "ATT-10"},
  };
  for (const auto& row : rows) EXPECT_EQ(ids(check_trailers(row.section)), row.ids) << row.what;
}

struct Answer {
  std::string what;
  FieldSection section;
  std::string ids;
  bool end = false;
};

void expect_answers(const FieldSection& request, const std::vector<Answer>& answers) {
  for (const auto& answer : answers) {
    const auto breaches = check_response(answer.section, answer.end, asked_by(request));
    EXPECT_EQ(ids(breaches), answer.ids) << answer.what << "\n" << texts(breaches);
  }
}

const FieldSection yes = websocket_accept();
const FieldSection ok = {{":status", "200"}, {"content-type", "text/plain"}};

TEST(Response, WellFormedOnesReportNothing) {
  expect_answers(ws, {{"the proposal's accept", yes, ""},
                      {"in another case", with(yes, ":upgrade", "WebSocket"), ""},
                      {"with an attribute", with(with(yes, ":upgrade", "websocket; x"), "x", "1"), ""},
                      {"a decline", ok, "", true},
                      {"an interim response", {{":status", "103"}}, ""},
                      {"426 with a list", {{":status", "426"}, {":upgrade", "a; b, c"}}, "", true}});
  expect_answers(h2c_request(), {{"the proposal's accept", h2c_accept(), ""}});
  expect_answers(xc, {{"RFC 8441 5.1", connect_accept(), ""}, {"a decline", {{":status", "404"}}, "", true}});
  expect_answers(get, {{"an answer", ok, ""}, {"426", {{":status", "426"}}, ""}});
}

TEST(Response, TheAcceptNamesOneOfferedProtocol) {
  expect_answers(ws, {{"no :upgrade", without(yes, ":upgrade"), "RES-01"},
                      {"two", first(yes, ":upgrade", "websocket"), "RES-01"},
                      {"not offered", with(yes, ":upgrade", "h2c"), "RES-01"},
                      {"several", with(yes, ":upgrade", "websocket, h2c"), "RES-01"},
                      {"outside the grammar", with(yes, ":upgrade", "websocket;"), "RES-01"},
                      {"late", last(without(yes, ":upgrade"), ":upgrade", "websocket"), "RES-01"},
                      {"END_STREAM", yes, "RES-02", true},
                      {"content-length", with(yes, "content-length", "0"), "RES-03"},
                      {"connection", with(yes, "connection", "upgrade"), "RES-03"},
                      {"upgrade", with(yes, "upgrade", "websocket"), "RES-03"},
                      {"transfer-encoding", with(yes, "transfer-encoding", "chunked"), "RES-03"},
                      {"te", with(yes, "te", "trailers"), "RES-03"},
                      {"attribute for every recipient", with(yes, ":upgrade", "websocket; set-cookie"), "RES-04"},
                      {"attribute in upper case", with(yes, ":upgrade", "websocket; X"), "RES-04"},
                      {"framing attribute", with(yes, ":upgrade", "websocket; content-length"), "RES-04"}});
  // What the request offered cannot be read: nothing to compare with.
  expect_answers(with(ws, ":upgrade", "="), {{"whatever", yes, ""}});
}

TEST(Response, HasOneStatusInFront) {
  expect_answers(get, {{"none", {{"x", "1"}}, "RES-01"},
                       {"two", {{":status", "200"}, {":status", "200"}}, "RES-01"},
                       {"four digits", {{":status", "2000"}}, "RES-01"},
                       {"below 100", {{":status", "099"}}, "RES-01"},
                       {"late", {{"x", "1"}, {":status", "200"}}, "RES-01"},
                       {"a request's", {{":status", "200"}, {":path", "/"}}, "RES-01"},
                       {"connection", with(ok, "connection", "close"), "RES-03"}});
}

TEST(Response, UpgradeElsewhereIsWrong) {
  const FieldSection required = {{":status", "426"}};
  expect_answers(ws, {{"in 200", with(ok, ":upgrade", "websocket"), "RES-08"},
                      {"in 103", {{":status", "103"}, {":upgrade", "websocket"}}, "RES-08"},
                      {"426 outside the grammar", with(required, ":upgrade", ";"), "RES-08"},
                      {"two in 426", first(with(required, ":upgrade", "a"), ":upgrade", "a"), "RES-08"},
                      {"426 without", required, "RES-09"}});
  expect_answers(get, {{"in 200", with(ok, ":upgrade", "websocket"), "RES-08"},
                       {"426 with", with(required, ":upgrade", "websocket"), "RES-09"},
                       {"101", yes, "RES-06"}});
  expect_answers(xc, {{"101", yes, "XC-16"}});
}

TEST(Response, TheWebSocketFieldsAnswerThoseOfTheRequest) {
  expect_answers(ws, {{"no digest", without(yes, "sec-websocket-accept"), "WS-01"},
                      {"a wrong one", with(yes, "sec-websocket-accept", "AAAAAAAAAAAAAAAAAAAAAAAAAAA="), "WS-01"},
                      {"two", last(yes, "sec-websocket-accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), "WS-01"},
                      {"not offered", with(yes, "sec-websocket-protocol", "other"), "WS-05"},
                      {"two of those offered", with(yes, "sec-websocket-protocol", "chat, superchat"), "WS-05"},
                      {"none is right", without(yes, "sec-websocket-protocol"), ""},
                      {"extension", with(yes, "sec-websocket-extensions", "permessage-deflate"), "WS-12"}});
  expect_answers(
      xc, {{"not offered", with(connect_accept(), "sec-websocket-protocol", "other"), "WS-05"},
           {"an offered extension", with(connect_accept(), "sec-websocket-extensions", "permessage-deflate; x=1"), ""},
           {"another", with(connect_accept(), "sec-websocket-extensions", "x"), "WS-12"}});
  expect_answers(h2c_request(), {{"no digest is needed", h2c_accept(), ""}});
}

TEST(ContentLength, IsANumberOrNothing) {
  EXPECT_EQ(content_length({{"content-length", "10"}}), 10u);
  for (const auto* text : {"", "-1", "1 ", "99999999999999999999"}) {
    EXPECT_EQ(content_length({{"content-length", text}}), std::nullopt) << text;
  }
  EXPECT_EQ(content_length({}), std::nullopt);
}

}  // namespace
}  // namespace upspec
