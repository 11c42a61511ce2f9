#include "script/talks.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <type_traits>
#include <utility>

#include "base/base64.hpp"
#include "base/text.hpp"
#include "h1/head.hpp"
#include "h2/codes.hpp"
#include "upgrade/translate.hpp"
#include "ws/frame.hpp"

namespace upspec::script {

namespace {

enum class Kind : std::uint8_t { websocket, raw, ordinary };

struct Stream {
  std::uint32_t id = 1;
  Kind kind = Kind::ordinary;
  bool open = true;            // we may still send on it
  std::uint32_t expected = 0;  // octets that must come at the least
  std::uint32_t behind = 1;    // the origin's name for it
  bool channel = false;        // ... and whether it has said that it is one
};

// Borders of WebSocket lengths, frame sizes and windows.
constexpr std::array<std::size_t, 16> sizes = {0,   1,   2,    5,    12,    60,    125,   126,
                                               127, 300, 1000, 4096, 16384, 16385, 40000, 65000};
constexpr std::array<std::uint32_t, 7> windows = {0, 1, 100, 16384, 65535, 1 << 20, 0x7fffffff};

class Maker {
 public:
  Maker(const Ground& ground, Random& random) : ground_(ground), random_(random) {}

  Script make() {
    script_.role = ground_.role;
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

  bool has_origin() const { return has(ground_.role, End::behind); }

  template <class What>
  void add(What what) {
    add(End::front, std::move(what));
  }
  template <class What>
  void add(End end, What what) {
    if (script_.steps.size() + 8 >= most_steps) return;
    Step step{.link = {end, 0}, .split = 0, .what = std::move(what)};
    if (!std::is_same_v<What, WaitStep> && one_in(8))
      step.split = one_in(2) ? joined : static_cast<std::uint8_t>(1 + random_.below(40));
    script_.steps.push_back(std::move(step));
  }
  void add_frame(h2::Frame frame) {
    if (speaks_h2(ground_.role, End::front)) add(FrameStep{std::move(frame)});
  }

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
    if (used_up_) return;
    Stream stream{.id = next_};
    next_ += one_in(10) ? 4 : 2;
    stream.behind = static_cast<std::uint32_t>(2 * streams_.size() + 1);
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
    // Of a channel: REQ-12, one direction is over before it begins.
    const bool h2 = speaks_h2(ground_.role, End::front);
    section.end = stream.kind == Kind::ordinary ? !h2 || !one_in(4) : h2 && !has_origin() && one_in(16);
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
    const bool with_content =
        stream.kind == Kind::raw && one_in(8) && !section.end && h2::find(section.fields, ":upgrade");
    const auto content = with_content ? random_.octets(1 + random_.below(60)) : Octets();
    if (with_content) section.fields.push_back({"content-length", cat(content.size())});
    const auto asked = asked_dialect(section.fields);
    const bool head = h2::find(section.fields, ":method") && *h2::find(section.fields, ":method") == "HEAD";
    add_request(std::move(section));
    if (with_content) add(OctetsStep{stream.id, content, false});
    if (has_origin()) answer(stream, asked, head);
    if (!one_in(6)) add(WaitStep{.what = Awaited::section, .stream = stream.id});
    streams_.push_back(stream);
  }

  // As HTTP/1.1 where the front speaks it.
  void add_request(SectionStep section) {
    if (speaks_h2(ground_.role, End::front)) return add(std::move(section));
    const auto head = request_21(section.fields, section.end, base64(random_.octets(16)));
    if (head) add(RawStep{to_octets(h1::print(*head))});
  }

  // ---- answering, as the origin ------------------------------------------------------------------------------------

  void answer(Stream& stream, std::optional<Dialect> asked, bool head) {
    add(End::behind, WaitStep{.what = Awaited::section, .stream = stream.behind});
    if (one_in(8)) say(stream, {{":status", "103"}, {"link", "</a>"}}, false);
    stream.channel = asked && !one_in(5);
    if (stream.channel) return accept(stream, *asked);
    if (one_in(4)) return say(stream, {{":status", "204"}}, true);
    say(stream, {{":status", asked ? "403" : "200"}, {"content-length", "5"}}, head);
    if (!head) add(End::behind, OctetsStep{stream.behind, to_octets("hello"), speaks_h2(ground_.role, End::behind)});
  }

  void accept(const Stream& stream, Dialect dialect) {
    const char* protocol = stream.kind == Kind::websocket ? "websocket" : "upspec-echo";
    h2::FieldSection fields = {{":status", "101"}, {":upgrade", protocol}};
    if (!speaks_h2(ground_.role, End::behind))
      fields = {{":status", "101"}, {"connection", "upgrade"}, {"upgrade", protocol}};
    else if (dialect == Dialect::connect)
      fields = {{":status", "200"}};
    if (stream.kind == Kind::websocket && fields.size() > 1) fields.push_back({"sec-websocket-accept", "${accept}"});
    say(stream, fields, false);
    // HTTP/1.1 is one exchange at a time, and none after a switch.
    used_up_ = !speaks_h2(ground_.role, End::behind) || !speaks_h2(ground_.role, End::front);
  }

  void say(const Stream& stream, const h2::FieldSection& fields, bool end) {
    if (speaks_h2(ground_.role, End::behind))
      return add(End::behind, SectionStep{.stream = stream.behind, .fields = fields, .end = end, .form = {}, .cut = 0});
    const int status = std::stoi(fields.front().value);
    h1::ResponseHead head{.status = status, .reason = h1::reason_for(status), .fields = {}};
    for (std::size_t i = 1; i < fields.size(); ++i) head.fields.push_back({fields[i].name, fields[i].value});
    add(End::behind, RawStep{to_octets(h1::print(head))});
  }

  void close_behind(Stream& stream) {
    if (!std::exchange(stream.channel, false)) return;
    if (one_in(8)) return add(End::behind, AbortStep{});
    add(End::behind, OctetsStep{stream.behind, {}, true});
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
        if (streams_.size() < 6 && !gone_) ask();
        return;
      case 5:
        return add(WaitStep{.what = Awaited::octets, .stream = stream.id, .octets = stream.expected});
      case 6:
        if (one_in(3)) close(stream);
        return;
      case 7:
        if (one_in(4)) add(WaitStep{.what = Awaited::quiescent});
        if (one_in(8)) of_no_consequence();
        return;
      default:
        return talk(stream);
    }
  }

  // RFC 9113 5.5, 6.8: channels go on behind them.
  void of_no_consequence() {
    if (one_in(2)) return add_frame({.type = 0xfa, .flags = 0, .stream = 0, .payload = random_.octets(4)});
    gone_ = true;
    add_frame(h2::goaway(0, 0));
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
    if (stream.channel && one_in(2)) return talk_behind(stream);
    if (!stream.open) return;
    if (stream.kind == Kind::websocket) return message(stream);
    const auto octets = random_.octets(size());
    if (stream.kind == Kind::raw) echoes(stream, octets.size());
    send(stream, octets);
  }
  void talk_behind(Stream& stream) {
    const auto octets = random_.octets(size());
    stream.expected += static_cast<std::uint32_t>(octets.size());
    add(End::behind, OctetsStep{stream.behind, octets, false});
  }
  void echoes(Stream& stream, std::size_t octets) {
    if (!has_origin()) stream.expected += static_cast<std::uint32_t>(octets);
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
      echoes(stream, frame.payload.size() + (frame.fin ? 2 : 0));
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
    if (!ping) echoes(stream, payload.size() + 2);
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

  // A message and Close, in one DATA frame.
  Octets last_words(Stream& stream) {
    const auto payload = random_.octets(random_.below(60));
    echoes(stream, payload.size() + 2);
    auto all = ws::serialise({.fin = true, .rsv = 0, .opcode = 2, .mask = mask(), .payload = payload});
    append(all, ws::serialise(
                    {.fin = true, .rsv = 0, .opcode = 8, .mask = mask(), .payload = ws::close_payload(1000, "bye")}));
    return all;
  }

  // ---- closing ----------------------------------------------------------------------------------------------------

  void close(Stream& stream) {
    if (!std::exchange(stream.open, false)) return;
    if (has_origin() && one_in(2)) close_behind(stream);
    const auto how = random_.below(6);
    if (how == 0) return;
    if (how == 1) return add_frame(h2::rst_stream(stream.id, one_in(3) ? 0 : 8));
    if (stream.kind == Kind::websocket && how == 2) {
      const bool end = one_in(2);
      add(OctetsStep{stream.id, last_words(stream), end});
      if (end) return;
    } else if (stream.kind == Kind::websocket && how < 5) {
      add(WebSocketStep{.stream = stream.id,
                        .fin = true,
                        .rsv = 0,
                        .opcode = 8,
                        .masked = true,
                        .payload = one_in(4) ? Octets() : ws::close_payload(1000, "bye")});
      if (one_in(3)) add(WaitStep{.what = Awaited::end, .stream = stream.id});
    }
    if (speaks_h2(ground_.role, End::front) && one_in(4))
      add_frame(h2::padded_data(stream.id, {}, static_cast<std::uint8_t>(random_.below(256)), h2::flag::end_stream));
    else
      add(OctetsStep{stream.id, {}, true});
    if (one_in(8)) return add_frame(h2::rst_stream(stream.id, 8));  // half-closed, and then given up
    if (has_origin()) close_behind(stream);
    if (!one_in(3)) add(WaitStep{.what = Awaited::end, .stream = stream.id});
  }

  const Ground& ground_;
  Random& random_;
  Script script_;
  std::vector<Stream> streams_;
  std::uint32_t next_ = 1;
  bool gone_ = false;     // we have said GOAWAY
  bool used_up_ = false;  // no more requests
};

}  // namespace

Script right_talk(const Ground& ground, Random& random) { return Maker(ground, random).make(); }

}  // namespace upspec::script
