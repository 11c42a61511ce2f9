// Each violation of the reference proxy changes something that a client or an origin sees, and each is in the table.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "peer/proxy_testing.hpp"
#include "ws/handshake.hpp"

namespace upspec {
namespace {

using namespace std::string_literals;

using Scene = std::string (*)(ProxyOptions);

const auto raw_switch = "HTTP/1.1 101 Ok\r\nUpgrade: p\r\nConnection: upgrade\r\n\r\n"s;
const auto empty_200 = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"s;

std::string print(const h2::FieldSection& section) {
  std::string text;
  for (const auto& field : section) text += cat(field.name, "=", field.value, "\n");
  return text;
}
// 21: an offer as it is seen behind, and the front's word where it never gets there.
std::string seen_behind(ProxyOptions options, const h2::FieldSection& request, bool end = false) {
  ProxyTable table(std::move(options));
  const auto words = table.ask(1, request, end);
  return words + "|" + (table.proxy().links() == 0 ? "" : table.origin());
}
std::string seen_in_front(ProxyOptions options, const h2::FieldSection& request, const std::string& answer) {
  ProxyTable table(std::move(options));
  table.ask(1, request);
  const auto words = table.answer(answer);
  std::string text = words + "|" + table.origin();
  for (const auto& frame : table.front().frames())
    if (frame.is(h2::FrameType::headers)) return text + print(table.front().last_section());
  return text;
}

template <class... Fields>
h2::FieldSection offer(std::string value, Fields... fields) {
  return upgrade(std::move(value), {fields...});
}

// What was said, in a channel of way 21.
template <class Talk>
std::string on_channel(ProxyOptions options, Talk talk) {
  ProxyTable table(std::move(options));
  table.ask(1, offer("p"));
  auto heard = table.origin() + table.answer(raw_switch) + "|";
  heard += talk(table);
  heard += cat("|", table.run(), "|", table.origin(), "|", table.proxy().finished());
  return heard;
}

std::string evil(ProxyOptions options) {
  std::string all;
  for (const auto& piece : {"\r"s, "\n"s, "\0"s, "\r\n"s, " "s}) {
    auto at_path = get_request("/p" + piece + "q");
    auto at_authority = get_request();
    at_authority[2].value = "a" + piece + "b";
    auto at_method = get_request();
    at_method[0].value = "G" + piece + "T";
    for (const auto& request : {at_path, at_authority, at_method, get_request("/p", {{"x", "1" + piece + "2"}}),
                                get_request("/p", {{"x", "1" + piece}}), get_request("/p", {{"x" + piece + "y", "1"}}),
                                offer("p" + piece + "q"), offer("p" + piece + "q; x")})
      all += upspec::quoted(seen_behind(options, request, true));
  }
  return all;
}

std::string reuse(ProxyOptions options) {
  std::string all;
  for (const auto& answer :
       {empty_200, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"s, empty_200 + empty_200}) {
    for (const auto* length : {"0", "5"}) {
      ProxyTable table(options);
      table.ask(1, offer("p", h2::Field{"content-length", length}));
      all += table.answer(answer);
      table.ask(3, get_request(), true);
      all += cat("(", table.proxy().links(), ")", table.run());
    }
  }
  return all;
}

std::string slow_client(ProxyOptions options) {
  ProxyTable table(std::move(options));
  table.ask(1, offer("p"));
  table.answer(raw_switch);
  std::size_t given = 0;
  for (; table.proxy().wants_input(0) && given < (1u << 20); given += 16384) table.answer(std::string(16384, 'x'));
  table.client({h2::window_update(0, 1u << 24)});
  table.ask(3, offer("p"));
  auto heard = table.proxy().links() < 2 ? "" : table.answer(raw_switch, 1) + table.answer("other", 1);
  table.client({h2::window_update(1, 1u << 24)});
  std::size_t came = 0;
  for (const auto& frame : table.front().frames())
    if (frame.is(h2::FrameType::data) && frame.stream == 1) came += frame.payload.size();
  return cat(given < (1u << 20), given == came, heard);
}

std::string slow_origin(ProxyOptions options) {
  ProxyTable table(std::move(options));
  table.ask(1, offer("p"));
  table.answer(raw_switch);
  table.origin();
  table.origin_reads = false;
  std::size_t given = 0;
  for (; given < 400'000 && given < 55'000 + table.front().window_given(1); given += 10'000)
    table.client({data(1, std::string(10'000, 'x'))});
  table.origin_reads = true;
  const auto heard = table.origin().size();
  table.client({h2::ping(as_octets("12345678"))});
  for (std::size_t n = 0; n < 80 && given < 55'000 + table.front().window_given(1); ++n, given += 10'000) {
    table.client({data(1, std::string(10'000, 'x'))});
    table.origin();
  }
  return cat(given < 400'000, heard, table.front().window_given(1) > 0, table.front().window_given(0) > 1'000'000);
}

std::string narrow_client(ProxyOptions options) {
  ProxyTable table(std::move(options));
  table.client({h2::settings({{h2::setting::initial_window_size, 5}})});
  table.ask(1, offer("p"));
  table.answer(raw_switch);
  return table.answer("longer than five");
}

std::string narrow_connection(ProxyOptions options) {
  ProxyTable table(std::move(options));
  table.client({h2::settings({{h2::setting::initial_window_size, 1u << 20}})});
  table.ask(1, offer("p"));
  table.answer(raw_switch);
  return table.answer(std::string(100'000, 'x'));
}

std::string failing_origin(ProxyOptions options) {
  std::string all;
  ProxyTable table(std::move(options));
  table.connects = false;
  table.ask(1, offer("p"));
  all += table.origin_refuses();
  table.connects = true;
  table.ask(3, offer("p"));
  all += table.origin_ends(Closing::reset, 1);
  table.ask(5, offer("p"));
  all += table.answer("garbage\r\n\r\n", 2);
  table.ask(7, offer("p"));
  table.proxy().timed_out(3);
  return all + table.run();
}

std::string key_in(const std::string& text) {
  const auto at = text.find("Sec-WebSocket-Key: ");
  return at == std::string::npos ? "" : text.substr(at + 19, text.find("\r\n", at) - at - 19);
}

std::string websocket(ProxyOptions options) {
  std::string all;
  for (const auto* digest : {"right", "wrong", "missing", "folded"}) {
    ProxyTable table(options);
    table.ask(1, connect("websocket", {{"sec-websocket-key", "Y2xpZW50J3Mgb3duIGtleQ=="}}));
    const auto request = table.origin();
    const auto right = ws::accept_for(key_in(request));
    const auto value = digest == "right"s ? right : digest == "wrong"s ? "x" : digest == "missing"s ? "" : lower(right);
    const auto field = value.empty() ? "" : cat("Sec-WebSocket-Accept: ", value, "\r\n");
    all += request;
    all += table.answer(
        cat("HTTP/1.1 103 Hi\r\n\r\nHTTP/1.1 101 Ok\r\nUpgrade: websocket\r\nConnection: upgrade\r\n", field, "\r\n"));
    all += print(table.front().last_section());
  }
  return all;
}

// 12
std::string in_12(ProxyOptions options, const std::string& fields, const h2::FieldSection& answer,
                  std::vector<h2::Setting> settings = {{h2::setting::enable_connect_protocol, 1},
                                                       {h2::setting::enable_upgrade, 1}}) {
  options.way = Way::h1_to_h2;
  ProxyTable table(std::move(options));
  table.origin_settings = std::move(settings);
  auto all = table.client("GET /p HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n");
  if (table.proxy().links() == 0) return all;
  all += table.origin();
  if (table.behind().frames().size() > 2) all += print(table.behind().last_section());
  return all + table.answer(1, answer) + table.origin();
}
std::string plain_12(ProxyOptions options) {
  return in_12(options, "Connection: upgrade, X, close, keep-alive\r\nUpgrade: p\r\nX: 1\r\nY: 2\r\n",
               {{":status", "101"}, {":upgrade", "p; z"}, {"z", "1"}}) +
         in_12(options, "Connection: Y\r\nUpgrade: p\r\nX: 1\r\nY: 2\r\n", {{":status", "101"}, {":upgrade", "p"}});
}
std::string websocket_12(ProxyOptions options) {
  const auto fields = "Connection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: Y2xpZW50J3Mgb3duIGtleQ==\r\n"s;
  return in_12(options, fields, {{":status", "200"}}, {{h2::setting::enable_connect_protocol, 1}}) +
         in_12(options, fields, {{":status", "200"}}, {});
}
std::string declined_12(ProxyOptions options) {
  options.way = Way::h1_to_h2;
  ProxyTable table(std::move(options));
  const auto offer = "GET /p HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: p\r\n\r\n"s;
  table.client(offer + "GET /stolen HTTP/1.1\r\nHost: a\r\n\r\n");
  return table.origin() + table.answer(1, {{":status", "200"}, {"content-length", "0"}}, true) + table.origin();
}

// 22
std::string plain_22(ProxyOptions options) {
  options.way = Way::h2_to_h2;
  std::string all;
  for (const auto& settings :
       {std::vector<h2::Setting>{}, std::vector<h2::Setting>{{h2::setting::enable_upgrade, 1}}}) {
    for (const auto& answer :
         {h2::FieldSection{{":status", "101"}, {":upgrade", "p"}}, h2::FieldSection{{":status", "101"}}}) {
      ProxyTable table(options);
      table.origin_settings = settings;
      table.ask(1, offer("p; x", h2::Field{"x", "1"}));
      all += table.origin() + print(table.behind().last_section());
      all += table.answer(1, answer);
      all += table.answer({h2::goaway(1, 0), data(1, "still here")});
      all += table.ask(3, connect("p"));
      all += table.client_ends() + table.origin();
    }
  }
  return all;
}

// SEC-01, SEC-04: does the proxy still listen?
std::string floods(ProxyOptions options) {
  std::string all;
  for (const auto& frame : {h2::ping(as_octets("12345678")), h2::settings({}), h2::window_update(0, 1), data(1, "")}) {
    ProxyTable table(options);
    table.ask(1, offer("p"));
    for (int n = 0; n < 1100; ++n) table.client({frame});
    all += cat(table.proxy().wants_input());
  }
  ProxyTable resets(options);
  for (std::uint32_t stream = 1; stream < 50; stream += 2) {
    resets.ask(stream, offer("p"));
    resets.client({h2::rst_stream(stream, 8)});
  }
  ProxyTable interim(options);
  interim.ask(1, offer("p"));
  for (int n = 0; n < 110; ++n) interim.answer("HTTP/1.1 103 Hi\r\n\r\n");
  return all + cat(resets.proxy().wants_input(), interim.proxy().wants_input());
}

// SEC-02, in small: it has an end.
std::string block_in_two(ProxyOptions options) {
  ProxyTable table(std::move(options));
  const Octets first = {0x82, 0x86, 0x84}, second = {0x41, 0x01, 'a'};
  table.client({h2::headers(1, first, h2::flag::end_stream), h2::continuation(1, second, h2::flag::end_headers)});
  return table.origin();
}

const auto long_value = std::string(600, 'x');

const std::vector<std::pair<std::string, Scene>> scenes = {
    {"attributes",
     [](ProxyOptions o) {
       std::string all;
       for (const auto& request :
            {offer("p; b; a", h2::Field{"b", "B"}, h2::Field{"a", "A"}, h2::Field{"c", "C"}),
             offer("p; host; a", h2::Field{"a", "A"}), offer("p; cookie", h2::Field{"cookie", "x"}),
             offer("p; a; a", h2::Field{"a", "A"}), offer("p; gone"), offer("p ;a", h2::Field{"a", "A"}),
             offer("p;\ta", h2::Field{"a", "A"}), offer("p; a1; a2; a3; a4; a5; a6; a7; a8; a9"),
             offer("p; " + long_value), offer("p; a, q; b", h2::Field{"a", "A"}, h2::Field{"b", "B"}),
             offer("websocket")})
         all += seen_behind(o, request) + "\n";
       return all;
     }},
    {"request-line",
     [](ProxyOptions o) {
       auto request = offer("p", h2::Field{"host", "b.example"}, h2::Field{"te", "trailers"}, h2::Field{"cookie", "x"},
                            h2::Field{"cookie", "y"});
       request[0].value = "POST";
       request[3].value = "/p%41?q";
       return seen_behind(std::move(o), request);
     }},
    {"accept",
     [](ProxyOptions o) {
       std::string all;
       for (const auto* fields : {"Upgrade: p\r\nConnection: upgrade, close, keep-alive, X, cookie\r\nX: 1\r\nY: 2\r\n",
                                  "Connection: upgrade\r\n", "Upgrade: q\r\nConnection: upgrade\r\n",
                                  "Upgrade: p\r\nConnection: upgrade\r\nContent-Length: 2\r\n",
                                  "Upgrade: p\r\nConnection: upgrade\r\nTransfer-Encoding: chunked\r\n"})
         all += seen_in_front(
             o, offer("p"),
             cat("HTTP/1.1 103 a\r\n\r\nHTTP/1.1 104 b\r\n\r\nHTTP/1.1 101 Ok\r\n", fields, "\r\nfirst octets"));
       return all;
     }},
    {"declines",
     [](ProxyOptions o) {
       std::string all;
       for (const auto& request : {offer("p"), get_request(), connect("websocket"), connect("p")})
         for (
             const auto& answer :
             {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: X\r\nX: 1\r\nKeep-Alive: 5\r\nProxy-Connection: x\r\n\r\nhi"s,
              "HTTP/1.1 404 No\r\nTransfer-Encoding: chunked\r\nX: 1\r\n\r\n0\r\n\r\n"s,
              "HTTP/1.1 426 No\r\nUpgrade: q\r\nContent-Length: 0\r\n\r\n"s, raw_switch})
           all += seen_in_front(o, request, answer) + "\n";
       return all;
     }},
    {"content",
     [](ProxyOptions o) {
       std::string all;
       for (const auto& answer : {raw_switch, empty_200}) {
         ProxyTable table(o);
         table.ask(1, offer("p", h2::Field{"content-length", "5"}, h2::Field{"expect", "100-continue"}));
         table.client({data(1, "helloearly")});
         all += table.origin() + table.answer(answer) + table.origin();
         table.ask(3, get_request(), true);
         all += table.origin();
       }
       ProxyTable early(o);
       early.ask(1, offer("p", h2::Field{"content-length", "5"}));
       early.client({data(1, "he")});
       all += early.answer(raw_switch) + early.origin();
       early.client({data(1, "lloand more", true)});
       all += early.origin();
       ProxyTable declined(o);
       declined.ask(1, offer("p"));
       declined.client({data(1, "early")});
       all += declined.answer("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe") + declined.origin();
       for (const auto* text : {"four", "longer"}) {
         ProxyTable table(o);
         auto post = get_request("/p", {{"content-length", "5"}});
         post[0].value = "POST";
         table.ask(1, post);
         all += table.client({data(1, text, true)}) + table.origin();
       }
       return all;
     }},
    {"ends",
     [](ProxyOptions o) {
       std::string all;
       all += on_channel(o, [](auto& t) { return t.client({data(1, "last", true)}) + t.origin() + t.answer("more"); });
       all += on_channel(o, [](auto& t) {
         t.answer("last");
         return t.origin_ends() + t.client({data(1, "more")}) + t.origin();
       });
       all += on_channel(o, [](auto& t) {
         auto heard = t.client({h2::rst_stream(1, 8)}) + t.origin();
         t.ask(3, get_request(), true);
         return heard + t.origin() + cat(t.proxy().links());
       });
       all += on_channel(o, [](auto& t) { return t.origin_ends(Closing::reset); });
       all += on_channel(o, [](auto& t) { return t.client_ends(Closing::reset) + t.origin(); });
       all += on_channel(o, [](auto& t) { return t.client({h2::goaway(0, 0)}) + t.answer("still here"); });
       all +=
           on_channel(o, [](auto& t) { return t.answer("a\nb\0c\x80 abc"s) + t.client({data(1, "xy")}) + t.origin(); });
       return all;
     }},
    {"reuse", reuse},
    {"slow client", slow_client},
    {"slow origin", slow_origin},
    {"narrow client", narrow_client},
    {"narrow connection", narrow_connection},
    {"failing origin", failing_origin},
    {"websocket", websocket},
    {"12", plain_12},
    {"12 websocket", websocket_12},
    {"12 declined", declined_12},
    {"22", plain_22},
    {"evil", evil},
    {"no upgrades",
     [](ProxyOptions o) {
       o.upgrades = false;
       return seen_behind(std::move(o), offer("p; x", h2::Field{"x", "1"}));
     }},
    {"block in two", block_in_two},
    {"floods", floods},
    {"idle",
     [](ProxyOptions o) {
       ProxyTable table(std::move(o));
       table.ask(1, get_request(), true);
       table.answer(empty_200);
       table.origin();
       return table.client_ends() + table.origin();
     }},
};

ProxyOptions breaking(std::string id) {
  ProxyOptions options;
  const std::vector<std::string> ids = {std::move(id)};
  options.violations = Violations::of(ids, ReferenceRole::proxy).value();
  return options;
}

TEST(ProxyFaults, EachIsSeenBySomebody) {
  std::vector<std::string> clean;
  for (const auto& [name, play] : scenes) clean.push_back(play({}));
  for (const auto& violation : all_violations()) {
    if (violation.role != ReferenceRole::proxy) continue;
    bool seen = false;
    for (std::size_t n = 0; n < scenes.size() && !seen; ++n)
      seen = scenes[n].second(breaking(std::string(violation.id))) != clean[n];
    EXPECT_TRUE(seen) << violation.id;
  }
}

TEST(ProxyFaults, EachIsOnceInTheTableAndNamedInTheCode) {
  std::set<std::string> named;
  const std::regex id("\"([A-Z][A-Z0-9]*-[0-9]{2}/[a-z0-9-]+)\"");
  for (const auto& entry : std::filesystem::directory_iterator(UPSPEC_SOURCE_DIR "/harness/peer")) {
    const auto name = entry.path().filename().string();
    const bool ours = name.starts_with("proxy_") || name == "reference_proxy.cpp";
    if (!ours || name.find("_test") != name.npos) continue;
    std::stringstream text;
    text << std::ifstream(entry.path()).rdbuf();
    const auto all = text.str();
    for (auto at = std::sregex_iterator(all.begin(), all.end(), id); at != std::sregex_iterator(); ++at)
      named.insert((*at)[1]);
  }
  std::set<std::string> listed;
  for (const auto& violation : all_violations()) {
    if (violation.role != ReferenceRole::proxy) continue;
    EXPECT_TRUE(listed.emplace(violation.id).second) << violation.id;
  }
  EXPECT_EQ(named, listed);
}

}  // namespace
}  // namespace upspec
