// For tests: a server that speaks to the reference client in frames of our own codec, in memory.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "h2/frame.hpp"
#include "h2/hpack.hpp"
#include "peer/reference_client.hpp"
#include "peer/violations.hpp"
#include "upgrade/dialect.hpp"
#include "upgrade/monitor.hpp"
#include "upgrade/sections.hpp"
#include "ws/handshake.hpp"

namespace upspec {

class FramesServer {
 public:
  static std::vector<h2::Setting> both() {
    return {{h2::setting::enable_connect_protocol, 1}, {h2::setting::enable_upgrade, 1}};
  }

  explicit FramesServer(ClientOptions options, std::vector<h2::Setting> settings = both())
      : client_(std::move(options)) {
    send({h2::settings(settings), h2::settings_ack()});
  }

  // What the Monitor, which knows nothing of the client, holds against it.
  std::vector<std::string> breaches() const {
    std::vector<std::string> lines;
    for (const auto& breach : monitor_.breaches()) lines.push_back(cat(breach.requirement, ": ", breach.text));
    return lines;
  }

  // What the client said to it, one word a frame: "request", "request end", "trailers end", "data:hi", "end",
  // "rst:CANCEL", "goaway:NO_ERROR"; windows, PINGs and SETTINGS are left out.
  std::string send(const std::vector<h2::Frame>& frames) {
    for (const auto& frame : frames) {
      monitor_.saw(Side::server, frame);
      client_.receive(h2::serialise(frame));
    }
    return take();
  }
  // In one read of the client's.
  std::string send_together(const std::vector<h2::Frame>& frames) {
    Octets together;
    for (const auto& frame : frames) {
      monitor_.saw(Side::server, frame);
      append(together, h2::serialise(frame));
    }
    client_.receive(together);
    return take();
  }
  std::string answer(const h2::FieldSection& section, bool end = false) {
    const auto flags = h2::flag::end_headers | (end ? h2::flag::end_stream : 0);
    return send({h2::headers(1, encoder_.encode(section), static_cast<std::uint8_t>(flags))});
  }
  std::string data(std::string_view text, bool end = false) {
    return send({h2::data(1, as_octets(text), end ? h2::flag::end_stream : std::uint8_t{0})});
  }
  // What it has said so far.
  std::string take() {
    for (auto out = client_.take_output(); !out.empty(); out = client_.take_output()) {
      const auto preface = std::min(preface_left_, out.size());
      preface_left_ -= preface;
      reader_.feed(OctetView(out).subspan(preface));
      while (auto frame = reader_.next()) see(*frame);
    }
    return join(std::exchange(words_, {}), " ");
  }

  const h2::FieldSection& request() const { return request_; }
  std::string field(std::string_view name) const {
    const auto* value = h2::find(request_, name);
    return value ? *value : "(none)";
  }
  const std::vector<h2::Frame>& frames() const { return frames_; }
  // Everything it said, a line a frame, field sections by their fields.
  const std::vector<std::string>& lines() const { return lines_; }
  ReferenceClient& client() { return client_; }
  ReferenceClient::Phase phase() const { return client_.phase(); }

 private:
  void see(const h2::Frame& frame) {
    frames_.push_back(frame);
    monitor_.saw(Side::client, frame);
    const bool end = frame.has(h2::flag::end_stream);
    if (!frame.is(h2::FrameType::headers)) lines_.push_back(h2::describe(frame));
    if (frame.is(h2::FrameType::headers)) {
      const auto section = decoder_.decode(*h2::read_headers(frame)).value();
      lines_.push_back(cat("HEADERS stream=", frame.stream, end ? " END_STREAM" : ""));
      for (const auto& field : section) lines_.push_back(cat(field.name, ": ", field.value));
      words_.push_back(cat(request_.empty() ? "request" : "trailers", end ? " end" : ""));
      if (request_.empty()) request_ = section;
    } else if (frame.is(h2::FrameType::data)) {
      if (!frame.payload.empty()) words_.push_back(cat("data:", as_text(frame.payload)));
      if (end) words_.emplace_back("end");
    } else if (frame.is(h2::FrameType::rst_stream)) {
      words_.push_back(cat("rst:", h2::error_name(*h2::read_rst_stream(frame))));
    } else if (frame.is(h2::FrameType::goaway)) {
      words_.push_back(cat("goaway:", h2::error_name(h2::read_goaway(frame)->code)));
    }
  }

  ReferenceClient client_;
  Monitor monitor_{{.under_test = Side::client}};
  h2::FieldEncoder encoder_;
  h2::FieldDecoder decoder_;
  h2::FrameReader reader_;
  std::size_t preface_left_ = h2::preface.size();
  std::vector<h2::Frame> frames_;
  h2::FieldSection request_;
  std::vector<std::string> words_;
  std::vector<std::string> lines_;
};

inline ClientOptions client_of(Dialect dialect, std::string protocol, Violations violations = {}) {
  ClientOptions options;
  options.dialect = dialect;
  options.path = protocol == "upspec-echo" ? "/raw" : "/echo";
  options.protocol = std::move(protocol);
  options.authority = "test";
  options.violations = std::move(violations);
  return options;
}

// The accept that fits the request.
inline h2::FieldSection accept_of(const h2::FieldSection& request) {
  if (asked_dialect(request) == Dialect::connect) return {{":status", "200"}};
  const auto asked = asked_by(request);
  h2::FieldSection section = {{":status", "101"}, {":upgrade", asked.offers.empty() ? "x" : asked.offers[0].protocol}};
  if (asked.websocket_key) section.push_back({"sec-websocket-accept", ws::accept_for(*asked.websocket_key)});
  return section;
}

}  // namespace upspec
