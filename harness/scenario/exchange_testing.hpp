// For tests of what looks at an actor: an actor that has asked on stream 1 and has heard what a server's words say.
#pragma once

#include <string_view>

#include "peer/actor.hpp"
#include "peer/server_words_testing.hpp"
#include "scenario/sight.hpp"
#include "upgrade/dialect.hpp"

namespace upspec {

struct Asked1 {
  Actor actor{{"client", {}, {}}};
  ServerWords server;
  Cursor cursor;

  explicit Asked1(Dialect dialect = Dialect::upgrade) {
    server.key = "dGhlIHNhbXBsZSBub25jZQ==";
    actor.start(0);
    hears("hello");
    const Ask ask{"websocket", "http", "a",
                  "/",         {},     {{"sec-websocket-key", server.key}, {"sec-websocket-version", "13"}}};
    actor.send_section(1, request_for(dialect, ask), false, {}, std::nullopt, std::nullopt, 0);
  }
  // Words of a server, and "fin", "reset" and "garbage", which end the connection.
  void hears(std::string_view all) {
    for (const auto word : words(all)) {
      if (word == "fin") {
        actor.closed(Closing::fin, 1);
      } else if (word == "reset") {
        actor.closed(Closing::reset, 1);
      } else if (word == "garbage") {
        actor.receive(h2::serialise(h2::headers(1, Octets{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, 4)), 1);
      } else {
        actor.receive(server.say(word), 1);
      }
    }
  }
  void hears_octets(std::string_view octets, std::uint32_t stream = 1) {
    actor.receive(h2::serialise(h2::data(stream, as_octets(octets))), 1);
  }
  void hears_section(const h2::FieldSection& fields, bool end = false) {
    actor.receive(server.section(fields, end), 1);
  }
  std::string left(std::uint32_t stream = 1) const { return describe_what_came(actor, cursor, stream); }
};

}  // namespace upspec
