#include "script/flows.hpp"

#include <array>
#include <string>
#include <utility>

#include "base/base64.hpp"
#include "h2/codes.hpp"
#include "ws/frame.hpp"

namespace upspec::script {

namespace {

class Flow {
 public:
  Flow(const Ground& ground, Random& random) : ground_(ground), random_(random) {
    raw_ = ground_.paths.websocket.empty() || (!ground_.paths.raw.empty() && random_.below(2) == 0);
    dialect_ = ground_.dialects[random_.below(ground_.dialects.size())];
  }

  Script make() {
    add(WaitStep{.what = Awaited::settings});
    switch (random_.below(5)) {
      case 0:
        much();
        break;
      case 1:
        padding();
        break;
      case 2:
        for_nobody();
        break;
      case 3:
        against_a_closed_window();
        break;
      default:
        one_after_the_other();
    }
    return std::move(script_);
  }

 private:
  template <class What>
  void add(What what, std::uint8_t split = 0) {
    script_.steps.push_back({.link = {}, .split = split, .what = std::move(what)});
  }

  h2::FieldSection request() {
    Ask ask{.protocol = raw_ ? "upspec-echo" : "websocket",
            .scheme = ground_.scheme,
            .authority = ground_.authority,
            .path = raw_ ? ground_.paths.raw : ground_.paths.websocket,
            .attributes = {},
            .fields = {}};
    if (!raw_) ask.fields.push_back({"sec-websocket-version", "13"});
    if (!raw_ && dialect_ == Dialect::upgrade) ask.fields.push_back({"sec-websocket-key", base64(random_.octets(16))});
    auto fields = request_for(dialect_, ask);
    fields.insert(fields.end(), ground_.fields.begin(), ground_.fields.end());
    return fields;
  }

  std::uint32_t ask(std::uint8_t split = 0) { return ask(request(), split); }
  std::uint32_t ask(h2::FieldSection fields, std::uint8_t split) {
    const auto stream = std::exchange(next_, next_ + 2);
    add(SectionStep{.stream = stream, .fields = std::move(fields), .end = false, .form = {}, .cut = 0}, split);
    return stream;
  }
  std::uint32_t open() {
    const auto stream = ask();
    add(WaitStep{.what = Awaited::section, .stream = stream});
    return stream;
  }

  // One message, or as many octets. `back`: what comes of it at the least.
  Octets said(std::size_t size) {
    auto octets = random_.octets(size);
    if (raw_) return octets;
    return ws::serialise({.fin = true, .rsv = 0, .opcode = 2, .mask = {{1, 2, 3, 4}}, .payload = std::move(octets)});
  }
  void say(std::uint32_t stream, std::size_t size) { add(OctetsStep{stream, said(size), false}); }
  void say_and_hear(std::uint32_t stream, std::size_t size) {
    say(stream, size);
    heard_ += static_cast<std::uint32_t>(size);
    add(WaitStep{.what = Awaited::octets, .stream = stream, .octets = heard_});
  }

  // TUN-07: a channel moves any amount of octets. This is more than a window.
  void much() {
    const auto stream = open();
    if (random_.below(2) == 0) open();  // a neighbour, whose window is its own
    const std::size_t size = raw_ ? 60000 : 20000;
    for (std::size_t moved = 0; moved < 200000; moved += size) say_and_hear(stream, size);
    end(stream);
  }

  // TUN-02: padding counts for flow control, and is consumed as soon as it comes. A whole window of it.
  void padding() {
    const auto stream = open();
    const auto frame = h2::serialise(h2::padded_data(stream, {}, 254));
    constexpr std::size_t frames = h2::initial_window / 255, in_a_step = 128;
    for (std::size_t sent = 0; sent < frames;) {
      Octets some;
      for (std::size_t i = 0; i < in_a_step && sent < frames; ++i, ++sent) append(some, frame);
      add(RawStep{std::move(some)});
    }
    add(WaitStep{.what = Awaited::quiescent});
    say_and_hear(stream, 100);
    end(stream);
  }

  // RFC 9113 5.2: what the window does not take waits for it, and nothing of it is lost. More than a window goes in.
  void against_a_closed_window() {
    script_.gives_windows = false;
    const auto stream = open();
    const std::size_t size = raw_ ? 43000 : 20000;
    std::size_t moved = 0;
    for (; moved < 90000; moved += size) say(stream, size);
    add(FrameStep{h2::ping(random_.octets(8))});
    add(WaitStep{.what = Awaited::quiescent});
    const auto more = static_cast<std::uint32_t>(4 * moved);
    const bool connection_first = random_.below(2) == 0;
    add(FrameStep{h2::window_update(connection_first ? 0 : stream, more)});
    add(FrameStep{h2::window_update(connection_first ? stream : 0, more)});
    add(WaitStep{.what = Awaited::octets, .stream = stream, .octets = static_cast<std::uint32_t>(moved)});
    end(stream);
  }

  // RFC 9113 5.1, 6.9: what comes for a stream that is over counts for the connection. By the time the octets arrive
  // the stream has been refused, or they are followed by our RST_STREAM.
  void for_nobody() {
    const bool refused = random_.below(2) == 0;
    for (std::size_t i = 0; i < 5; ++i) {
      auto fields = request();
      if (refused) fields.push_back({"connection", "x"});
      const auto stream = ask(std::move(fields), refused ? joined : std::uint8_t{0});
      if (!refused && random_.below(2) == 0) add(WaitStep{.what = Awaited::section, .stream = stream});
      add(OctetsStep{stream, said(15000), false}, refused ? std::uint8_t{0} : joined);
      if (!refused) add(FrameStep{h2::rst_stream(stream, static_cast<std::uint32_t>(h2::ErrorCode::cancel))});
      add(WaitStep{.what = Awaited::quiescent});
    }
    end_after(open(), 100);
  }

  // TUN-09: a channel that is over counts no more. Each is closed before the next is asked for.
  void one_after_the_other() {
    for (std::size_t i = 0; i < 36; ++i) {
      heard_ = 0;
      end_after(open(), 1 + random_.below(60));
    }
  }

  void end_after(std::uint32_t stream, std::size_t size) {
    say(stream, size);
    end(stream);
  }
  void end(std::uint32_t stream) {
    Octets last = {'.'};  // END_STREAM by itself needs no window, and behind it none is owed
    if (!raw_)
      last = ws::serialise(
          {.fin = true, .rsv = 0, .opcode = 8, .mask = {{1, 2, 3, 4}}, .payload = ws::close_payload(1000, "")});
    add(OctetsStep{stream, std::move(last), true});
    add(WaitStep{.what = Awaited::end, .stream = stream});
  }

  const Ground& ground_;
  Random& random_;
  Script script_;
  bool raw_ = false;
  Dialect dialect_ = Dialect::connect;
  std::uint32_t next_ = 1;
  std::uint32_t heard_ = 0;
};

}  // namespace

Script long_talk(const Ground& ground, Random& random) {
  if (ground.dialects.empty() || (ground.paths.websocket.empty() && ground.paths.raw.empty())) return {};
  return Flow(ground, random).make();
}

}  // namespace upspec::script
