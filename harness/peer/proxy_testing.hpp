// For tests: a client in front of the reference proxy and an origin behind it, in memory, both in octets that the test
// writes. What each end hears is one line of words (HTTP/2) or the text itself (HTTP/1.1).
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "h2/frame.hpp"
#include "h2/hpack.hpp"
#include "peer/reference_proxy.hpp"
#include "upgrade/dialect.hpp"
#include "upgrade/monitor.hpp"

namespace upspec {

// One end that speaks HTTP/2 in frames of our own codec.
class FramesEnd {
 public:
  // What it heard, one word a frame: "GET", "101", "200 end", "data:hi", "end", "rst:CANCEL", "goaway:NO_ERROR".
  void hear(OctetView octets, bool from_client) {
    const auto preface = from_client ? std::min(preface_left_, octets.size()) : 0;
    preface_left_ -= preface;
    reader_.feed(octets.subspan(preface));
    while (auto frame = reader_.next()) see(*frame);
  }
  std::string take_words() { return join(std::exchange(words_, {}), " "); }
  const h2::FieldSection& last_section() const { return sections_.back(); }
  std::string field(std::string_view name) const {
    const auto* value = sections_.empty() ? nullptr : h2::find(sections_.back(), name);
    return value ? *value : "(none)";
  }
  h2::Frame headers(std::uint32_t stream, const h2::FieldSection& section, bool end = false) {
    const auto flags = h2::flag::end_headers | (end ? h2::flag::end_stream : 0);
    return h2::headers(stream, encoder_.encode(section), static_cast<std::uint8_t>(flags));
  }
  const std::vector<h2::Frame>& frames() const { return frames_; }
  std::uint64_t window_given(std::uint32_t stream) const {
    std::uint64_t sum = 0;
    for (const auto& frame : frames_)
      if (frame.is(h2::FrameType::window_update) && frame.stream == stream) sum += *h2::read_window_update(frame);
    return sum;
  }

 private:
  void see(const h2::Frame& frame) {
    frames_.push_back(frame);
    const bool end = frame.has(h2::flag::end_stream);
    if (frame.is(h2::FrameType::headers)) {
      sections_.push_back(decoder_.decode(*h2::read_headers(frame)).value());
      const auto status = field(":status");
      words_.push_back((status == "(none)" ? field(":method") : status) + (end ? " end" : ""));
    } else if (frame.is(h2::FrameType::data)) {
      const auto text = as_text(h2::read_data(frame)->octets);
      if (!text.empty()) words_.push_back(text.size() > 200 ? cat("data(", text.size(), ")") : cat("data:", text));
      if (end) words_.emplace_back("end");
    } else if (frame.is(h2::FrameType::rst_stream)) {
      words_.push_back(cat("rst:", h2::error_name(*h2::read_rst_stream(frame))));
    } else if (frame.is(h2::FrameType::goaway)) {
      words_.push_back(cat("goaway:", h2::error_name(h2::read_goaway(frame)->code)));
    }
  }

  h2::FieldEncoder encoder_;
  h2::FieldDecoder decoder_;
  h2::FrameReader reader_;
  std::size_t preface_left_ = h2::preface.size();
  std::vector<h2::Frame> frames_;
  std::vector<h2::FieldSection> sections_;
  std::vector<std::string> words_;
};

inline h2::Frame data(std::uint32_t stream, std::string_view text, bool end = false) {
  return h2::data(stream, as_octets(text), end ? h2::flag::end_stream : std::uint8_t{0});
}

class ProxyTable {
 public:
  using Wish = ReferenceProxy::Wish;

  explicit ProxyTable(ProxyOptions options = {}, std::size_t piece = 1u << 20)
      : proxy_(options), way_(options.way), piece_(piece) {
    if (way_ == Way::h1_to_h2) return;
    client_octets(as_octets(h2::preface));
    client({h2::settings({}), h2::settings_ack()});
  }

  // The client says something and hears what comes of it at once.
  std::string client(const std::vector<h2::Frame>& frames) {
    Octets octets;
    for (const auto& frame : frames) append(octets, h2::serialise(frame));
    return client_octets(octets);
  }
  std::string client(std::string_view text) { return client_octets(as_octets(text)); }
  std::string ask(std::uint32_t stream, const h2::FieldSection& section, bool end = false) {
    return client({front_.headers(stream, section, end)});
  }
  std::string client_ends(Closing how = Closing::fin) {
    proxy_.closed(how);
    return run();
  }
  std::string client_octets(OctetView octets) {
    for (; !octets.empty(); octets = octets.subspan(std::min(piece_, octets.size()))) {
      proxy_.receive(octets.first(std::min(piece_, octets.size())));
      settle();
    }
    return run();
  }
  // What the client has heard since it was asked last; "[FIN]", "[RST]" at the end of the connection.
  std::string run() {
    settle();
    return way_ == Way::h1_to_h2 ? std::exchange(front_text_, {})
                                 : front_.take_words() + std::exchange(front_text_, {});
  }

  // The origin on one link: what it has heard since; "[FIN]", "[RST]", "[closed]".
  std::string origin(std::size_t link = 0) {
    settle();
    auto& one = links_[link];
    return (way_ == Way::h2_to_h1 ? "" : one.end.take_words()) + std::exchange(one.text, {});
  }
  // The origin says something; what the client hears of it.
  std::string answer(std::string_view text, std::size_t link = 0) {
    auto octets = as_octets(text);
    for (; !octets.empty(); octets = octets.subspan(std::min(piece_, octets.size()))) {
      proxy_.receive(link, octets.first(std::min(piece_, octets.size())));
      settle();
    }
    return run();
  }
  std::string answer(const std::vector<h2::Frame>& frames, std::size_t link = 0) {
    Octets octets;
    for (const auto& frame : frames) append(octets, h2::serialise(frame));
    return answer(as_text(octets), link);
  }
  std::string answer(std::uint32_t stream, const h2::FieldSection& section, bool end = false, std::size_t link = 0) {
    return answer({links_[link].end.headers(stream, section, end)}, link);
  }
  std::string origin_ends(Closing how = Closing::fin, std::size_t link = 0) {
    proxy_.closed(link, how);
    return run();
  }
  std::string origin_refuses(std::size_t link = 0) {
    proxy_.not_connected(link);
    return run();
  }

  ReferenceProxy& proxy() { return proxy_; }
  FramesEnd& front() { return front_; }
  FramesEnd& behind(std::size_t link = 0) { return links_[link].end; }

  bool connects = true;      // links are connected when they are wished for
  bool client_reads = true;  // false: its socket is full
  bool origin_reads = true;
  std::vector<h2::Setting> origin_settings = {{h2::setting::enable_connect_protocol, 1},
                                              {h2::setting::enable_upgrade, 1}};

 private:
  struct Link {
    FramesEnd end;
    std::string text;
    Wish wish = Wish::open;
  };

  void settle() {
    for (bool moved = true; std::exchange(moved, false);) {
      if (client_reads) moved = settle_front();
      for (std::size_t n = 0; n < proxy_.links(); ++n) moved = settle_link(n) || moved;
    }
  }
  bool settle_front() {
    const auto out = proxy_.take_output();
    if (way_ == Way::h1_to_h2) {
      front_text_ += as_text(out);
    } else {
      front_.hear(out, false);
    }
    const auto wish = out.empty() ? proxy_.wish() : front_wish_;
    if (wish != front_wish_) front_text_ += word_for(wish, front_wish_);
    front_wish_ = wish;
    return !out.empty();
  }
  bool settle_link(std::size_t number) {
    auto& link = links_[number];
    if (connects && proxy_.wish(number) == Wish::open) {
      proxy_.connected(number);
      if (way_ != Way::h2_to_h1) {
        Octets octets = h2::serialise(h2::settings(origin_settings));
        append(octets, h2::serialise(h2::settings_ack()));
        proxy_.receive(number, octets);
      }
      link.wish = Wish::keep;
    }
    if (link.wish == Wish::open || !origin_reads) return false;
    const auto out = proxy_.take_output(number);
    if (way_ == Way::h2_to_h1) {
      link.text += as_text(out);
    } else {
      link.end.hear(out, true);
    }
    const auto wish = out.empty() ? proxy_.wish(number) : link.wish;
    if (wish != link.wish) link.text += word_for(wish, link.wish);
    link.wish = wish;
    return !out.empty();
  }
  static std::string word_for(Wish wish, Wish before) {
    if (wish == Wish::shut) return "[FIN]";
    if (wish == Wish::abort) return "[RST]";
    return wish == Wish::over && before != Wish::shut ? "[closed]" : "";
  }

  ReferenceProxy proxy_;
  Way way_;
  std::size_t piece_;
  FramesEnd front_;
  std::string front_text_;
  Wish front_wish_ = Wish::keep;
  std::map<std::size_t, Link> links_;
};

// Unremarkable requests.

inline h2::FieldSection get_request(std::string path = "/p", std::vector<h2::Field> fields = {}) {
  h2::FieldSection section = {
      {":method", "GET"}, {":scheme", "http"}, {":authority", "a.example"}, {":path", std::move(path)}};
  section.insert(section.end(), fields.begin(), fields.end());
  return section;
}
inline h2::FieldSection upgrade(std::string value, std::vector<h2::Field> fields = {}) {
  auto section = get_request("/p", std::move(fields));
  section.insert(section.begin() + 4, {":upgrade", std::move(value)});
  return section;
}
inline h2::FieldSection connect(std::string protocol, std::vector<h2::Field> fields = {}) {
  h2::FieldSection section = {{":method", "CONNECT"},
                              {":protocol", std::move(protocol)},
                              {":scheme", "http"},
                              {":authority", "a.example"},
                              {":path", "/p"}};
  section.insert(section.end(), fields.begin(), fields.end());
  return section;
}

}  // namespace upspec
