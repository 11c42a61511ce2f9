// For tests: both ends of a connection that a Monitor watches, told as a dialogue:
//   d.announce().ask(websocket_request()).answer(websocket_accept()).says(Side::server, "octets")
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "upgrade/monitor.hpp"
#include "upgrade/sections_testing.hpp"
#include "ws/frame.hpp"

namespace upspec {

class Dialogue {
 public:
  explicit Dialogue(Side under_test = Side::server, bool needs_setting = true)
      : monitor_({under_test, h2::setting::enable_upgrade, needs_setting}) {}

  Dialogue& frame(Side from, const h2::Frame& one) {
    monitor_.saw(from, one);
    return *this;
  }
  Dialogue& settings(Side from, const std::vector<h2::Setting>& list) { return frame(from, h2::settings(list)); }
  Dialogue& ack(Side from) { return frame(from, h2::settings_ack()); }
  // Both dialects.
  Dialogue& announce() {
    return settings(Side::server, {{h2::setting::enable_upgrade, 1}, {h2::setting::enable_connect_protocol, 1}});
  }
  Dialogue& section(Side from, const h2::FieldSection& fields, bool end = false, std::uint32_t stream = 1) {
    const auto flags = static_cast<std::uint8_t>(h2::flag::end_headers | (end ? h2::flag::end_stream : 0));
    return frame(from, h2::headers(stream, encoders_[from].encode(fields), flags));
  }
  Dialogue& ask(const h2::FieldSection& fields, bool end = false, std::uint32_t stream = 1) {
    return section(Side::client, fields, end, stream);
  }
  Dialogue& answer(const h2::FieldSection& fields, bool end = false, std::uint32_t stream = 1) {
    return section(Side::server, fields, end, stream);
  }
  Dialogue& says(Side from, std::string_view octets, bool end = false, std::uint32_t stream = 1) {
    return frame(from, h2::data(stream, as_octets(octets), end ? h2::flag::end_stream : 0));
  }
  Dialogue& ends(Side from, std::uint32_t stream = 1) { return says(from, "", true, stream); }
  Dialogue& resets(Side from, h2::ErrorCode code, std::uint32_t stream = 1) {
    return frame(from, h2::rst_stream(stream, static_cast<std::uint32_t>(code)));
  }
  Dialogue& ws_frame(Side from, const ws::Frame& one) { return says(from, as_text(ws::serialise(one))); }

  // An open WebSocket on stream 1.
  Dialogue& open() { return announce().ask(websocket_request()).answer(websocket_accept()); }

  h2::FieldEncoder& encoder(Side side) { return encoders_[side]; }
  const std::vector<Breach>& breaches() const { return monitor_.breaches(); }
  std::string ids() const { return upspec::ids(monitor_.breaches()); }

 private:
  Monitor monitor_;
  std::map<Side, h2::FieldEncoder> encoders_;
};

// One exchange and the ids that the Monitor reports of it, "" for none.
struct Told {
  const char* what;
  const char* ids;
  void (*tell)(Dialogue&);
};

}  // namespace upspec
