// A script: what a fuzzer says to an implementation, step by step, as a value. It has a compact binary form that any
// octets are (the fuzzer's), and a text form for people and for version control. It knows nothing of who plays it.
//
//   front    what speaks to the implementation's front: a client. Server and proxy have one.
//   behind   what the implementation itself speaks to: a server, an origin. Client and proxy have one.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/octets.hpp"
#include "base/result.hpp"
#include "h2/frame.hpp"
#include "h2/hpack.hpp"

namespace upspec::script {

// What is under test, and which HTTP its ends speak: proxy_21 has HTTP/2 in front and HTTP/1.1 behind.
enum class Role : std::uint8_t { server, client, proxy_21, proxy_12, proxy_22 };
enum class End : std::uint8_t { front, behind };

// The n-th connection of that end, in the order in which they were opened.
struct LinkId {
  End end = End::front;
  std::uint8_t number = 0;
  auto operator<=>(const LinkId&) const = default;
};

bool has(Role role, End end);
bool speaks_h2(Role role, End end);  // false: HTTP/1.1

// ---- Steps. `stream`: behind HTTP/2, where the implementation numbers the streams, 1 is the first that it opened, 3
// the second. On HTTP/1.1 only octets, raw, waits and ends mean something.

struct FrameStep {  // any frame, as it is
  h2::Frame frame;
  bool operator==(const FrameStep&) const = default;
};
// In a value "${accept}" becomes the `sec-websocket-accept` for the key that the link's last request carried.
struct SectionStep {
  std::uint32_t stream = 1;
  h2::FieldSection fields;
  bool end = false;
  h2::FieldForm form;
  std::uint8_t cut = 0;  // octets of each fragment, HEADERS and CONTINUATION; 0: one frame
  bool operator==(const SectionStep& other) const;
};
// Content or channel, in as many DATA frames as windows ask for; HTTP/1.1: as they are.
struct OctetsStep {
  std::uint32_t stream = 1;
  Octets octets;
  bool end = false;
  bool operator==(const OctetsStep&) const = default;
};
struct WebSocketStep {  // one WebSocket frame of the channel
  std::uint32_t stream = 1;
  bool fin = true;
  std::uint8_t rsv = 0;     // three bits
  std::uint8_t opcode = 1;  // four
  bool masked = true;
  Octets payload;
  bool operator==(const WebSocketStep&) const = default;
};
// As it is; "${accept}" is filled in as above.
struct RawStep {
  Octets octets;
  bool operator==(const RawStep&) const = default;
};
enum class Awaited : std::uint8_t { settings, ack, section, octets, end, quiescent };
bool names_stream(Awaited what);
// What never comes is not waited for: once nothing moves any more the script goes on.
struct WaitStep {
  Awaited what = Awaited::quiescent;
  std::uint32_t stream = 1;  // of section, octets, end
  std::uint32_t octets = 0;  // of the stream since it began; HTTP/1.1: of the connection
  bool operator==(const WaitStep&) const = default;
};
struct HalfCloseStep {  // the transport's FIN
  bool operator==(const HalfCloseStep&) const = default;
};
struct AbortStep {  // the transport's reset
  bool operator==(const AbortStep&) const = default;
};

// How a step's octets are written: 0 in one write, 1 to 254 that many at a time, `joined` with what the same link
// writes next.
inline constexpr std::uint8_t joined = 255;

struct Step {
  LinkId link;
  std::uint8_t split = 0;
  std::variant<FrameStep, SectionStep, OctetsStep, WebSocketStep, RawStep, WaitStep, HalfCloseStep, AbortStep> what;
  bool operator==(const Step&) const = default;
};

struct Script {
  Role role = Role::server;
  // What an HTTP/2 end does by itself, unless these say no.
  bool greets = true;         // preface, and SETTINGS that allow what is under test
  bool acknowledges = true;   // SETTINGS and PING
  bool gives_windows = true;  // back, as DATA comes
  std::vector<Step> steps;
  bool operator==(const Script&) const = default;
};

inline constexpr std::size_t most_steps = 200;
inline constexpr std::size_t most_fields = 100;
inline constexpr std::uint8_t most_links = 4;            // of an end
inline constexpr std::size_t largest_octets = 1u << 16;  // of one step

// Any octets are a script: what is missing at the end is empty, what is beyond the limits is left out.
Script decode(OctetView octets);
// decode(encode(script)) is the script, as far as it keeps the limits.
Octets encode(const Script& script);

// One line a step, one line a field:
//   script server
//   front section 1 end
//     :method: GET
//   front wait section 1
//   front websocket 1 text "hello" split=1
//   behind.1 raw "HTTP/1.1 101 Switching Protocols\r\n"
//     "Upgrade: websocket\r\n\r\n"
std::string print(const Script& script);
std::string print(const Step& step);
// parse(print(script)) is the script. An error is "line N: what is wrong".
Result<Script> parse(std::string_view text);

// Either form: a text begins with "script" or a comment.
Result<Script> read(OctetView octets);

std::string_view name_of(Role role);
std::string name_of(LinkId link);  // "front", "behind.1"

}  // namespace upspec::script
