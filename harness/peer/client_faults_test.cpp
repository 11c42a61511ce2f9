// Each violation of the reference client makes a difference in one of these exchanges, and only violations do.
#include "peer/client_faults.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "peer/frames_server.hpp"
#include "peer/section_edit.hpp"
#include "ws/frame.hpp"

namespace upspec {
namespace {

using h2::FieldSection;

struct Exchange {
  std::string name;
  ClientOptions options;
  std::vector<h2::Setting> settings;
  std::function<void(FramesServer&)> rest;  // once the client has said what it says at first
};

FieldSection with(FieldSection section, std::string_view name, std::string value) {
  set(section, name, std::move(value));
  return section;
}
FieldSection without(FieldSection section, std::string_view name) {
  drop(section, name);
  return section;
}
Octets server_frame(ws::Opcode opcode, std::string_view payload) {
  ws::Frame frame;
  frame.opcode = static_cast<std::uint8_t>(opcode);
  frame.payload = to_octets(payload);
  return ws::serialise(frame);
}
std::string text_of(const Octets& octets) { return to_text(octets); }
std::string ping(std::string_view payload) { return text_of(server_frame(ws::Opcode::ping, payload)); }
const std::string close_frame = "\x88\x02\x03\xe8";

// What a client does with an answer: it talks and ends its side where it took it for the accept.
auto answering(std::function<FieldSection(const FieldSection& accept)> answer, bool end = false) {
  return [=](FramesServer& server) {
    server.answer(answer(accept_of(server.request())), end);
    server.client().send(as_octets("hi"));
    server.client().end();
    server.data(close_frame, true);
  };
}
auto answering_with(FieldSection section, bool end = false) {
  return answering([=](const FieldSection&) { return section; }, end);
}
// A channel is open, the client has sent a message; then these.
auto once_open(std::function<void(FramesServer&)> then) {
  return [=](FramesServer& server) {
    server.answer(accept_of(server.request()));
    server.client().send(as_octets("hello"));
    server.take();
    then(server);
    server.take();
  };
}
auto frames(std::vector<h2::Frame> list) {
  return once_open([=](FramesServer& server) {
    for (const auto& frame : list) server.send({frame});
  });
}
std::vector<h2::Frame> behind_a_flood(h2::Frame last) {
  std::vector<h2::Frame> list(1001, h2::window_update(0, 1));
  list.push_back(std::move(last));
  return list;
}
auto octets(std::vector<std::string> list) {
  return once_open([=](FramesServer& server) {
    for (const auto& one : list) server.data(one);
  });
}

std::vector<Exchange> of_answers(const Violations& violations) {
  const auto both = FramesServer::both();
  const auto upgrade = client_of(Dialect::upgrade, "websocket", violations);
  const auto connect = client_of(Dialect::connect, "websocket", violations);
  const auto none = client_of(Dialect::upgrade, "none", violations);
  const auto announce_late = [](FramesServer& server) { server.send({h2::settings(FramesServer::both())}); };
  const auto change = [](std::string name, std::string value) {
    return answering([=](const FieldSection& accept) { return with(accept, name, value); });
  };
  const auto lack = [](std::string name) {
    return answering([=](const FieldSection& accept) { return without(accept, name); });
  };
  const auto plain = answering([](const FieldSection& accept) { return accept; });
  const auto behind = [](FieldSection accept) {
    send_back(accept, ":upgrade");
    return accept;
  };
  const auto twice = [](FieldSection accept) {
    accept.insert(accept.begin(), {":upgrade", "websocket"});
    return accept;
  };
  const auto capitals = [](const FieldSection& accept) {
    auto changed = accept;
    for (auto& field : changed)
      if (field.name == "sec-websocket-accept") field.value = lower(field.value);
    return changed;
  };
  const auto trailers = [](FramesServer& server) {
    server.answer({{":status", "200"}});
    server.answer({{":upgrade", "websocket"}}, true);
  };
  const auto interims = [](FramesServer& server) {
    server.answer({{":status", "103"}});
    server.answer({{":status", "103"}});
  };
  return {
      {"upgrade", upgrade, both, plain},
      {"connect", connect, both, plain},
      {"none", none, both, answering_with({{":status", "101"}})},
      {"upgrade unannounced", upgrade, {}, announce_late},
      {"connect unannounced", connect, {}, announce_late},
      {"upgrade 2", upgrade, {{h2::setting::enable_upgrade, 2}}, announce_late},
      {"connect 2", connect, {{h2::setting::enable_connect_protocol, 2}}, announce_late},
      {"no upgrade", upgrade, both, lack(":upgrade")},
      {"two upgrades", upgrade, both, answering(twice)},
      {"late upgrade", upgrade, both, answering(behind)},
      {"grammar", upgrade, both, change(":upgrade", "websocket;")},
      {"list", upgrade, both, change(":upgrade", "websocket, h2c")},
      {"unoffered", upgrade, both, change(":upgrade", "h2c")},
      {"longer name", upgrade, both, change(":upgrade", "websocket2")},
      {"end", upgrade, both, answering([](const FieldSection& accept) { return accept; }, true)},
      {"connection", upgrade, both, change("connection", "upgrade")},
      {"103 twice", upgrade, both, interims},
      {"103 with upgrade", upgrade, both, answering_with({{":status", "103"}, {":upgrade", "websocket"}})},
      {"404 with upgrade", upgrade, both, answering_with({{":status", "404"}, {":upgrade", "websocket"}})},
      {"200 with upgrade", upgrade, both, answering_with({{":status", "200"}, {":upgrade", "websocket"}})},
      {"200", upgrade, both, answering_with({{":status", "200"}})},
      {"decline", upgrade, both, answering_with({{":status", "404"}})},
      {"no digest", upgrade, both, lack("sec-websocket-accept")},
      {"wrong digest", upgrade, both, change("sec-websocket-accept", "x")},
      {"digest in small letters", upgrade, both, answering(capitals)},
      {"subprotocol", upgrade, both, change("sec-websocket-protocol", "chat")},
      {"extension", upgrade, both, change("sec-websocket-extensions", "x")},
      {"101 in connect", connect, both, answering_with({{":status", "101"}})},
      {"trailers", none, both, trailers},
      {"push", none, both, [](FramesServer& server) { server.send({h2::push_promise(1, 2, {}, 4)}); }},
  };
}

std::vector<Exchange> of_channels(const Violations& violations) {
  const auto both = FramesServer::both();
  const auto raw = client_of(Dialect::upgrade, "upspec-echo", violations);
  const auto tiny = [&](std::uint16_t id, std::uint32_t value) {
    auto settings = both;
    settings.push_back({id, value});
    return settings;
  };
  const auto window = [](std::uint32_t value) { return h2::settings({{h2::setting::initial_window_size, value}}); };
  const auto end = h2::data(1, {}, h2::flag::end_stream);
  // Its message cannot go out: its side stays open.
  const auto closed_window = tiny(h2::setting::initial_window_size, 0);
  const auto late = once_open([](FramesServer& server) {
    server.data("", true);
    server.answer({{"x", "y"}}, true);
  });
  const auto late_in_one_read = once_open(
      [](FramesServer& server) { server.send_together({h2::rst_stream(1, 8), h2::data(1, as_octets("late"))}); });
  const auto early = [](FramesServer& server) {
    h2::FieldEncoder encoder;
    server.send_together({h2::headers(1, encoder.encode(accept_of(server.request())), h2::flag::end_headers),
                          h2::data(1, as_octets(ping("early")))});
  };
  const auto much = once_open([](FramesServer& server) {
    for (int i = 0; i < 60; ++i) server.data(std::string(16384, 'x')), server.client().take_messages();
  });
  const auto long_message = [](FramesServer& server) {
    server.answer(accept_of(server.request()));
    server.client().send(Octets(70'000, 'x'));
    server.take();
    server.send({h2::settings({{h2::setting::initial_window_size, 0}}), h2::window_update(1, 5)});
  };
  const auto deaf = once_open([](FramesServer& server) {
    server.client().end();
    server.take();
    server.data("more", true);
  });
  return {
      {"raw", raw, both, once_open([](FramesServer& server) { server.client().end(); })},
      {"deaf", raw, both, deaf},
      {"early octets", client_of(Dialect::upgrade, "websocket", violations), both, early},
      {"octets", raw, both, octets({"hello"})},
      {"end", raw, both, frames({end})},
      {"empty data", raw, both, frames({h2::data(1, {})})},
      {"padding", raw, both, once_open([](FramesServer& server) {
         for (int i = 0; i < 300; ++i) server.send({h2::padded_data(1, as_octets("x"), 200)});
         server.client().take_messages();
       })},
      {"reset", raw, both, once_open([](FramesServer& server) {
         server.send({h2::rst_stream(1, 8)});
         server.client().send(as_octets("more"));
         server.data("late");
       })},
      {"reset before an answer", raw, both,
       [](FramesServer& server) {
         server.send({h2::rst_stream(1, 8)});
         server.answer(accept_of(server.request()));
         server.client().send(as_octets("hello"));
       }},
      {"padding of length 0", client_of(Dialect::upgrade, "websocket", violations), both,
       frames({h2::padded_data(1, server_frame(ws::Opcode::ping, "hi"), 0)})},
      {"headers", raw, both, once_open([](FramesServer& server) { server.answer({{"x", "y"}}); })},
      {"late headers", raw, closed_window, late},
      {"data after reset", raw, both, late_in_one_read},
      {"late data", raw, closed_window, frames({end, h2::data(1, as_octets("late"))})},
      {"push", raw, both, frames({h2::push_promise(1, 2, {}, h2::flag::end_headers)})},
      {"priority", raw, both, frames({h2::priority(1, 0, 1)})},
      {"unknown type", raw, both, frames({h2::Frame{0x42, 0, 1, {}}})},
      {"tiny window", raw, tiny(h2::setting::initial_window_size, 2), frames({window(0), h2::window_update(1, 1)})},
      {"long message", raw, tiny(h2::setting::initial_window_size, 1u << 20), long_message},
      {"much", raw, both, much},
      {"no streams", raw, tiny(h2::setting::max_concurrent_streams, 0), [](FramesServer&) {}},
      {"goaway", raw, both, once_open([](FramesServer& server) {
         server.send({h2::goaway(1, 0)});
         server.client().send(as_octets("more"));
       })},
      {"ping", raw, both, frames({h2::ping(as_octets("12345678"))})},
      {"ping behind a flood", raw, both, frames(behind_a_flood(h2::ping(as_octets("12345678"))))},
      {"settings", raw, both, frames({h2::settings({})})},
      {"large", raw, both, frames({h2::data(1, Octets(20'000, 'x'))})},
      {"not so large", raw, both, frames({h2::data(1, Octets(16'384, 'x'))})},
      {"overflow", raw, both, frames({h2::window_update(1, 0x7fffffff)})},
      {"overflow of the connection", raw, both, frames({h2::window_update(0, 0x7fffffff)})},
      {"overflow by settings", raw, both, frames({h2::window_update(1, 100'000), window(0x7fffffff)})},
      {"zero", raw, both, frames({h2::window_update(1, 0)})},
      {"zero for the connection", raw, both, frames({h2::window_update(0, 0)})},
  };
}

std::vector<Exchange> of_protocols(const Violations& violations) {
  const auto both = FramesServer::both();
  const auto websocket = client_of(Dialect::connect, "websocket", violations);
  const auto h2c = client_of(Dialect::upgrade, "h2c", violations);
  const auto close_after = [](std::vector<std::string> list) {
    list.push_back(ping("still there?"));
    return octets(std::move(list));
  };
  const auto inner = [](const h2::Frame& frame) { return to_text(h2::serialise(frame)); };
  const auto inner_answer = [](FramesServer& server) {
    server.answer(accept_of(server.request()));
    h2::FieldEncoder encoder;
    Octets all = h2::serialise(h2::settings({}));
    append(all, h2::serialise(h2::headers(1, encoder.encode({{":status", "200"}}), 5)));
    server.data(as_text(all));
    server.client().end();
  };
  return {
      {"ping", websocket, both, octets({ping("a")})},
      {"ping in pieces", websocket, both, octets({ping("abc").substr(0, 3), ping("abc").substr(3)})},
      {"two in one", websocket, both, octets({ping("a") + ping("b")})},
      {"fragments", websocket, both, close_after({"\x01\x01x", "\x80\x01y"})},
      {"control between", websocket, both, close_after({"\x01\x01x", ping("a"), "\x80\x01y"})},
      {"masked", websocket, both,
       octets({"\x81\x81"
               "abcdx"})},
      {"close", websocket, both, octets({close_frame})},
      {"our close", websocket, both, once_open([](FramesServer& server) {
         server.client().end();
         server.data(close_frame);
       })},
      {"reserved bit", websocket, both, close_after({"\xc1\x01x"})},
      {"reserved opcode", websocket, both, close_after({"\x83\x01x"})},
      {"long control", websocket, both, octets({ping(std::string(126, 'x'))})},
      {"control in fragments", websocket, both, close_after({"\x09\x01x"})},
      {"close code", websocket, both, octets({"\x88\x02\x03\xed"})},
      {"short close", websocket, both, octets({"\x88\x01\x03"})},
      {"utf8", websocket, both, close_after({"\x81\x01\xff"})},
      {"utf8 reason", websocket, both, octets({"\x88\x03\x03\xe8\xff"})},
      {"end without close", websocket, both, frames({h2::data(1, {}, h2::flag::end_stream)})},
      {"h2c", h2c, both, inner_answer},
      {"h2c error", h2c, both, octets({inner(h2::settings({})) + inner(h2::data(0, as_octets("x")))})},
      {"h2c reset", h2c, both, once_open([](FramesServer& server) {
         server.send({h2::rst_stream(1, 8)});
         server.client().send(as_octets("more"));
       })},
  };
}

std::vector<Exchange> all_exchanges(const Violations& violations) {
  auto all = of_answers(violations);
  for (auto more : {of_channels(violations), of_protocols(violations)}) all.insert(all.end(), more.begin(), more.end());
  return all;
}

// Everything the client says in that exchange, and what the Monitor says of it.
struct Heard {
  std::vector<std::string> lines;
  std::vector<std::string> breaches;
};

Heard run(const Exchange& one) {
  FramesServer server(one.options, one.settings);
  one.rest(server);
  server.take();
  return {server.lines(), server.breaches()};
}

Violations only(const Violation& violation) {
  const std::vector<std::string> ids{std::string(violation.id)};
  return Violations::of(ids, ReferenceRole::client).value();
}

TEST(ClientFaults, WithoutAViolationTheMonitorIsSilent) {
  for (const auto& one : all_exchanges({})) EXPECT_EQ(run(one).breaches, std::vector<std::string>()) << one.name;
}

TEST(ClientFaults, EachViolationMakesADifference) {
  std::vector<std::vector<std::string>> right;
  for (const auto& one : all_exchanges({})) right.push_back(run(one).lines);
  for (const auto& violation : all_violations()) {
    if (violation.role != ReferenceRole::client) continue;
    const auto exchanges = all_exchanges(only(violation));
    bool differs = false;
    for (std::size_t i = 0; i < exchanges.size() && !differs; ++i) differs = run(exchanges[i]).lines != right[i];
    EXPECT_TRUE(differs) << violation.id;
  }
}

}  // namespace
}  // namespace upspec
