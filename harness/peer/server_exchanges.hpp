// For tests: exchanges with the reference server, in each of which some violation shows.
#pragma once

#include <algorithm>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "peer/frames_client.hpp"

namespace upspec {

using h2::FieldSection;
using Dialogue = std::function<void(FramesClient&)>;

inline const std::string hello = websocket_frame(ws::Opcode::text, "hello");
inline const std::string bye = websocket_frame(ws::Opcode::close, "\x03\xe8");

inline FieldSection xc() { return websocket_offer(Dialect::connect); }
inline FieldSection ws_offer() { return websocket_offer(); }

inline Dialogue ask_ended(FieldSection section) {
  return [section](FramesClient& c) { c.request(1, section, true); };
}
// Each value of `:upgrade` in one exchange, on streams of their own.
inline Dialogue values(std::vector<std::string> all) {
  return [all](FramesClient& c) {
    std::uint32_t id = 1;
    for (const auto& value : all) c.request(std::exchange(id, id + 2), with_value(ws_offer(), ":upgrade", value));
  };
}
inline Dialogue sections(std::vector<FieldSection> all) {
  return [all](FramesClient& c) {
    std::uint32_t id = 1;
    for (const auto& section : all) c.request(std::exchange(id, id + 2), section);
  };
}
inline Dialogue content(FieldSection section, std::vector<std::string> pieces, bool end = false) {
  return [=](FramesClient& c) {
    c.request(1, section);
    for (std::size_t i = 0; i < pieces.size(); ++i) c.send({c.data(1, pieces[i], end && i + 1 == pieces.size())});
  };
}
inline FieldSection sized(FieldSection section, std::string length) {
  return with_value(std::move(section), "content-length", std::move(length));
}
inline FieldSection plus(FieldSection section, std::string name, std::string value) {
  const auto at = name.starts_with(':') ? section.begin() : section.end();
  section.insert(at, {std::move(name), std::move(value)});
  return section;
}
inline FieldSection late(FieldSection section, std::string name) {
  const std::string value = *h2::find(section, name);
  section = without(std::move(section), name);
  section.push_back({std::move(name), value});
  return section;
}
inline Dialogue written(FieldSection section, h2::FieldForm form, bool primed) {
  return [=](FramesClient& c) {
    if (primed) c.request(1, section);
    const auto block = c.encoder().encode(section, form);
    c.send({h2::headers(3, block, h2::flag::end_headers)});
  };
}
inline Dialogue cut(FieldSection section, std::size_t piece) {
  return [=](FramesClient& c) {
    const auto block = c.encoder().encode(section);
    std::vector<h2::Frame> frames{h2::headers(1, OctetView(block).first(piece), 0)};
    for (std::size_t at = piece; at < block.size(); at += piece) {
      frames.push_back(h2::continuation(1, OctetView(block).subspan(at, std::min(piece, block.size() - at)), 0));
    }
    frames.back().flags |= h2::flag::end_headers;
    c.send(frames);
  };
}
inline FieldSection h2c_offer(std::string settings = "AAMAAABkAAQAAP__") {
  return {{":method", "GET"},
          {":scheme", "http"},
          {":authority", "test"},
          {":path", "/"},
          {":upgrade", "h2c; http2-settings"},
          {"http2-settings", std::move(settings)}};
}
inline std::string many_attributes(int count, const std::string& last) {
  std::string value = "h2c";
  for (int i = 0; i < count; ++i) value += cat("; x-a", i);
  return cat(value, "; ", last);
}

inline const std::vector<std::pair<std::string, Dialogue>>& exchanges() {
  static const std::vector<std::pair<std::string, Dialogue>> all = {
      {"get", ask_ended(get())},
      {"websocket",
       [](FramesClient& c) {
         c.request(1, ws_offer());
         c.send({c.data(1, hello)});
         c.send({c.data(1, bye)});
         c.send({c.data(1, "", true)});
       }},
      {"connect websocket",
       [](FramesClient& c) {
         c.request(1, xc());
         c.send({c.data(1, hello)});
         c.send({c.data(1, bye)});
         c.send({c.data(1, "", true)});
       }},
      {"raw", content(raw_offer(), {"ab", "c", ""}, true)},
      {"connect raw", content(raw_offer(Dialect::connect), {"ab", "c", ""}, true)},
      {"settings with a channel",
       [](FramesClient& c) {
         c.request(1, raw_offer());
         c.send({h2::settings({{h2::setting::initial_window_size, 0}})});
         c.send({c.data(1, "abc")});
       }},
      {"client's 0",
       [](FramesClient& c) {
         c.send({h2::settings({{h2::setting::enable_upgrade, 0}})});
         c.request(1, ws_offer());
       }},
      {"client's 1",
       [](FramesClient& c) {
         c.send({h2::settings({{h2::setting::enable_upgrade, 1}})});
         c.request(1, ws_offer());
       }},
      {"pseudo-headers",
       sections({without(ws_offer(), ":method"), without(ws_offer(), ":scheme"), without(ws_offer(), ":path"),
                 with_value(ws_offer(), ":method", ""), with_value(ws_offer(), ":scheme", ""),
                 with_value(ws_offer(), ":path", ""), plus(ws_offer(), ":method", "GET"),
                 plus(ws_offer(), ":scheme", "http"), plus(ws_offer(), ":path", "/"),
                 plus(ws_offer(), ":upgrade", "websocket"), plus(ws_offer(), ":odd", "x"),
                 without(ws_offer(), ":authority"), late(ws_offer(), ":upgrade")})},
      {"methods", sections({with_value(raw_offer(), ":method", "POST"), with_value(raw_offer(), ":method", "BREW"),
                            with_value(raw_offer(), ":method", "CONNECT"), with_value(raw_offer(), ":method", "HEAD"),
                            with_value(ws_offer(), ":method", "POST")})},
      {"head", ask_ended(with_value(get(), ":method", "HEAD"))},
      {"connection fields",
       sections({plus(ws_offer(), "connection", "upgrade"), plus(ws_offer(), "upgrade", "websocket"),
                 plus(ws_offer(), "keep-alive", "x"), plus(ws_offer(), "proxy-connection", "x"),
                 plus(ws_offer(), "transfer-encoding", "chunked"), plus(ws_offer(), "te", "gzip"),
                 plus(ws_offer(), "te", "trailers"), plus(ws_offer(), "upgrade", "")})},
      {"trailers",
       [](FramesClient& c) {
         c.request(1, with_value(get(), ":method", "POST"));
         c.send({c.headers(1, {{":upgrade", "websocket"}}, true)});
       }},
      {"trailers of an offer",
       [](FramesClient& c) {
         c.request(1, sized(raw_offer(), "7"));
         c.send({c.data(1, "cont"), c.headers(1, {{":upgrade", "upspec-echo"}}, true)});
       }},
      {"grammar", values({"", "websocket, , h2c", "; x", "websocket,", "websocket;", "websocket;; x", "websocket; a=b",
                          "\"websocket\"", "websocket(x)", "websocket/", " websocket", "web socket", "websocket\v",
                          "web\x01socket", std::string("web\0socket", 10), "web\rsocket", "web\nsocket",
                          "web\x7fsocket", "web\x80socket"})},
      {"capitals", values({"WebSocket"})},
      {"lists", values({"unheard-of, websocket", "websocket, unheard-of"})},
      {"unknown", values({"unheard-of", "websocket/unheard-of"})},
      {"unknown and ended", ask_ended(with_value(ws_offer(), ":upgrade", "unheard-of"))},
      {"unknown with content", content(sized(with_value(ws_offer(), ":upgrade", "unheard-of"), "2"), {"ab"})},
      {"unknown elsewhere", sections({with_value(ws_offer(), ":path", "/elsewhere")})},
      {"ended offer", ask_ended(raw_offer())},
      {"never-indexed", written(ws_offer(), {.indexing = h2::Indexing::never}, false)},
      {"without indexing", written(ws_offer(), {.indexing = h2::Indexing::without}, false)},
      {"plain", written(ws_offer(), {.huffman = false}, false)},
      {"dynamic", written(ws_offer(), {}, true)},
      {"dynamic name", written(with_value(ws_offer(), ":upgrade", "WebSocket"), {.indexing = h2::Indexing::incremental}, true)},
      {"two pieces", cut(ws_offer(), 40)},
      {"octets of a block", cut(ws_offer(), 1)},
      {"octet by octet", [](FramesClient& c) { c.send_octets(h2::serialise(c.headers(1, ws_offer())), 1); }},
      {"table size",
       [](FramesClient& c) {
         c.encoder().limit_table(100);
         c.request(1, ws_offer());
       }},
      {"framing attributes",
       values({"websocket; connection", "websocket; close", "websocket; keep-alive", "websocket; proxy-connection",
               "websocket; transfer-encoding", "websocket; te", "websocket; trailer", "websocket; upgrade",
               "websocket; host", "websocket; content-length", "websocket; expect", "websocket, h2c; te",
               "websocket; TE"})},
      {"attributes for all", values({"websocket; cookie"})},
      {"attributes", values({"websocket; x-a; x-a", "websocket; x-a", "websocket;x-a", "websocket; x-a,h2c",
                             "websocket;\tx-a", "websocket;  x-a", "websocket ; x-a", "websocket, h2c; sec-websocket-key"})},
      {"very long", values({many_attributes(1000, "x-a")})},
      {"h2c attributes",
       sections({h2c_offer(), with_value(h2c_offer(), ":upgrade", "h2c; x-a; http2-settings"),
                 with_value(h2c_offer(), ":upgrade", many_attributes(15, "http2-settings")),
                 with_value(h2c_offer(), ":upgrade", cat("h2c; ", std::string(900, 'x'), "; http2-settings")),
                 with_value(h2c_offer(), ":upgrade", "h2c, websocket; http2-settings"),
                 with_value(h2c_offer(), ":upgrade", "h2c; HTTP2-Settings"),
                 with_value(h2c_offer(), ":upgrade", "h2c; http2-settings; http2-settings"),
                 with_value(h2c_offer(), ":upgrade", "h2c")})},
      {"named fields", [](FramesClient& c) {
         const auto offer = with_value(ws_offer(), ":upgrade", "websocket; x-a");
         std::uint32_t id = 1;
         for (const auto& value : {std::string("a\0b", 3), std::string("a\rb"), std::string("a\nb"), std::string(" a")})
           c.request(std::exchange(id, id + 2), plus(offer, "x-a", value));
         c.request(9, plus(offer, "X-A", "a"));
         c.request(11, plus(offer, "x-a b", "a"));
         c.request(13, plus(offer, "x:a", "a"));
       }},
      {"content", content(sized(raw_offer(), "3"), {"ab", "cXY", "Z"})},
      {"content and no more", content(sized(raw_offer(), "3"), {"abc"})},
      {"long content", content(sized(raw_offer(), "40000"),
                               {std::string(15000, 'a'), std::string(15000, 'b'), std::string(10000, 'c')})},
      {"no content", content(sized(raw_offer(), "0"), {"XY"})},
      {"no length", content(raw_offer(), {"XY", "Z"})},
      {"together", [](FramesClient& c) { c.send({c.headers(1, raw_offer()), c.data(1, "XY")}); }},
      {"early octets of a decline",
       [](FramesClient& c) { c.send({c.headers(1, with_value(raw_offer(), ":path", "/")), c.data(1, "XY")}); }},
      {"expect", content(plus(sized(raw_offer(), "2"), "expect", "100-continue"), {"ab"})},
      {"early end", ask_ended(sized(raw_offer(), "3"))},
      {"early end of data", content(sized(raw_offer(), "3"), {"ab"}, true)},
      {"odd lengths", sections({sized(raw_offer(), "x"), sized(raw_offer(), "+0"), sized(raw_offer(), "0, 0"),
                                sized(raw_offer(), "99999999999999999999999"), sized(raw_offer(), "0 0"),
                                plus(sized(raw_offer(), "0"), "content-length", "1")})},
      {"headers on a channel",
       [](FramesClient& c) {
         c.request(1, raw_offer());
         c.request(1, {{"x", "y"}}, true);
       }},
      {"subprotocols",
       [](FramesClient& c) {
         c.request(1, plus(ws_offer(), "sec-websocket-protocol", "other, chat"));
         c.request(3, plus(ws_offer(), "sec-websocket-protocol", "other"));
         c.request(5, plus(ws_offer(), "sec-websocket-extensions", "permessage-deflate"));
       }},
      {"keys", sections({without(ws_offer(), "sec-websocket-key"), plus(ws_offer(), "sec-websocket-key", "AAAAAAAAAAAAAAAAAAAAAA=="),
                         with_value(ws_offer(), "sec-websocket-key", ""), with_value(ws_offer(), "sec-websocket-key", "AAAA"),
                         with_value(ws_offer(), "sec-websocket-key", "not base64!")})},
      {"versions", sections({with_value(ws_offer(), "sec-websocket-version", "8"), without(ws_offer(), "sec-websocket-version"),
                             with_value(xc(), "sec-websocket-version", "8"), with_value(xc(), "sec-websocket-version", "013"),
                             plus(get("/echo"), "sec-websocket-version", "13")})},
      {"http2-settings",
       sections({without(h2c_offer(), "http2-settings"), plus(h2c_offer(), "http2-settings", ""), h2c_offer("AAMAAABkAAQAAP__=="),
                 h2c_offer("!"), h2c_offer("AAMAAABkAAQ")})},
      {"connect pseudo-headers",
       sections({with_value(xc(), ":method", "GET"), without(xc(), ":scheme"), without(xc(), ":path"),
                 with_value(xc(), ":path", ""), plus(xc(), ":protocol", "websocket"), with_value(xc(), ":protocol", ""),
                 late(xc(), ":protocol"), without(xc(), ":authority")})},
      {"connect keys", sections({plus(xc(), "sec-websocket-key", "short")})},
      {"connect connection fields", sections({plus(xc(), "connection", "upgrade"), plus(xc(), "upgrade", "websocket"),
                 plus(xc(), "keep-alive", "x"), plus(xc(), "proxy-connection", "x"),
                 plus(xc(), "transfer-encoding", "chunked"), plus(xc(), "te", "gzip")})},
      {"connect unknown", sections({with_value(xc(), ":protocol", "unheard-of")})},
      {"padded",
       [](FramesClient& c) {
         Octets padded{3};
         append(padded, c.encoder().encode(ws_offer()));
         padded.insert(padded.end(), 3, 0);
         c.send({h2::headers(1, padded, h2::flag::end_headers | h2::flag::padded)});
       }},
      {"attributes of several offers",
       sections({with_value(ws_offer(), ":upgrade", "websocket; x-a, h2c; x-a"),
                 plus(with_value(ws_offer(), ":upgrade", "websocket, h2c; http2-settings"), "http2-settings", "!"),
                 plus(with_value(ws_offer(), ":upgrade", "websocket; x-a"), "x-a", "\xe9")})},
      {"headers after the end",
       [](FramesClient& c) {
         c.request(1, ws_offer());
         c.send({c.data(1, hello), h2::data(1, {}, h2::flag::end_stream)});
         c.request(1, {{"x", "y"}}, true);
       }},
      {"other frames on a channel",
       [](FramesClient& c) {
         c.request(1, raw_offer());
         c.send({h2::priority(1, 0, 1)});
         c.send({h2::Frame{0x42, 0, 1, {1, 2}}});
         c.send({h2::ping(Octets(8))});
         c.send({h2::data(1, Octets(10000))});
         c.send({h2::push_promise(1, 2, {}, h2::flag::end_headers)});
       }},
      {"frames in pieces",
       [](FramesClient& c) {
         c.request(1, ws_offer());
         for (const char octet : hello) c.send({c.data(1, std::string_view(&octet, 1))});
       }},
      {"connect abort",
       [](FramesClient& c) {
         c.request(1, xc());
         c.send({h2::rst_stream(1, 8)});
       }},
      {"connect with neither", sections({without(without(xc(), ":scheme"), ":path")})},
      {"connect h2c", sections({with_value(xc(), ":protocol", "h2c")})},
      {"plain connect", sections({{{":method", "CONNECT"}, {":authority", "test:80"}}})},
  };
  return all;
}

}  // namespace upspec
