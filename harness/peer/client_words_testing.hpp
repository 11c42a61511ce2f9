// For tests: what a client says, one word a frame, as octets:
//   "hello"                  the preface, SETTINGS and the ACK of the server's
//   "get" "offer" "connect"  HEADERS: GET with END_STREAM, the offer of each dialect
//   "data:text" "end" "rst:CANCEL" "goaway:NO_ERROR" "window:10" "ack" "pong"
//   "3:get"                  the same on stream 3 instead of 1
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

#include "base/text.hpp"
#include "h2/frame.hpp"
#include "h2/hpack.hpp"
#include "upgrade/dialect.hpp"

namespace upspec {

class ClientWords {
 public:
  std::string key = "dGhlIHNhbXBsZSBub25jZQ==";

  Octets say(std::string_view all, std::uint32_t stream = 1) {
    Octets out;
    for (const auto word : words(all)) append(out, say_one(word, stream));
    return out;
  }
  Octets section(const h2::FieldSection& fields, bool end = false, std::uint32_t stream = 1) {
    const auto flags = static_cast<std::uint8_t>(h2::flag::end_headers | (end ? h2::flag::end_stream : 0));
    return h2::serialise(h2::headers(stream, encoder_.encode(fields), flags));
  }

 private:
  Octets say_one(std::string_view word, std::uint32_t stream) {
    const auto colon = word.find(':');
    const auto name = word.substr(0, colon);
    const auto value = colon == word.npos ? std::string_view() : word.substr(colon + 1);
    if (name.size() == 1 && to_number(name)) return say_one(value, static_cast<std::uint32_t>(*to_number(name)));
    if (name == "hello") {
      auto out = to_octets(h2::preface);
      append(out, h2::serialise(h2::settings({{h2::setting::enable_push, 0}})));
      append(out, h2::serialise(h2::settings_ack()));
      return out;
    }
    if (name == "ack") return h2::serialise(h2::settings_ack());
    if (name == "data") return h2::serialise(h2::data(stream, as_octets(value)));
    if (name == "end") return h2::serialise(h2::data(stream, {}, h2::flag::end_stream));
    if (name == "rst") return h2::serialise(h2::rst_stream(stream, h2::error_from(value).value()));
    if (name == "goaway") return h2::serialise(h2::goaway(0, h2::error_from(value).value()));
    if (name == "window")
      return h2::serialise(h2::window_update(stream, static_cast<std::uint32_t>(*to_number(value))));
    if (name == "get")
      return section({{":method", "GET"}, {":scheme", "http"}, {":authority", "a"}, {":path", "/"}}, true, stream);
    if (name != "offer" && name != "connect") throw std::invalid_argument(cat("no word of a client: ", word));
    const Ask ask{"websocket", "http", "a", "/", {}, {{"sec-websocket-key", key}, {"sec-websocket-version", "13"}}};
    return section(request_for(name == "offer" ? Dialect::upgrade : Dialect::connect, ask), false, stream);
  }

  h2::FieldEncoder encoder_;
};

}  // namespace upspec
