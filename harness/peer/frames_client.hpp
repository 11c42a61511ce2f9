// For tests: a client that speaks to the reference server in frames of our own codec, in memory.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/text.hpp"
#include "h2/frame.hpp"
#include "h2/hpack.hpp"
#include "peer/reference_server.hpp"
#include "upgrade/dialect.hpp"
#include "upgrade/monitor.hpp"
#include "ws/frame.hpp"

namespace upspec {

class FramesClient {
 public:
  explicit FramesClient(ServerOptions options = {})
      : server_(options),
        monitor_({.under_test = Side::server,
                  .upgrade_setting = options.upgrade_setting,
                  .upgrade_needs_setting = options.upgrade_needs_setting}),
        innocent_(options.violations.none()) {
    start({});
  }
  explicit FramesClient(std::vector<h2::Setting> settings) : server_({}), monitor_({}) { start(settings); }

  ~FramesClient() {
    if (innocent_) {
      EXPECT_EQ(breaches(), std::vector<std::string>());
    }
  }
  FramesClient(const FramesClient&) = delete;
  FramesClient& operator=(const FramesClient&) = delete;

  // What the Monitor, which knows nothing of the server, holds against it: "RES-02: 101 with END_STREAM".
  std::vector<std::string> breaches() const {
    std::vector<std::string> lines;
    for (const auto& breach : monitor_.breaches()) lines.push_back(cat(breach.requirement, ": ", breach.text));
    return lines;
  }

  // What came of it, one word a frame: "101", "200 end", "data:hi", "data:hi end", "end", "rst:PROTOCOL_ERROR",
  // "goaway:STREAM_CLOSED"; windows, PINGs and SETTINGS are left out.
  std::string send(const std::vector<h2::Frame>& frames) {
    Octets octets;
    for (const auto& frame : frames) append(octets, h2::serialise(frame));
    return send_octets(octets);
  }
  std::string send_octets(OctetView octets, std::size_t piece = 1u << 20) {
    while (!octets.empty()) {
      const auto part = octets.first(std::min(piece, octets.size()));
      sent_.feed(part);
      while (const auto frame = sent_.next()) monitor_.saw(Side::client, *frame);
      server_.receive(part);
      octets = octets.subspan(part.size());
      take();
    }
    take();
    return join(std::exchange(words_, {}), " ");
  }
  h2::Frame headers(std::uint32_t stream, const h2::FieldSection& section, bool end = false) {
    const auto flags = h2::flag::end_headers | (end ? h2::flag::end_stream : 0);
    return h2::headers(stream, encoder_.encode(section), static_cast<std::uint8_t>(flags));
  }
  std::string request(std::uint32_t stream, const h2::FieldSection& section, bool end = false) {
    return send({headers(stream, section, end)});
  }
  static h2::Frame data(std::uint32_t stream, std::string_view text, bool end = false) {
    return h2::data(stream, as_octets(text), end ? h2::flag::end_stream : std::uint8_t{0});
  }

  // Every frame that came, and the sections of HEADERS in their order.
  const std::vector<h2::Frame>& frames() const { return frames_; }
  const h2::FieldSection& last_section() const { return sections_.back(); }
  std::string field(std::string_view name) const {
    const auto* value = sections_.empty() ? nullptr : h2::find(sections_.back(), name);
    return value ? *value : "(none)";
  }
  ReferenceServer& server() { return server_; }
  h2::FieldEncoder& encoder() { return encoder_; }

 private:
  void start(const std::vector<h2::Setting>& settings) {
    server_.receive(as_octets(h2::preface));
    send({h2::settings(settings), h2::settings_ack()});
  }

  void take() {
    for (auto out = server_.take_output(); !out.empty(); out = server_.take_output()) {
      reader_.feed(out);
      while (auto frame = reader_.next()) see(*frame);
    }
  }

  void see(const h2::Frame& frame) {
    frames_.push_back(frame);
    monitor_.saw(Side::server, frame);
    const bool end = frame.has(h2::flag::end_stream);
    if (frame.is(h2::FrameType::headers)) {
      sections_.push_back(decoder_.decode(*h2::read_headers(frame)).value());
      words_.push_back(field(":status") + (end ? " end" : ""));
    } else if (frame.is(h2::FrameType::data)) {
      const auto text = as_text(h2::read_data(frame)->octets);
      if (!text.empty()) words_.push_back(cat("data:", text));
      if (end) words_.emplace_back("end");
    } else if (frame.is(h2::FrameType::rst_stream)) {
      words_.push_back(cat("rst:", h2::error_name(*h2::read_rst_stream(frame))));
    } else if (frame.is(h2::FrameType::goaway)) {
      words_.push_back(cat("goaway:", h2::error_name(h2::read_goaway(frame)->code)));
    }
  }

  ReferenceServer server_;
  Monitor monitor_;
  h2::FrameReader sent_;
  bool innocent_ = true;  // without violations the Monitor has nothing to say
  h2::FieldEncoder encoder_;
  h2::FieldDecoder decoder_;
  h2::FrameReader reader_;
  std::vector<h2::Frame> frames_;
  std::vector<h2::FieldSection> sections_;
  std::vector<std::string> words_;
};

// Unremarkable requests, to be changed in one place.

inline h2::FieldSection get(std::string path = "/") {
  return {{":method", "GET"}, {":scheme", "http"}, {":authority", "test"}, {":path", std::move(path)}};
}

inline h2::FieldSection with_value(h2::FieldSection section, std::string_view name, std::string value) {
  for (auto& field : section) {
    if (field.name == name) {
      field.value = std::move(value);
      return section;
    }
  }
  const auto pseudo = name.starts_with(':');
  section.insert(pseudo ? section.begin() : section.end(), {std::string(name), std::move(value)});
  return section;
}

inline h2::FieldSection without(h2::FieldSection section, std::string_view name) {
  std::erase_if(section, [&](const h2::Field& field) { return field.name == name; });
  return section;
}

inline h2::FieldSection websocket_offer(Dialect dialect = Dialect::upgrade) {
  Ask ask{"websocket", "http", "test", "/echo", {}, {{"sec-websocket-version", "13"}}};
  if (dialect == Dialect::upgrade) ask.fields.push_back({"sec-websocket-key", "MDEyMzQ1Njc4OWFiY2RlZg=="});
  return request_for(dialect, ask);
}

inline h2::FieldSection raw_offer(Dialect dialect = Dialect::upgrade) {
  return request_for(dialect, {"upspec-echo", "http", "test", "/raw", {}, {}});
}

// A masked frame, as text octets for DATA.
inline std::string websocket_frame(ws::Opcode opcode, std::string_view payload) {
  ws::Frame frame;
  frame.opcode = static_cast<std::uint8_t>(opcode);
  frame.mask = {1, 2, 3, 4};
  frame.payload = to_octets(payload);
  return to_text(ws::serialise(frame));
}

}  // namespace upspec
