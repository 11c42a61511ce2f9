// For tests: what a server says, one word a frame, as octets:
//   "hello"                     SETTINGS that announce both dialects, and the ACK of the client's
//   "101" "200" "404." "100"    HEADERS with that :status, the dot is END_STREAM; 101 accepts the WebSocket with `key`
//   "data:text" "end"           DATA, an empty one with END_STREAM
//   "rst:CANCEL" "goaway:NO_ERROR" "window:10" "ack" "trailers"
//   "3:200."                    the same on stream 3 instead of 1; "0:window:10" on the connection
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

#include "base/text.hpp"
#include "h2/frame.hpp"
#include "h2/hpack.hpp"
#include "ws/handshake.hpp"

namespace upspec {

class ServerWords {
 public:
  std::string key;  // of the request that 101 answers
  std::vector<h2::Setting> announcements = {{h2::setting::enable_upgrade, 1},
                                            {h2::setting::enable_connect_protocol, 1}};

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
    if (name == "hello") return both(h2::settings(announcements), h2::settings_ack());
    if (name == "ack") return h2::serialise(h2::settings_ack());
    if (name == "data") return h2::serialise(h2::data(stream, as_octets(value)));
    if (name == "end") return h2::serialise(h2::data(stream, {}, h2::flag::end_stream));
    if (name == "trailers") return section({{"x-sum", "1"}}, true, stream);
    if (name == "rst") return h2::serialise(h2::rst_stream(stream, h2::error_from(value).value()));
    if (name == "goaway") return h2::serialise(h2::goaway(0, h2::error_from(value).value()));
    if (name == "window")
      return h2::serialise(h2::window_update(stream, static_cast<std::uint32_t>(*to_number(value))));
    return answer(word, stream);
  }
  Octets answer(std::string_view word, std::uint32_t stream) {
    const bool end = word.ends_with('.');
    if (end) word.remove_suffix(1);
    if (word.size() != 3 || !to_number(word)) throw std::invalid_argument(cat("no word of a server: ", word));
    h2::FieldSection fields = {{":status", std::string(word)}};
    if (word == "101") {
      fields.push_back({":upgrade", "websocket"});
      fields.push_back({"sec-websocket-accept", ws::accept_for(key)});
    }
    return section(fields, end, stream);
  }
  static Octets both(const h2::Frame& a, const h2::Frame& b) {
    auto out = h2::serialise(a);
    append(out, h2::serialise(b));
    return out;
  }

  h2::FieldEncoder encoder_;
};

}  // namespace upspec
