// The words of the protocol, for mutations: what a field, a frame or a head can hold that means something.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <utility>

#include "base/random.hpp"

namespace upspec::script {

inline constexpr auto protocols = std::to_array<std::string_view>(
    {"websocket", "WebSocket", "upspec-echo", "h2c", "unheard-of/7", "connect-udp", "HTTP/2", "tls/1.2", "h2"});

inline constexpr auto attributes = std::to_array<std::string_view>({"http2-settings",
                                                                    "sec-websocket-key",
                                                                    "x-a",
                                                                    "x-b",
                                                                    "X-A",
                                                                    "connection",
                                                                    "close",
                                                                    "keep-alive",
                                                                    "proxy-connection",
                                                                    "transfer-encoding",
                                                                    "te",
                                                                    "trailer",
                                                                    "upgrade",
                                                                    "host",
                                                                    "content-length",
                                                                    "expect",
                                                                    "authorization",
                                                                    "cookie",
                                                                    "set-cookie",
                                                                    "cache-control",
                                                                    "forwarded",
                                                                    "x-forwarded-for",
                                                                    "via"});

inline constexpr auto field_names = std::to_array<std::string_view>({":method",
                                                                     ":scheme",
                                                                     ":authority",
                                                                     ":path",
                                                                     ":upgrade",
                                                                     ":protocol",
                                                                     ":status",
                                                                     ":odd",
                                                                     "sec-websocket-key",
                                                                     "sec-websocket-version",
                                                                     "sec-websocket-protocol",
                                                                     "sec-websocket-extensions",
                                                                     "sec-websocket-accept",
                                                                     "http2-settings",
                                                                     "content-length",
                                                                     "transfer-encoding",
                                                                     "connection",
                                                                     "upgrade",
                                                                     "keep-alive",
                                                                     "proxy-connection",
                                                                     "te",
                                                                     "trailer",
                                                                     "host",
                                                                     "expect",
                                                                     "cookie",
                                                                     "authorization",
                                                                     "x-a",
                                                                     "X-A",
                                                                     "x a",
                                                                     "x-a:",
                                                                     ""});

inline constexpr auto field_values = std::to_array<std::string_view>({"",
                                                                      "GET",
                                                                      "POST",
                                                                      "CONNECT",
                                                                      "HEAD",
                                                                      "OPTIONS",
                                                                      "http",
                                                                      "https",
                                                                      "localhost",
                                                                      "/",
                                                                      "/raw",
                                                                      "/echo",
                                                                      "/none",
                                                                      "*",
                                                                      "200",
                                                                      "101",
                                                                      "100",
                                                                      "103",
                                                                      "204",
                                                                      "304",
                                                                      "426",
                                                                      "500",
                                                                      "099",
                                                                      "1000",
                                                                      "13",
                                                                      "12",
                                                                      "0",
                                                                      "1",
                                                                      "5",
                                                                      "+5",
                                                                      "5, 5",
                                                                      "5, 6",
                                                                      "0x5",
                                                                      "chunked",
                                                                      "identity",
                                                                      "upgrade",
                                                                      "close",
                                                                      "keep-alive",
                                                                      "trailers",
                                                                      "100-continue",
                                                                      "websocket",
                                                                      "${accept}",
                                                                      "AAMAAABk",
                                                                      "AAMAAABkAAQAAP__",
                                                                      "dGhlIHNhbXBsZSBub25jZQ==",
                                                                      "chat",
                                                                      "permessage-deflate",
                                                                      "a b",
                                                                      "a\r\nx: y",
                                                                      " a",
                                                                      "a ",
                                                                      "\xff"});

// What fields of a name hold, right or nearly so; "|" is between the values.
struct FieldWords {
  std::string_view name;
  std::string_view values;
};
inline constexpr auto field_words = std::to_array<FieldWords>(
    {{":method", "GET|POST|HEAD|OPTIONS|PUT|CONNECT|get"},
     {":scheme", "http|https|"},
     {":authority", "localhost|localhost:80|a@localhost|"},
     {":path", "/echo|/raw|/|/none|*|/raw?a|"},
     {":status", "200|101|100|103|204|304|400|426|500|099|1000"},
     {"content-length", "0|1|2|3|5|8|17|100"},
     {"expect", "100-continue|100-Continue|x"},
     {"te", "trailers|gzip|trailers, gzip|"},
     {"connection", "upgrade|close|keep-alive|te|x-a|"},
     {"transfer-encoding", "chunked|identity|gzip, chunked"},
     {"host", "localhost|a|"},
     {"http2-settings", "AAMAAABk|AAMAAABkAAQAAP__|AAQAAAAA||AA"},
     {"sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==|AAAAAAAAAAAAAAAAAAAAAA==|AAAA|"},
     {"sec-websocket-version", "13|12|8|13, 8"},
     {"sec-websocket-protocol", "chat|chat, superchat|superchat|x|"},
     {"sec-websocket-extensions", "permessage-deflate|permessage-deflate; server_no_context_takeover|x"},
     {"sec-websocket-accept", "${accept}|s3pPLMBiTxaQ9kYGzzhZRbK+xOo="}});

inline constexpr char odd_text[] = "\0\r\n\t ;,=:\"/\\\x7f\x80\xff()<>@[]{}?";
inline constexpr std::string_view odd_octets(odd_text, sizeof odd_text - 1);

// Numbers at which something changes.
inline constexpr auto numbers = std::to_array<std::uint32_t>(
    {0,   1,   2,    3,     5,     7,     8,     9,     16,         100,        125,       126,
     127, 255, 1000, 16383, 16384, 16385, 65535, 65536, 0x7fffffff, 0x80000000, 0xffffffff});

inline constexpr auto settings = std::to_array<std::uint16_t>({1, 2, 3, 4, 5, 6, 8, 9, 0xf101});

// Settings with values at which their meaning changes (RFC 9113 6.5.2, RFC 8441 3).
inline constexpr auto setting_words = std::to_array<std::pair<std::uint16_t, std::uint32_t>>(
    {{1, 0},          {1, 31},         {1, 4096},  {1, 65536}, {2, 0},        {2, 1},      {3, 0},
     {3, 1},          {3, 100},        {4, 0},     {4, 1},     {4, 16384},    {4, 65535},  {4, 65536},
     {4, 0x7fffffff}, {4, 0x80000000}, {5, 16384}, {5, 16385}, {5, 0xffffff}, {5, 16383},  {6, 0},
     {6, 100},        {6, 16384},      {8, 0},     {8, 1},     {8, 2},        {0xf101, 0}, {0xf101, 1}});

inline constexpr auto close_codes = std::to_array<std::uint16_t>(
    {1000, 1001, 1002, 1003, 1004, 1005, 1006, 1007, 1011, 1015, 2999, 3000, 4999, 5000, 0});

inline constexpr auto head_lines = std::to_array<std::string_view>(
    {"Upgrade: websocket\r\n",
     "Connection: upgrade\r\n",
     "Connection: close\r\n",
     "Connection: Upgrade, x-a\r\n",
     "Content-Length: 5\r\n",
     "Content-Length: 0\r\n",
     "Content-Length: 5, 5\r\n",
     "Transfer-Encoding: chunked\r\n",
     "Transfer-Encoding: identity\r\n",
     "Transfer-Encoding : chunked\r\n",
     "Host: a\r\n",
     "Host: b\r\n",
     "Sec-WebSocket-Accept: ${accept}\r\n",
     "Sec-WebSocket-Version: 13\r\n",
     "Keep-Alive: timeout=5\r\n",
     "Proxy-Connection: close\r\n",
     "x-a: 1\r\n",
     "x a: 1\r\n",
     " folded\r\n",
     "no colon\r\n",
     "\r\n",
     "HTTP/1.1 100 Continue\r\n\r\n",
     "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
     "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
     "HTTP/1.1 426 Upgrade Required\r\nUpgrade: websocket\r\nContent-Length: 0\r\n\r\n",
     "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n",
     "5\r\nhello\r\n0\r\n\r\n"});

// One of them.
template <class List>
const auto& any_of(const List& list, Random& random) {
  return list[random.below(list.size())];
}
inline bool one_in(std::uint64_t times, Random& random) { return random.below(times) == 0; }

}  // namespace upspec::script
