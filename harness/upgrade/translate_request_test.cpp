#include "upgrade/sections.hpp"
#include "upgrade/translate_testing.hpp"

namespace upspec {
namespace {

using namespace std::string_literals;
using h2::FieldSection;

TEST(TranslateRequest, ThereAndBackIsTheIdentity) {
  const auto settings = FieldSection{{"http2-settings", ""}, {"cookie", "a; b"}, {"x", "\x80 \t y"}};
  for (const auto& request :
       {ask("p"), ask("h2c; http2-settings", settings), ask("a/1; x; absent", settings), ask("p; x, q; x", settings),
        ask("", {{"content-length", "3"}}),
        ask("p", {{"x", "1"}, {"x", "2"}, {"content-length", "3"}, {"expect", "100-continue"}, {"te", "trailers"}}),
        ask("")}) {
    const auto head = request_21(request, false, key);
    ASSERT_TRUE(head);
    const auto read = h1::parse_request_head(as_octets(h1::print(*head)));
    EXPECT_EQ(read, *head);
    EXPECT_EQ(request_12(*head, "http", Dialect::upgrade), request) << h1::print(*head);
    EXPECT_EQ(request_21(*request_12(*head, "http", Dialect::upgrade), false, key), *head);
  }
  for (const auto& request : {connect("websocket", {{"sec-websocket-version", "13"}, {"x", "y"}}), connect("other/1"),
                              connect("WebSocket")}) {
    const auto head = request_21(request, false, key);
    ASSERT_TRUE(head);
    EXPECT_EQ(request_12(*head, "http", Dialect::connect), request) << h1::print(*head);
  }
}

TEST(TranslateRequest, WhatComesOutOfItIsWellFormed) {
  for (const auto& [section, octets] : proposal) {
    for (std::size_t at = 0; at < octets.size(); ++at) {
      for (const char c : "\r\n\0 ,;:a\x80"s) {
        auto changed_octets = octets;
        changed_octets[at] = c;
        const auto head = h1::parse_request_head(as_octets(changed_octets));
        if (!head) continue;
        for (const auto hop : {Dialect::upgrade, Dialect::connect}) {
          const auto carried = request_12(*head, "http", hop);
          if (!carried) continue;
          EXPECT_TRUE(check_request(*carried, {true, true}).empty()) << quoted(changed_octets);
        }
      }
    }
    for (std::size_t field = 0; field < section.size(); ++field) {
      for (const char c : "\r\n\0 ,;:a\x80"s) {
        for (std::size_t at = 0; at <= section[field].value.size(); ++at) {
          auto changed_section = section;
          changed_section[field].value.insert(at, 1, c);
          const auto head = request_21(changed_section, false, key);
          if (!head) continue;
          EXPECT_EQ(h1::parse_request_head(as_octets(h1::print(*head))), *head);
        }
      }
    }
  }
}

}  // namespace
}  // namespace upspec
