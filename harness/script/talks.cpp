#include "script/talks.hpp"

#include <algorithm>
#include <array>
#include <type_traits>
#include <utility>

#include "base/base64.hpp"
#include "base/text.hpp"
#include "h2/codes.hpp"
#include "ws/frame.hpp"

namespace upspec::script {

namespace {

enum class Kind : std::uint8_t { websocket, raw, ordinary };

struct Stream {
  std::uint32_t id = 1;
  Kind kind = Kind::ordinary;
  bool open = true;            // we may still send on it
  std::uint32_t expected = 0;  // octets that must come at the least
};

// Borders of WebSocket lengths, frame sizes and windows.
constexpr std::array<std::size_t, 16> sizes = {0,   1,   2,    5,    12,    60,    125,   126,
                                               127, 300, 1000, 4096, 16384, 16385, 40000, 65000};
constexpr std::array<std::uint32_t, 7> windows = {0, 1, 100, 16384, 65535, 1 << 20, 0x7fffffff};

class Maker {
 public:
  Maker(const Ground& ground, Random& random) : ground_(ground), random_(random) {}

  Script make() {
    script_.gives_windows = !one_in(8);
    if (!one_in(12)) add(WaitStep{.what = Awaited::settings});
    const auto streams = one_in(3) ? 1 + random_.below(4) : 1;
    for (std::size_t i = 0; i < streams; ++i) ask();
    const auto moves = 2 + random_.below(14);
    for (std::size_t i = 0; i < moves; ++i) move();
    for (auto& stream : streams_) close(stream);
    return std::move(script_);
  }

 private:
  bool one_in(std::uint64_t n) { return random_.below(n) == 0; }
  template <class T, std::size_t n>
  T any(const std::array<T, n>& of) {
    return of[random_.below(n)];
  }

  template <class What>
  void add(What what) {
    if (script_.steps.size() + 8 >= most_steps) return;
    Step step{.link = {}, .split = 0, .what = std::move(what)};
    if (!std::is_same_v<What, WaitStep> && one_in(8))
      step.split = one_in(2) ? joined : static_cast<std::uint8_t>(1 + random_.below(40));
    script_.steps.push_back(std::move(step));
  }
  void add_frame(h2::Frame frame) { add(FrameStep{std::move(frame)}); }

  // ---- asking -----------------------------------------------------------------------------------------------------

  Ask question(Kind kind, Dialect dialect) {
    Ask ask{.protocol = "websocket",
            .scheme = ground_.scheme,
            .authority = ground_.authority,
            .path = "/",
            .attributes = {},
            .fields = {}};
    if (kind == Kind::websocket) {
      ask.path = ground_.paths.websocket;
      ask.fields.push_back({"sec-websocket-version", "13"});
      if (dialect == Dialect::upgrade) ask.fields.push_back({"sec-websocket-key", base64(random_.octets(16))});
      if (one_in(6)) ask.fields.push_back({"sec-websocket-protocol", "chat, superchat"});
      if (one_in(6)) ask.fields.push_back({"origin", cat(ground_.scheme, "://", ground_.authority)});
    } else {
      ask.path = ground_.paths.raw;
      ask.protocol = "upspec-echo";
    }
    return ask;
  }

  h2::FieldSection ordinary() {
    constexpr std::array<const char*, 4> methods = {"GET", "HEAD", "OPTIONS", "POST"};
    return {{":method", any(methods)},
            {":scheme", ground_.scheme},
            {":authority", ground_.authority},
            {":path", one_in(2) || ground_.paths.websocket.empty() ? "/" : ground_.paths.websocket}};
  }

  void ask() {
    Stream stream{.id = next_};
    next_ += one_in(10) ? 4 : 2;
    std::vector<Kind> kinds;
    if (!ground_.dialects.empty() && !ground_.paths.websocket.empty()) kinds.insert(kinds.end(), 4, Kind::websocket);
    if (!ground_.dialects.empty() && !ground_.paths.raw.empty()) kinds.insert(kinds.end(), 4, Kind::raw);
    kinds.push_back(Kind::ordinary);
    stream.kind = kinds[random_.below(kinds.size())];
    SectionStep section{.stream = stream.id, .fields = ordinary(), .end = false, .form = {}, .cut = 0};
    if (stream.kind != Kind::ordinary) {
      const auto dialect = ground_.dialects[random_.below(ground_.dialects.size())];
      section.fields = request_for(dialect, question(stream.kind, dialect));
    }
    section.end = stream.kind == Kind::ordinary && !one_in(4);
    stream.open = !section.end;
    section.fields.insert(section.fields.end(), ground_.fields.begin(), ground_.fields.end());
    for (auto extra = one_in(3) ? 1 + random_.below(6) : 0; extra > 0; --extra)
      section.fields.push_back(
          {cat("x-", lower(hex(random_.octets(2)).substr(0, 2))), std::string(random_.below(120), 'v')});
    section.form.huffman = !one_in(4);
    section.form.indexed_name = !one_in(6);
    if (one_in(4)) section.form.indexing = h2::Indexing::never;
    section.cut = one_in(8) ? static_cast<std::uint8_t>(40 + random_.below(100)) : 0;
    // Content comes first, and is not the channel's (protocol.md section 5).
    const bool with_content = stream.kind == Kind::raw && one_in(8) && h2::find(section.fields, ":upgrade");
    const auto content = with_content ? random_.octets(1 + random_.below(60)) : Octets();
    if (with_content) section.fields.push_back({"content-length", cat(content.size())});
    add(std::move(section));
    if (with_content) add(OctetsStep{stream.id, content, false});
    if (!one_in(6)) add(WaitStep{.what = Awaited::section, .stream = stream.id});
    streams_.push_back(stream);
  }

  // ---- moving -----------------------------------------------------------------------------------------------------

  void move() {
    auto& stream = streams_[random_.below(streams_.size())];
    switch (random_.below(16)) {
      case 0:
        return add_frame(
            h2::window_update(one_in(2) ? 0 : stream.id, 1 + static_cast<std::uint32_t>(random_.below(70000))));
      case 1:
        return settings();
      case 2:
        return add_frame(h2::ping(random_.octets(8)));
      case 3:
        return add_frame(
            h2::priority(stream.id, one_in(2) ? 0 : stream.id + 2, static_cast<std::uint8_t>(random_.below(256))));
      case 4:
        if (streams_.size() < 6) ask();
        return;
      case 5:
        return add(WaitStep{.what = Awaited::octets, .stream = stream.id, .octets = stream.expected});
      case 6:
        if (one_in(3)) close(stream);
        return;
      case 7:
        if (one_in(4)) add(WaitStep{.what = Awaited::quiescent});
        return;
      default:
        return talk(stream);
    }
  }

  void settings() {
    constexpr std::array<std::uint16_t, 4> ids = {h2::setting::initial_window_size, h2::setting::header_table_size,
                                                  h2::setting::max_frame_size, h2::setting::max_concurrent_streams};
    std::vector<h2::Setting> list;
    for (auto left = random_.below(3); left > 0; --left) {
      h2::Setting one{any(ids), any(windows)};
      if (one.id == h2::setting::max_frame_size) one.value = std::clamp(one.value, 16384u, 0xffffffu);
      if (one.id == h2::setting::header_table_size) one.value = std::min(one.value, 65536u);
      list.push_back(one);
    }
    add_frame(h2::settings(list));
  }

  void talk(Stream& stream) {
    if (!stream.open) return;
    if (stream.kind == Kind::websocket) return message(stream);
    const auto octets = random_.octets(size());
    if (stream.kind == Kind::raw) stream.expected += static_cast<std::uint32_t>(octets.size());
    send(stream, octets);
  }

  std::size_t size() { return one_in(3) ? any(sizes) : random_.below(200); }

  void message(Stream& stream) {
    if (one_in(4)) return short_message(stream);
    const auto fragments = one_in(5) ? 2 + random_.below(3) : 1;
    const bool text = one_in(2);
    Octets all;
    for (std::size_t i = 0; i < fragments; ++i) {
      ws::Frame frame{.fin = i + 1 == fragments,
                      .rsv = 0,
                      .opcode = static_cast<std::uint8_t>(i > 0  ? 0
                                                          : text ? 1
                                                                 : 2),
                      .mask = mask(),
                      .payload = text ? Octets(size(), 'u') : random_.octets(size())};
      stream.expected += static_cast<std::uint32_t>(frame.payload.size() + (frame.fin ? 2 : 0));
      append(all, ws::serialise(frame));
      if (one_in(6))
        append(all, ws::serialise({.fin = true,
                                   .rsv = 0,
                                   .opcode = one_in(3) ? std::uint8_t{10} : std::uint8_t{9},
                                   .mask = mask(),
                                   .payload = random_.octets(random_.below(126))}));
    }
    send(stream, all);
  }
  // As a step of its own: mutation sees its parts.
  void short_message(Stream& stream) {
    const bool ping = one_in(4);
    const auto payload = Octets(random_.below(125), 'u');
    if (!ping) stream.expected += static_cast<std::uint32_t>(payload.size() + 2);
    add(WebSocketStep{.stream = stream.id,
                      .fin = true,
                      .rsv = 0,
                      .opcode = static_cast<std::uint8_t>(ping ? 9 : 1),
                      .masked = true,
                      .payload = payload});
  }
  std::array<std::uint8_t, 4> mask() {
    const auto octets = random_.octets(4);
    return {octets[0], octets[1], octets[2], octets[3]};
  }

  // In one DATA frame or several, padded or not, with empty ones between.
  void send(const Stream& stream, const Octets& octets) {
    OctetView all = octets;
    for (; all.size() > largest_octets; all = all.subspan(largest_octets))
      add(OctetsStep{stream.id, to_octets(all.first(largest_octets)), false});
    if (all.size() < 60000 && one_in(5) && all.size() > 1) {
      const auto at = random_.below(all.size());
      add(OctetsStep{stream.id, to_octets(all.first(at)), false});
      if (one_in(3)) add_frame(h2::data(stream.id, {}));
      if (one_in(3)) add_frame(h2::ping(random_.octets(8)));
      return add(OctetsStep{stream.id, to_octets(all.subspan(at)), false});
    }
    if (all.size() < 1000 && one_in(5))
      return add_frame(h2::padded_data(stream.id, all, static_cast<std::uint8_t>(random_.below(256))));
    add(OctetsStep{stream.id, to_octets(all), false});
  }

  // ---- closing ----------------------------------------------------------------------------------------------------

  void close(Stream& stream) {
    if (!std::exchange(stream.open, false)) return;
    const auto how = random_.below(6);
    if (how == 0) return;
    if (how == 1) return add_frame(h2::rst_stream(stream.id, one_in(3) ? 0 : 8));
    if (stream.kind == Kind::websocket && how < 5) {
      add(WebSocketStep{.stream = stream.id,
                        .fin = true,
                        .rsv = 0,
                        .opcode = 8,
                        .masked = true,
                        .payload = one_in(4) ? Octets() : ws::close_payload(1000, "bye")});
      if (one_in(3)) add(WaitStep{.what = Awaited::end, .stream = stream.id});
    }
    add(OctetsStep{stream.id, {}, true});
    if (!one_in(3)) add(WaitStep{.what = Awaited::end, .stream = stream.id});
  }

  const Ground& ground_;
  Random& random_;
  Script script_;
  std::vector<Stream> streams_;
  std::uint32_t next_ = 1;
};

}  // namespace

Script right_talk(const Ground& ground, Random& random) { return Maker(ground, random).make(); }

}  // namespace upspec::script
