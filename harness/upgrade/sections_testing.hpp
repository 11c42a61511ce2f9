// For tests: the sections of the proposal and of RFC 8441, small edits of them, and breaches as one line of ids.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "h2/hpack.hpp"
#include "upgrade/breach.hpp"

namespace upspec {

// The proposal's first example, with an authority.
inline h2::FieldSection websocket_request() {
  return {{":method", "GET"},
          {":scheme", "https"},
          {":authority", "example.com"},
          {":path", "/chat"},
          {":upgrade", "websocket"},
          {"sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="},
          {"sec-websocket-protocol", "chat, superchat"},
          {"sec-websocket-version", "13"}};
}
inline h2::FieldSection websocket_accept() {
  return {{":status", "101"},
          {":upgrade", "websocket"},
          {"sec-websocket-accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="},
          {"sec-websocket-protocol", "chat"}};
}

// Its second.
inline h2::FieldSection h2c_request() {
  return {{":method", "GET"},
          {":scheme", "http"},
          {":path", "/"},
          {":upgrade", "h2c; http2-settings"},
          {"http2-settings", "AAMAAABkAAQAAP__"}};
}
inline h2::FieldSection h2c_accept() { return {{":status", "101"}, {":upgrade", "h2c"}}; }

// RFC 8441 5.1.
inline h2::FieldSection connect_request() {
  return {{":method", "CONNECT"},
          {":protocol", "websocket"},
          {":scheme", "https"},
          {":path", "/chat"},
          {":authority", "server.example.com"},
          {"sec-websocket-protocol", "chat, superchat"},
          {"sec-websocket-extensions", "permessage-deflate"},
          {"sec-websocket-version", "13"},
          {"origin", "http://www.example.com"}};
}
inline h2::FieldSection connect_accept() { return {{":status", "200"}, {"sec-websocket-protocol", "chat"}}; }

inline h2::FieldSection get_request() {
  return {{":method", "GET"}, {":scheme", "https"}, {":authority", "example.com"}, {":path", "/"}};
}

// The first field of that name gets the value; where there is none, it is added (a pseudo-header in front of the
// fields).
inline h2::FieldSection with(h2::FieldSection section, std::string_view name, std::string_view value) {
  const auto same = std::ranges::find(section, name, &h2::Field::name);
  if (same != section.end()) {
    same->value = std::string(value);
    return section;
  }
  const auto regular = std::ranges::find_if(section, [](const h2::Field& f) { return !f.name.starts_with(':'); });
  section.insert(name.starts_with(':') ? regular : section.end(), {std::string(name), std::string(value)});
  return section;
}
inline h2::FieldSection first(h2::FieldSection section, std::string_view name, std::string_view value) {
  section.insert(section.begin(), {std::string(name), std::string(value)});
  return section;
}
inline h2::FieldSection last(h2::FieldSection section, std::string_view name, std::string_view value) {
  section.push_back({std::string(name), std::string(value)});
  return section;
}
inline h2::FieldSection without(h2::FieldSection section, std::string_view name) {
  std::erase_if(section, [&](const h2::Field& f) { return f.name == name; });
  return section;
}

// "REQ-01 REQ-05", each once, in the order in which they were found; "" for none.
inline std::string ids(const std::vector<Breach>& breaches) {
  std::string all;
  for (const auto& breach : breaches) {
    if ((" " + all + " ").find(" " + breach.requirement + " ") != std::string::npos) continue;
    all += (all.empty() ? "" : " ") + breach.requirement;
  }
  return all;
}

// The same with what was wrong, for a test's message.
inline std::string texts(const std::vector<Breach>& breaches) {
  std::string all;
  for (const auto& breach : breaches) all += breach.requirement + ": " + breach.text + "\n";
  return all;
}

}  // namespace upspec
