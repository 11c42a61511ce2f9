#include "script/trace.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace upspec::script {

using h2::Frame;
using h2::FrameType;

namespace {

// Past these an implementation may call it a flood (protocol.md section 11).
constexpr std::size_t most_controls = 60;
constexpr std::size_t most_resets = 8;
constexpr std::size_t most_continuations = 4;  // of a block
constexpr std::size_t most_streams = 2000;

}  // namespace

void Trace::doubt(const char* why) {
  if (doubt_.empty()) doubt_ = why;
}

void Trace::offend(const char* requirement, const char* what, std::uint32_t stream) {
  if (doubt_.empty()) offence_ = {requirement, what, stream};
  doubt(what);
}

bool Trace::at_border() const { return preface_left_ == 0 && ours_.buffered() == 0 && block_ == 0; }

void Trace::note(bool ours, const Frame& frame) {
  if (events_.size() >= most_events) return;
  TraceEvent event{ours, frame.type, frame.flags, frame.stream, static_cast<std::uint32_t>(frame.payload.size()), 0};
  const auto number = [&](std::size_t from, int width) {
    return frame.payload.size() < from + static_cast<std::size_t>(width)
               ? 0
               : static_cast<std::uint32_t>(read_number(frame.payload, from, width));
  };
  if (frame.is(FrameType::rst_stream) || frame.is(FrameType::window_update)) event.value = number(0, 4);
  if (frame.is(FrameType::goaway)) event.value = number(4, 4);
  if (frame.is(FrameType::settings)) event.value = number(0, 2);
  events_.push_back(event);
}

// ---- ours ---------------------------------------------------------------------------------------------------------

void Trace::ours(OctetView octets) {
  const auto skipped = std::min(preface_left_, octets.size());
  const auto at = h2::preface.size() - preface_left_;
  if (as_text(octets.first(skipped)) != h2::preface.substr(at, skipped)) doubt("the preface");
  preface_left_ -= skipped;
  ours_.feed(octets.subspan(skipped));
  while (const auto frame = ours_.next()) {
    note(true, *frame);
    judge(*frame);
  }
}

void Trace::judge(const Frame& frame) {
  struct Row {
    FrameType type;
    void (Trace::*judge)(const Frame&);
  };
  constexpr std::array rows = {Row{FrameType::headers, &Trace::judge_headers},
                               Row{FrameType::continuation, &Trace::judge_headers},
                               Row{FrameType::data, &Trace::judge_data},
                               Row{FrameType::settings, &Trace::judge_settings},
                               Row{FrameType::window_update, &Trace::judge_window_update},
                               Row{FrameType::rst_stream, &Trace::judge_rst_stream},
                               Row{FrameType::priority, &Trace::judge_priority},
                               Row{FrameType::ping, &Trace::judge_ping},
                               Row{FrameType::push_promise, &Trace::judge_push_promise},
                               Row{FrameType::goaway, &Trace::judge_goaway}};
  if (!std::exchange(first_seen_, true) && (!frame.is(FrameType::settings) || frame.has(h2::flag::ack)))
    doubt("no SETTINGS first");
  if (block_ != 0 && !frame.is(FrameType::continuation)) doubt("a frame inside a field block");
  if (frame.payload.size() > max_frame_) {
    const auto at = streams_.find(frame.stream);
    const bool taken = frame.is(FrameType::data) && at != streams_.end() && at->second.state == Ours::open;
    if (taken && !at->second.over && their_settings_ > 0) offend("TUN-12", "DATA larger than allowed", frame.stream);
    doubt("a frame larger than allowed");
  }
  if (!frame.is(FrameType::data) && !frame.is(FrameType::headers) && ++controls_ > most_controls) doubt("many frames");
  for (const auto& row : rows)
    if (frame.is(row.type)) return (this->*row.judge)(frame);
  // RFC 9113 5.5: a frame of an unknown type is thrown away. On a channel it may be an error (8.5), and of the lower
  // types some may be known to somebody.
  constexpr std::uint8_t known_to_nobody = 0x21;
  if (frame.type < known_to_nobody || frame.stream != 0) doubt("a frame that is not for everybody");
}

void Trace::judge_headers(const Frame& frame) {
  if (frame.is(FrameType::continuation)) {
    if (block_ == 0 || block_ != frame.stream || (frame.flags & ~h2::flag::end_headers) != 0) doubt("CONTINUATION");
    if (++continuations_ > most_continuations) doubt("many CONTINUATIONs");
    if (frame.has(h2::flag::end_headers)) block_ = 0;
    return;
  }
  continuations_ = 0;
  constexpr std::uint8_t known = h2::flag::end_stream | h2::flag::end_headers | h2::flag::padded | h2::flag::priority;
  if (const auto at = streams_.find(frame.stream); at != streams_.end()) {
    const auto& stream = at->second;
    if (stream.state == Ours::open && stream.answered && !stream.over && h2::read_headers(frame) &&
        frame.has(h2::flag::end_headers))
      offend("TUN-05", "HEADERS on an open channel", frame.stream);
    if (stream.state == Ours::ended && !stream.over && h2::read_headers(frame) && frame.has(h2::flag::end_headers))
      offend("TUN-05", "HEADERS behind END_STREAM", frame.stream);
  }
  if (frame.stream % 2 == 0 || frame.stream <= highest_) doubt("HEADERS on a used stream");
  if (said_goodbye_) doubt("HEADERS behind GOAWAY");
  if ((frame.flags & ~known) != 0 || frame.has(h2::flag::priority) || !h2::read_headers(frame)) doubt("HEADERS");
  if (open_streams() >= max_streams_) doubt("more streams than allowed");
  highest_ = std::max(highest_, frame.stream);
  if (streams_.size() < most_streams) {
    auto& stream = streams_[frame.stream];
    stream.our_window = our_initial_;
    if (frame.has(h2::flag::end_stream)) stream.state = Ours::ended;
  }
  if (!frame.has(h2::flag::end_headers)) block_ = frame.stream;
}

std::size_t Trace::open_streams() const {
  return static_cast<std::size_t>(std::ranges::count_if(
      streams_, [](const auto& one) { return one.second.state != Ours::reset && !one.second.over; }));
}

void Trace::judge_data(const Frame& frame) {
  const auto at = streams_.find(frame.stream);
  if (at != streams_.end() && at->second.state == Ours::ended && !at->second.over)
    offend("TUN-13", "DATA behind END_STREAM", frame.stream);
  if (at == streams_.end() || at->second.state != Ours::open) return doubt("DATA where none may be");
  if (!h2::read_data(frame) && !at->second.over)
    offend("TUN-02", "DATA with more padding than it has room for", frame.stream);
  if (!h2::read_data(frame) || (frame.flags & ~(h2::flag::end_stream | h2::flag::padded)) != 0) doubt("DATA");
  const auto size = static_cast<std::int64_t>(frame.payload.size());
  our_window_ -= size;
  our_used_ += size;
  at->second.our_window -= size;
  at->second.our_used += size;
  if (size > 0 && (our_window_ < 0 || at->second.our_window < 0)) doubt("more DATA than the windows allow");
  if (frame.has(h2::flag::end_stream)) at->second.state = Ours::ended;
}

void Trace::judge_settings(const Frame& frame) {
  if (frame.has(h2::flag::ack)) {
    if (++our_acks_ > their_settings_ || !frame.payload.empty() || frame.stream != 0) doubt("SETTINGS ACK");
    return;
  }
  ++settings_;
  const auto list = h2::read_settings(frame.payload);
  if (!list || frame.stream != 0 || frame.flags != 0) return doubt("SETTINGS");
  for (const auto& [id, value] : *list) {
    if (id == h2::setting::enable_push && value > 1) doubt("ENABLE_PUSH");
    if (id == h2::setting::max_frame_size && (value < 16384 || value > 0xffffff)) doubt("MAX_FRAME_SIZE");
    if (id == h2::setting::max_header_list_size && value < 4096) doubt("a small MAX_HEADER_LIST_SIZE");
    if (id == h2::setting::enable_connect_protocol || id > h2::setting::max_header_list_size)
      doubt("SETTINGS of a server");
    if (id != h2::setting::initial_window_size) continue;
    if (value > h2::largest_window) doubt("INITIAL_WINDOW_SIZE");
    their_initial_ = value;
    for (const auto& [stream, state] : streams_)
      if (their_initial_ + state.their_given - state.their_used > h2::largest_window) doubt("a window too large");
  }
}

void Trace::judge_window_update(const Frame& frame) {
  const auto increment = h2::read_window_update(frame);
  const bool known = frame.stream == 0 || (streams_.contains(frame.stream) && !streams_.at(frame.stream).over);
  if (increment && *increment == 0 && known) offend("TUN-15", "WINDOW_UPDATE of 0", frame.stream);
  if (!increment || *increment == 0) return doubt("WINDOW_UPDATE");
  std::int64_t* given = &their_given_;
  std::int64_t room = their_given_ - their_used_;
  if (frame.stream != 0) {
    const auto at = streams_.find(frame.stream);
    if (at == streams_.end()) return doubt("WINDOW_UPDATE where no stream is");
    given = &at->second.their_given;
    room = their_initial_ + at->second.their_given - at->second.their_used;
  }
  if (room + *increment > h2::largest_window) doubt("a window too large");
  *given += *increment;
}

void Trace::judge_rst_stream(const Frame& frame) {
  const auto at = streams_.find(frame.stream);
  if (at == streams_.end() || !h2::read_rst_stream(frame)) return doubt("RST_STREAM");
  if (at->second.state == Ours::reset || ++resets_ > most_resets) doubt("many RST_STREAMs");
  at->second.state = Ours::reset;
}

void Trace::judge_priority(const Frame& frame) {
  if (frame.stream == 0 || frame.payload.size() != 5 || (read_number(frame.payload, 0, 4) & 0x7fffffff) == frame.stream)
    doubt("PRIORITY");
}

void Trace::judge_ping(const Frame& frame) {
  if (frame.stream != 0 || frame.payload.size() != 8) return doubt("PING");
  if (!frame.has(h2::flag::ack)) {
    ++pings_;
    if (asked_.size() < most_controls) asked_.push_back(frame.payload);
  } else if (++our_pongs_ > their_pings_) {
    doubt("PING ACK");
  }
}

void Trace::judge_push_promise(const Frame&) { offend("TUN-05", "PUSH_PROMISE of a client", 0); }

void Trace::judge_goaway(const Frame& frame) {
  const auto part = h2::read_goaway(frame);
  if (!part || frame.stream != 0 || frame.flags != 0 || part->code != 0) return doubt("GOAWAY");
  said_goodbye_ = true;
}

// ---- theirs -------------------------------------------------------------------------------------------------------

void Trace::theirs(OctetView octets) {
  theirs_.feed(octets);
  while (const auto frame = theirs_.next()) {
    note(false, *frame);
    take(*frame);
  }
}

void Trace::take(const Frame& frame) {
  if (frame.is(FrameType::ping)) {
    ++(frame.has(h2::flag::ack) ? pongs_ : their_pings_);
    const auto asked = std::ranges::find(asked_, frame.payload);
    if (frame.has(h2::flag::ack) && asked == asked_.end() && pings_ < most_controls) foreign_pong_ = true;
    if (frame.has(h2::flag::ack) && asked != asked_.end()) asked_.erase(asked);
  }
  if (frame.is(FrameType::settings)) return take_settings(frame);
  if (frame.is(FrameType::window_update)) {
    const auto increment = h2::read_window_update(frame);
    if (!increment) return;
    if (frame.stream == 0)
      our_window_ += *increment;
    else if (const auto at = streams_.find(frame.stream); at != streams_.end())
      at->second.our_window += *increment;
    return;
  }
  const auto at = streams_.find(frame.stream);
  if (at == streams_.end()) return;
  if (frame.is(FrameType::headers)) at->second.answered = true;
  if (frame.is(FrameType::rst_stream)) at->second.over = true;
  if (frame.is(FrameType::data)) {
    at->second.their_used += static_cast<std::int64_t>(frame.payload.size());
    their_used_ += static_cast<std::int64_t>(frame.payload.size());
  }
  if ((frame.is(FrameType::data) || frame.is(FrameType::headers)) && frame.has(h2::flag::end_stream))
    at->second.over = true;
}

void Trace::take_settings(const Frame& frame) {
  if (frame.has(h2::flag::ack)) {
    ++settings_acks_;
    return;
  }
  ++their_settings_;
  const auto list = h2::read_settings(frame.payload);
  if (!list) return;
  for (const auto& [id, value] : *list) {
    if (announced_.size() < 100) announced_[id] = value;
    if (id == h2::setting::max_concurrent_streams) max_streams_ = value;
    if (id == h2::setting::max_frame_size) max_frame_ = std::max<std::size_t>(value, h2::initial_max_frame_size);
    if (id != h2::setting::initial_window_size) continue;
    for (auto& [stream, state] : streams_) state.our_window += static_cast<std::int64_t>(value) - our_initial_;
    our_initial_ = value;
  }
}

bool Trace::is_used_up(std::uint32_t stream) const {
  if (stream == 0) return our_window_ <= 0 && our_used_ > 0;
  const auto at = streams_.find(stream);
  return at != streams_.end() && at->second.our_window <= 0 && at->second.our_used > 0;
}

std::int64_t Trace::their_room(std::uint32_t stream) const {
  const auto connection = their_given_ - their_used_;
  const auto at = streams_.find(stream);
  if (at == streams_.end()) return connection;
  return std::min(connection, their_initial_ + at->second.their_given - at->second.their_used);
}

}  // namespace upspec::script
