// For the tests of translate.hpp: requests in both forms.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/text.hpp"
#include "upgrade/translate.hpp"

namespace upspec {

inline constexpr std::string_view key = "dGhlIHNhbXBsZSBub25jZQ==";

// A request with `:upgrade` (left out where empty) and fields.
inline h2::FieldSection ask(const std::string& upgrade, const h2::FieldSection& fields = {}) {
  h2::FieldSection section = {{":method", "GET"}, {":scheme", "http"}, {":authority", "a.example"}, {":path", "/p?q"}};
  if (!upgrade.empty()) section.push_back({":upgrade", upgrade});
  section.insert(section.end(), fields.begin(), fields.end());
  return section;
}

inline h2::FieldSection connect(const std::string& protocol, const h2::FieldSection& fields = {}) {
  h2::FieldSection section = {{":method", "CONNECT"},
                              {":protocol", protocol},
                              {":scheme", "http"},
                              {":authority", "a.example"},
                              {":path", "/p?q"}};
  section.insert(section.end(), fields.begin(), fields.end());
  return section;
}

inline h1::RequestHead head_of(std::string_view octets) {
  const auto head = h1::parse_request_head(as_octets(octets));
  EXPECT_TRUE(head) << quoted(octets) << (head ? "" : head.error().text);
  return head.value_or(h1::RequestHead{});
}

// The two examples of the proposal, as HTTP/2 and as HTTP/1.1 (no `:authority` there, so `Host` is empty).
struct Example {
  h2::FieldSection section;
  std::string octets;
};
inline const std::vector<Example> proposal = {
    {{{":method", "GET"},
      {":scheme", "https"},
      {":path", "/chat"},
      {":upgrade", "websocket"},
      {"sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="},
      {"sec-websocket-protocol", "chat, superchat"},
      {"sec-websocket-version", "13"}},
     "GET /chat HTTP/1.1\r\nHost: \r\nUpgrade: websocket\r\nConnection: upgrade\r\n"
     "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-protocol: chat, "
     "superchat\r\nsec-websocket-version: 13\r\n\r\n"},
    {{{":method", "GET"},
      {":scheme", "http"},
      {":path", "/"},
      {":upgrade", "h2c; http2-settings"},
      {"http2-settings", "AAMAAABkAAQAAP__"}},
     "GET / HTTP/1.1\r\nHost: \r\nUpgrade: h2c\r\nConnection: upgrade, "
     "http2-settings\r\nhttp2-settings: AAMAAABkAAQAAP__\r\n\r\n"}};

}  // namespace upspec
