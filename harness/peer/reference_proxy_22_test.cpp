// Way 22: HTTP/2 on both sides.
#include <gtest/gtest.h>

#include <string>

#include "peer/proxy_testing.hpp"

namespace upspec {
namespace {

using Fields = h2::FieldSection;

ProxyOptions way_22() { return {.way = Way::h2_to_h2}; }
Fields accept_p() { return {{":status", "101"}, {":upgrade", "p"}}; }

TEST(Proxy22, AChannelInEachDialectOverOneConnection) {
  for (const std::size_t piece : {1u, 1000u}) {
    ProxyTable table(way_22(), piece);
    table.ask(1, upgrade("p; x", {{"x", "1"}}));
    EXPECT_EQ(table.behind().take_words() + table.origin(), "GET");
    EXPECT_EQ(table.behind().last_section(), upgrade("p; x", {{"x", "1"}, {"via", "2.0 upspec"}}));
    table.ask(3, connect("websocket"));
    EXPECT_EQ(table.origin(), "CONNECT");
    EXPECT_EQ(table.answer(3, {{":status", "200"}}), "200");
    EXPECT_EQ(table.answer(1, accept_p()), "101");
    table.client({data(1, "one"), data(3, "three")});
    EXPECT_EQ(table.origin(), "data:one data:three");
    EXPECT_EQ(table.answer({data(3, "3", true)}), "data:3 end");
    EXPECT_EQ(table.answer({data(1, "1")}), "data:1");
    table.client({data(3, "", true), data(1, "", true)});
    EXPECT_EQ(table.origin(), "end end");
    EXPECT_EQ(table.answer({data(1, "", true)}), "end");
    EXPECT_EQ(table.proxy().links(), 1u);
    table.client_ends();
    EXPECT_EQ(table.origin(), "goaway:NO_ERROR[closed]");
    EXPECT_TRUE(table.proxy().finished());
  }
}

// PXY-16, PXY-15
TEST(Proxy22, WithoutAnAnnouncementTheRequestGoesOnWithoutOrIsRefused) {
  ProxyTable table(way_22());
  table.origin_settings = {};
  table.ask(1, upgrade("p; x", {{"x", "1"}, {"content-length", "5"}}));
  EXPECT_EQ(table.origin(), "GET");
  EXPECT_EQ(table.behind().last_section(), get_request("/p", {{"content-length", "5"}, {"via", "2.0 upspec"}}));
  table.client({data(1, "helloGET /stolen")});
  EXPECT_EQ(table.origin(), "data:hello end");
  EXPECT_EQ(table.answer(1, {{":status", "404"}}, true), "404 end rst:NO_ERROR");
  table.ask(3, connect("websocket"));
  EXPECT_EQ(table.run(), "");
  table.ask(5, upgrade("p"));
  EXPECT_EQ(table.origin(), "GET end");
}

TEST(Proxy22, AnExtendedConnectWithoutAnnouncementIs501) {
  ProxyTable table(way_22());
  table.origin_settings = {};
  EXPECT_EQ(table.ask(1, connect("websocket")), "501 end rst:NO_ERROR");
  EXPECT_EQ(table.origin(), "");
}

// RFC 9113 8.1.1
TEST(Proxy22, AnAnswerWhoseContentHasAnotherLengthIsNotPassedOn) {
  const Fields one = {{":status", "200"}, {"content-length", "1"}};
  ProxyTable table(way_22());
  table.ask(1, get_request("/p"), true);
  table.origin();
  EXPECT_EQ(table.answer(1, one, true).substr(0, 3), "502");
  for (const auto* content : {"", "too long"}) {
    ProxyTable begun(way_22());
    begun.ask(1, get_request("/p"), true);
    begun.origin();
    EXPECT_EQ(begun.answer(1, one), "200");
    EXPECT_EQ(begun.answer({data(1, content, true)}), "rst:INTERNAL_ERROR") << content;
  }
}

// PXY-11, BODY-05, RES-10
TEST(Proxy22, EarlyOctetsWaitOrAreThrownAway) {
  ProxyTable table(way_22());
  table.ask(1, upgrade("p", {{"content-length", "5"}}));
  table.client({data(1, "helloearly")});
  EXPECT_EQ(table.origin(), "GET data:hello");
  EXPECT_EQ(table.answer(1, accept_p()), "101");
  EXPECT_EQ(table.origin(), "data:early");
  table.ask(3, upgrade("p"));
  table.client({data(3, "early")});
  EXPECT_EQ(table.origin(), "GET");
  EXPECT_EQ(table.answer(3, {{":status", "200"}}, true), "200 end rst:NO_ERROR");
  EXPECT_EQ(table.origin(), "end");
}

// PXY-09, TUN-04
TEST(Proxy22, ResetsHaveTheirOwnCodes) {
  ProxyTable table(way_22());
  table.ask(1, upgrade("p"));
  table.ask(3, connect("p"));
  table.answer(1, accept_p());
  table.answer(3, {{":status", "200"}});
  table.origin();
  EXPECT_EQ(table.answer({h2::rst_stream(1, 2)}), "rst:CONNECT_ERROR");
  EXPECT_EQ(table.answer({h2::rst_stream(3, 2)}), "rst:CANCEL");
  table.ask(5, upgrade("p"));
  table.ask(7, connect("p"));
  table.answer(5, accept_p());
  table.answer(7, {{":status", "200"}});
  table.origin();
  table.client({h2::rst_stream(5, 8), h2::rst_stream(7, 8)});
  EXPECT_EQ(table.origin(), "rst:CONNECT_ERROR rst:CANCEL");
  // With the connection behind all of its streams go.
  table.ask(9, upgrade("p"));
  table.answer(9, accept_p());
  table.ask(11, get_request(), true);
  EXPECT_EQ(table.origin_ends(), "rst:CONNECT_ERROR 502 end");
  table.ask(13, get_request(), true);
  EXPECT_EQ(table.proxy().links(), 2u);
  EXPECT_EQ(table.answer(1, {{":status", "200"}}, true, 1), "200 end");
}

// TUN-10
TEST(Proxy22, GoawayBehindLeavesChannelsAlone) {
  ProxyTable table(way_22());
  table.ask(1, upgrade("p"));
  table.answer(1, accept_p());
  EXPECT_EQ(table.answer({h2::goaway(1, 0)}), "");
  EXPECT_EQ(table.answer({data(1, "still")}), "data:still");
  table.ask(3, get_request(), true);
  EXPECT_EQ(table.proxy().links(), 2u);
}

// ATT-03, ATT-04, RES-04: the attribute is dropped, its field is not. RFC 9113 8.2.2: `te` stands in requests alone.
TEST(Proxy22, OnlyAttributesThatTakeEffectGoOn) {
  ProxyTable table(way_22());
  table.ask(1, upgrade("p; X; cookie;x, q; authorization", {{"x", "1"}, {"cookie", "a=b"}}));
  EXPECT_EQ(table.origin(), "GET");
  EXPECT_EQ(table.behind().last_section(), upgrade("p; x, q", {{"x", "1"}, {"cookie", "a=b"}, {"via", "2.0 upspec"}}));
  EXPECT_EQ(table.answer(1, {{":status", "101"}, {":upgrade", "p; y; set-cookie"}, {"set-cookie", "c=d"}, {"te", "x"}}),
            "101");
  EXPECT_EQ(table.front().field(":upgrade"), "p; y");
  EXPECT_EQ(table.front().field("set-cookie"), "c=d");
  EXPECT_EQ(table.front().field("te"), "(none)");
}

// PXY-07, XC-14, XC-16
TEST(Proxy22, BadAnswers) {
  struct Row {
    Fields request;
    Fields answer;
    bool end;
    std::string heard;
  };
  for (const auto& [request, answer, end, heard] : std::vector<Row>{
           {upgrade("p"), {{":status", "101"}}, false, "502 end rst:NO_ERROR"},
           {upgrade("p"), {{":status", "101"}, {":upgrade", "q"}}, false, "502 end rst:NO_ERROR"},
           {upgrade("p"), {{":status", "101"}, {":upgrade", "p"}}, true, "502 end rst:NO_ERROR"},
           {connect("p"), {{":status", "101"}}, false, "502 end rst:NO_ERROR"},
           {connect("p"), {{":status", "200"}}, true, "502 end rst:NO_ERROR"},
           {connect("p"), {{":status", "404"}}, true, "404 end rst:NO_ERROR"},
           {get_request(), {{":status", "101"}, {":upgrade", "p"}}, false, "502 end rst:NO_ERROR"},
           {upgrade("p"), {{":status", "426"}, {":upgrade", "q; x"}}, true, "426 end rst:NO_ERROR"},
       }) {
    ProxyTable table(way_22());
    table.ask(1, request);
    EXPECT_EQ(table.answer(1, answer, end), heard);
    if (heard.starts_with("426")) EXPECT_EQ(table.front().field(":upgrade"), "q; x");
  }
}

TEST(Proxy22, TheOriginsLimitOnStreamsOpensAnotherConnection) {
  ProxyTable table(way_22());
  table.origin_settings = {{h2::setting::enable_upgrade, 1}, {h2::setting::max_concurrent_streams, 2}};
  for (std::uint32_t stream = 1; stream < 11; stream += 2) table.ask(stream, upgrade("p"));
  EXPECT_EQ(table.proxy().links(), 3u);
}

// PXY-10
TEST(Proxy22, WindowsAreGivenBackOnlyAsOctetsGoOn) {
  ProxyTable table(way_22());
  table.ask(1, upgrade("p"));
  table.answer(1, accept_p());
  // The client's window is 65,535; so is ours for the origin.
  std::size_t sent = 0;
  for (; sent < 65'000; sent += 13'000) table.answer({data(1, std::string(13'000, 'y'))});
  const auto first = table.behind().window_given(1);
  EXPECT_LE(first, sent);
  for (int n = 0; n < 4; ++n, sent += 13'000) table.answer({data(1, std::string(13'000, 'y'))});
  table.client({h2::window_update(0, 1u << 20), h2::window_update(1, 1u << 20)});
  std::size_t heard = 0;
  for (const auto& frame : table.front().frames())
    if (frame.is(h2::FrameType::data)) heard += frame.payload.size();
  EXPECT_EQ(heard, sent);
  table.origin();
  EXPECT_GE(table.behind().window_given(1) + 65'535, sent);
}

}  // namespace
}  // namespace upspec
