#include "upgrade/monitor.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "base/text.hpp"

namespace upspec {

namespace {

using h2::Frame;
using h2::FrameType;

// A field block on its way: HEADERS or PUSH_PROMISE, then CONTINUATIONs.
struct Block {
  std::uint32_t stream = 0;
  bool end_stream = false;
  bool push = false;
  Octets fragment;
};

// What one side has sent, as far as the other side's duties follow from it.
struct Half {
  h2::FieldDecoder decoder;
  bool readable = true;  // false once a block could not be decoded: its table is lost (RFC 7541)
  std::optional<Block> block;
  std::uint32_t max_frame_size = h2::initial_max_frame_size;  // the largest that may still be on its way
  std::int64_t initial_window = h2::initial_window;           // for streams that the other side sends on
  std::uint32_t max_streams = 0xffffffffu;                    // that the other side may have open
  std::vector<std::vector<h2::Setting>> unacknowledged;       // lowering what is allowed binds from the ACK on
  bool push_allowed = true;
};

// A setting by which a server says what it takes.
struct Announcement {
  std::uint16_t setting = 0;
  std::optional<std::uint32_t> value;  // the last
  bool once_on = false;                // it was 1
};

// What a side may still send (RFC 9113 6.9). The observer sees credit when it is given, before the sender does, so this
// is never too small.
struct Windows {
  std::int64_t connection = h2::initial_window;
  std::map<std::uint32_t, std::int64_t> streams;
};

// Streams that a client has opened, and which sides of each have ended. The observer sees the end of a server's side
// before the client does, so these are never too many (RFC 9113 5.1.2).
struct OpenStreams {
  struct Ended {
    bool client = false;
    bool server = false;
  };
  std::map<std::uint32_t, Ended> all;

  void end(Side from, std::uint32_t stream) {
    const auto at = all.find(stream);
    if (at == all.end()) return;
    (from == Side::client ? at->second.client : at->second.server) = true;
    if (at->second.client && at->second.server) all.erase(at);
  }
};

// A peer cannot make the Monitor remember, and compare with, more than this.
constexpr std::size_t most_breaches = 1000;

constexpr std::size_t most_streams = 20000;

Side other(Side side) { return side == Side::client ? Side::server : Side::client; }

}  // namespace

struct Monitor::State {
  explicit State(MonitorOptions o)
      : options(o), announcements{{{o.upgrade_setting, {}}, {h2::setting::enable_connect_protocol, {}}}} {}

  MonitorOptions options;
  std::vector<Breach> breaches;
  std::vector<Breach> fresh;  // of the frame at hand
  Half client, server;
  std::array<Announcement, 2> announcements;  // of the server
  Windows windows;                            // of the side under test
  OpenStreams open;                           // of a client under test
  std::map<std::uint32_t, Exchange> exchanges;
  std::set<std::uint32_t> promised;                 // by PUSH_PROMISE
  std::optional<Result<h2::FieldSection>> section;  // see take_section()

  // Null: it announces nothing.
  Announcement* announcement(std::uint16_t setting) {
    const auto at = std::ranges::find(announcements, setting, &Announcement::setting);
    return at == announcements.end() ? nullptr : &*at;
  }

  Half& half(Side side) { return side == Side::client ? client : server; }
  bool judged(Side from) const { return from == options.under_test; }

  void add(std::string_view requirement, std::string text, std::uint32_t stream = 0) {
    fresh.push_back({std::string(requirement), std::move(text), stream});
  }

  // Reports what is new: the same requirement on the same stream once.
  void settle() {
    for (auto& breach : fresh) {
      const auto same = [&](const Breach& b) {
        return b.requirement == breach.requirement && b.stream == breach.stream;
      };
      if (breaches.size() < most_breaches && std::ranges::none_of(breaches, same))
        breaches.push_back(std::move(breach));
    }
    fresh.clear();
  }

  Announced announced() {
    // A client is judged by what it has seen: a 0 after 1, which is the server's breach, may still be on its way.
    const bool client_judged = options.under_test == Side::client;
    const auto on = [&](std::uint16_t id) {
      const auto* one = announcement(id);
      return one->value == 1u || (client_judged && one->once_on);
    };
    return {!options.upgrade_needs_setting || on(options.upgrade_setting), on(h2::setting::enable_connect_protocol)};
  }

  Exchange& exchange(std::uint32_t stream) {
    return exchanges.try_emplace(stream, stream, options.under_test, options.forwards).first->second;
  }

  std::int64_t& stream_window(std::uint32_t stream) {
    const auto initial = half(other(options.under_test)).initial_window;
    return windows.streams.try_emplace(stream, initial).first->second;
  }

  // ---- one function a frame type ------------------------------------------------------------------------------

  void saw_settings(Side from, const Frame& frame) {
    if (frame.has(h2::flag::ack)) return saw_settings_ack(from);
    auto list = h2::read_settings(frame.payload);
    if (!list) return;
    auto& sender = half(from);
    for (const auto& [id, value] : *list) {
      if (judged(from)) check_setting(from, id, value);
      if (auto* one = announcement(id); one && from == Side::server) {
        one->value = value;
        one->once_on = one->once_on || value == 1;
      }
      if (id == h2::setting::max_frame_size)
        sender.max_frame_size = std::max(sender.max_frame_size, value);  // lowered by the ACK
      if (id == h2::setting::enable_push) sender.push_allowed = value != 0;
    }
    if (judged(from)) return;
    for (const auto& [id, value] : *list) {
      if (id == h2::setting::initial_window_size && value > sender.initial_window) change_windows(sender, value);
      if (id == h2::setting::max_concurrent_streams) sender.max_streams = std::max(sender.max_streams, value);
    }
    sender.unacknowledged.push_back(std::move(*list));
  }

  void saw_settings_ack(Side from) {
    auto& sender = half(other(from));
    if (!judged(from) || sender.unacknowledged.empty()) return;
    const auto now_holds = std::move(sender.unacknowledged.front());
    sender.unacknowledged.erase(sender.unacknowledged.begin());
    for (const auto& [id, value] : now_holds) {
      if (id == h2::setting::initial_window_size) change_windows(sender, largest_pending(sender, id, value));
      if (id == h2::setting::max_concurrent_streams) sender.max_streams = largest_pending(sender, id, value);
      if (id == h2::setting::max_frame_size && sender.unacknowledged.empty()) sender.max_frame_size = value;
    }
  }

  // Of the value that holds and those on their way, which the other side may have seen already.
  static std::uint32_t largest_pending(const Half& sender, std::uint16_t setting, std::uint32_t largest) {
    for (const auto& list : sender.unacknowledged)
      for (const auto& [id, value] : list)
        if (id == setting) largest = std::max(largest, value);
    return largest;
  }

  void change_windows(Half& sender, std::int64_t initial) {
    for (auto& [stream, window] : windows.streams) window += initial - sender.initial_window;
    sender.initial_window = initial;
  }

  void check_setting(Side from, std::uint16_t id, std::uint32_t value) {
    if (from != Side::server) return;  // a client's value means nothing (NEG-06)
    const auto* before = announcement(id);
    if (!before) return;
    const bool upgrade = id == options.upgrade_setting;
    if (value > 1)
      add(upgrade ? "NEG-01" : "XC-01", cat(h2::setting_name(id), "=", value, ": only 0 and 1 mean something"));
    if (value == 0 && before->value == 1u) {
      add(upgrade ? "NEG-04" : "XC-04", cat(h2::setting_name(id), "=0 after 1"));
    }
  }

  void saw_headers(Side from, const Frame& frame) {
    const auto fragment = h2::read_headers(frame);
    if (!fragment) return lose(from, frame.stream);
    saw_block(from, frame, {frame.stream, frame.has(h2::flag::end_stream), false, {}}, *fragment);
  }

  void saw_push_promise(Side from, const Frame& frame) {
    if (judged(from) && (from == Side::client || !client.push_allowed)) {
      add("TUN-05", "PUSH_PROMISE where none is allowed", frame.stream);
    }
    const auto push = h2::read_push_promise(frame);
    if (!push) return lose(from, frame.stream);
    if (promised.size() < most_streams) promised.insert(push->promised);
    saw_block(from, frame, {frame.stream, false, true, {}}, push->fragment);
  }

  void saw_block(Side from, const Frame& frame, Block block, OctetView fragment) {
    const bool is_first = !block.push && !exchanges.contains(block.stream);
    if (is_first) exchange(block.stream);  // HEADERS opens it, whole or not
    if (is_first && from == Side::server && !judged(from)) exchange(block.stream).unreadable();  // as in saw_data
    if (is_first && from == Side::client && judged(from)) count_stream(block.stream);
    if (block.end_stream) open.end(from, block.stream);
    half(from).block.reset();
    if (frame.has(h2::flag::end_headers)) return finish_block(from, block, fragment);
    block.fragment = to_octets(fragment);
    half(from).block = std::move(block);
  }

  // TUN-09: a channel counts until both of its sides have ended.
  void count_stream(std::uint32_t stream) {
    if (open.all.size() >= server.max_streams)
      add("TUN-09", cat("opens a stream beside ", open.all.size(), " where ", server.max_streams, " are allowed"),
          stream);
    open.all.try_emplace(stream);
  }

  void saw_continuation(Side from, const Frame& frame) {
    auto& block = half(from).block;
    if (!block || block->stream != frame.stream) return;
    append(block->fragment, frame.payload);
    if (block->fragment.size() > h2::FieldDecoder::largest_section) return lose(from, frame.stream);
    if (!frame.has(h2::flag::end_headers)) return;
    const auto whole = *std::exchange(block, std::nullopt);
    finish_block(from, whole, whole.fragment);
  }

  void finish_block(Side from, const Block& block, OctetView octets) {
    auto& sender = half(from);
    section = sender.readable ? sender.decoder.decode(octets) : fail("an earlier field block was lost");
    sender.readable = section->has_value();
    if (!sender.readable) return exchange(block.stream).unreadable();
    const auto& fields = **section;
    if (!block.push) return exchange(block.stream).section(from, fields, block.end_stream, announced(), fresh);
    if (judged(from) && h2::find(fields, ":upgrade")) add("REQ-07", ":upgrade in PUSH_PROMISE", block.stream);
  }

  void lose(Side from, std::uint32_t stream) {
    half(from).readable = false;
    half(from).block.reset();
    exchange(stream).unreadable();
  }

  void saw_data(Side from, const Frame& frame) {
    if (judged(from)) count_data(frame);
    const auto part = h2::read_data(frame);
    if (!part) return;
    const bool is_first = !exchanges.contains(frame.stream);
    auto& stream = exchange(frame.stream);
    if (is_first && !judged(from)) stream.unreadable();  // it breaks RFC 9113 5.1 itself: nothing is told of the stream
    stream.data(from, part->octets, fresh);
    if (!frame.has(h2::flag::end_stream)) return;
    stream.end(from, fresh);
    open.end(from, frame.stream);
  }

  void count_data(const Frame& frame) {
    const auto flow = static_cast<std::int64_t>(frame.payload.size());
    auto& window = stream_window(frame.stream);
    window -= flow;
    windows.connection -= flow;
    if (flow == 0) return;  // an empty frame needs no window (RFC 9113 6.9)
    if (window < 0) add("TUN-06", cat("DATA exceeds the stream's window by ", -window), frame.stream);
    if (windows.connection < 0)
      add("TUN-06", cat("DATA exceeds the connection's window by ", -windows.connection), frame.stream);
  }

  void saw_window_update(Side from, const Frame& frame) {
    const auto increment = h2::read_window_update(frame);
    if (!increment) return;
    if (judged(from)) {
      if (*increment == 0) add("TUN-15", "WINDOW_UPDATE of 0", frame.stream);
    } else if (frame.stream == 0) {
      windows.connection += *increment;
    } else {
      stream_window(frame.stream) += *increment;
    }
  }

  void saw_rst_stream(Side from, const Frame& frame) {
    const auto code = h2::read_rst_stream(frame);
    if (!code) return;
    open.all.erase(frame.stream);
    const auto at = exchanges.find(frame.stream);
    if (at == exchanges.end()) {
      // A pushed response is refused so (RFC 9113 6.6).
      if (judged(from) && !promised.contains(frame.stream))
        add("TUN-04", "RST_STREAM on a stream that was never opened", frame.stream);
      return;
    }
    at->second.reset(from, *code, fresh);
  }

  // After its own RST_STREAM a side sends nothing on the stream but PRIORITY and, by race, nothing else (RFC 9113 5.1).
  void check_after_reset(Side from, const Frame& frame) {
    const auto at = exchanges.find(frame.stream);
    if (at == exchanges.end() || at->second.reset_by() != from) return;
    if (frame.is(FrameType::data) || frame.is(FrameType::headers)) {
      add("TUN-13", cat(h2::frame_type_name(frame.type), " after its own RST_STREAM"), frame.stream);
    }
  }
};

Monitor::Monitor(MonitorOptions options) : state_(std::make_unique<State>(options)) {}
Monitor::~Monitor() = default;
Monitor::Monitor(Monitor&&) noexcept = default;
Monitor& Monitor::operator=(Monitor&&) noexcept = default;

void Monitor::saw(Side from, const h2::Frame& frame) {
  auto& state = *state_;
  state.section.reset();
  // A side that names streams without end costs no memory without end: the new ones are not followed.
  if (frame.stream != 0 && state.exchanges.size() >= most_streams && !state.exchanges.contains(frame.stream)) return;
  if (state.judged(from)) {
    const auto limit = state.half(other(from)).max_frame_size;
    if (frame.payload.size() > limit) {
      state.add("TUN-12",
                cat(h2::frame_type_name(frame.type), " of ", frame.payload.size(), " octets, the limit is ", limit),
                frame.stream);
    }
    state.check_after_reset(from, frame);
  }
  struct Row {
    FrameType type;
    void (State::*see)(Side, const Frame&);
  };
  constexpr Row rows[] = {{FrameType::data, &State::saw_data},
                          {FrameType::headers, &State::saw_headers},
                          {FrameType::rst_stream, &State::saw_rst_stream},
                          {FrameType::settings, &State::saw_settings},
                          {FrameType::push_promise, &State::saw_push_promise},
                          {FrameType::window_update, &State::saw_window_update},
                          {FrameType::continuation, &State::saw_continuation}};
  for (const auto& row : rows)
    if (frame.is(row.type)) (state.*row.see)(from, frame);
  state.settle();
}

std::optional<Result<h2::FieldSection>> Monitor::take_section() { return std::exchange(state_->section, std::nullopt); }

const std::vector<Breach>& Monitor::breaches() const { return state_->breaches; }

}  // namespace upspec
