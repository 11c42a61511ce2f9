#include "peer/actor.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.hpp"

namespace upspec {

namespace {

using h2::Frame;
using h2::FrameType;
using Way = TranscriptLine::Way;

// A peer that gives windows back for every octet is right too, but makes long transcripts.
constexpr std::size_t give_back_at = 16384;

}  // namespace

Actor::Actor(ActorOptions options) : options_(std::move(options)), monitor_(options_.monitor) {}

void Actor::start(Moment now) {
  std::vector<h2::Setting> list = options_.settings;
  if (options_.side == Side::server) {
    send_settings(list, now);  // RFC 9113 3.4: it may go out before the client has said anything
    return flush();
  }
  send_raw(as_octets(h2::preface), now);
  const auto push = std::ranges::find(list, h2::setting::enable_push, &h2::Setting::id);
  if (push == list.end()) list.insert(list.begin(), {h2::setting::enable_push, 0});
  send_settings(list, now);
  flush();
}

void Actor::note(Way way, std::string text, OctetView octets, Moment now) {
  if (transcript_.size() > longest_transcript || (muted_ && way != Way::remark)) return;
  if (transcript_.size() == longest_transcript) {
    way = Way::remark;
    text = "the transcript ends here: too many lines";
    octets = {};
  }
  transcript_.push_back({now, options_.link, way, std::move(text),
                         to_octets(octets.first(std::min(octets.size(), TranscriptLine::longest_octets))),
                         octets.size()});
}

void Actor::remark(std::string text, Moment now) { note(Way::remark, std::move(text), {}, now); }

void Actor::fail(std::string why, Moment now) {
  if (!broken_.empty()) return;
  broken_ = std::move(why);
  remark(broken_, now);
}

ActorStream& Actor::open(std::uint32_t id) {
  const auto [at, made] = streams_.try_emplace(id);
  if (made) at->second.send_window = initial_send_window_;
  return at->second;
}

const ActorStream* Actor::stream(std::uint32_t id) const {
  const auto at = streams_.find(id);
  return at == streams_.end() ? nullptr : &at->second;
}

void Actor::refuse_garbage(OctetView octets, std::string_view why, Moment now) {
  note(Way::received, cat(octets.size(), " octets that are no HTTP/2 frame: ", upspec::quoted(as_text(octets), 120)),
       octets, now);
  fail(cat("the peer does not speak HTTP/2: ", why, " (RFC 9113 3.4)"), now);
}

// The client's connection begins with 24 octets that are no frame. Gives what is left behind them.
OctetView Actor::without_preface(OctetView octets, Moment now) {
  const auto size = std::min(octets.size(), h2::preface.size() - preface_.size());
  if (size == 0) return octets;
  append(preface_, octets.first(size));
  if (!h2::preface.starts_with(as_text(preface_))) {
    append(preface_, octets.subspan(size));
    refuse_garbage(preface_, "its first octets are not the client connection preface", now);
    return {};
  }
  if (preface_.size() == h2::preface.size()) note(Way::received, "the client connection preface", preface_, now);
  return octets.subspan(size);
}

void Actor::receive(OctetView octets, Moment now) {
  if (over() || octets.empty()) return;
  intake_ += octets.size();
  if (intake_ > largest_intake)
    return fail(cat("the peer sent more than ", largest_intake, " octets; no more is read"), now);
  if (options_.side == Side::server) octets = without_preface(octets, now);
  if (octets.empty()) return;
  // The first frame is SETTINGS; whatever else comes first is not read as frames. The type is the fourth octet, which
  // may come in a later piece than the three before it.
  const auto before = std::exchange(frame_octets_, frame_octets_ + octets.size());
  const bool type_here = before <= 3 && frame_octets_ > 3;
  if (type_here && octets[3 - before] != static_cast<std::uint8_t>(FrameType::settings))
    return refuse_garbage(octets, "its first octets are no SETTINGS frame", now);
  reader_.feed(octets);
  while (broken_.empty()) {
    const auto frame = reader_.next();
    if (!frame) break;
    take(*frame, now);
  }
  flush();
}

void Actor::closed(Closing how, Moment now) {
  if (closing_) return;
  closing_ = how;
  remark(how == Closing::fin ? "the peer closed the connection (FIN)" : "the peer reset the connection (TCP RST)", now);
}

void Actor::take(const Frame& frame, Moment now) {
  struct Row {
    FrameType type;
    void (Actor::*take)(const Frame&, Moment);
  };
  constexpr std::array rows = {Row{FrameType::data, &Actor::take_data},
                               Row{FrameType::headers, &Actor::take_block},
                               Row{FrameType::push_promise, &Actor::take_block},
                               Row{FrameType::continuation, &Actor::take_block},
                               Row{FrameType::rst_stream, &Actor::take_rst_stream},
                               Row{FrameType::settings, &Actor::take_settings},
                               Row{FrameType::ping, &Actor::take_ping},
                               Row{FrameType::goaway, &Actor::take_goaway},
                               Row{FrameType::window_update, &Actor::take_window_update}};
  note(Way::received, h2::describe(frame), h2::serialise(frame), now);
  monitor_.saw(options_.side == Side::client ? Side::server : Side::client, frame);
  if (frame.stream != 0 && streams_.size() >= most_streams && !streams_.contains(frame.stream)) {
    return fail(cat("the peer names more than ", most_streams, " streams; no more is read"), now);
  }
  const auto row = std::ranges::find_if(rows, [&](const Row& one) { return frame.is(one.type); });
  if (row == rows.end()) return;
  if (options_.side == Side::client || frame.stream == 0) return (this->*row->take)(frame, now);
  auto here = frame;
  here.stream = numbered(frame);
  (this->*row->take)(here, now);
}

// WINDOW_UPDATE and PRIORITY open nothing.
std::uint32_t Actor::numbered(const Frame& frame) {
  if (const auto known = numbers_.find(frame.stream); known != numbers_.end()) return known->second;
  if (is_ours(frame.stream) || frame.is(FrameType::window_update)) return frame.stream;
  const auto number = static_cast<std::uint32_t>(2 * (numbers_.size() - aside_) + 1);
  numbers_[frame.stream] = number;
  on_wire_[number] = frame.stream;
  return number;
}

std::uint32_t Actor::on_wire(std::uint32_t stream) const {
  const auto known = on_wire_.find(stream);
  return known == on_wire_.end() ? stream : known->second;
}

void Actor::take_settings(const Frame& frame, Moment now) {
  if (frame.has(h2::flag::ack)) {
    ++settings_acks_;
    return;
  }
  const auto list = h2::read_settings(frame.payload);
  if (!list) return fail(cat("SETTINGS that cannot be read: ", list.error().text), now);
  settings_seen_ = true;
  for (const auto& [id, value] : *list) {
    peer_settings_[id] = value;
    if (id == h2::setting::max_frame_size)
      max_frame_ = std::clamp<std::size_t>(value, h2::initial_max_frame_size, 1u << 20);
    if (id == h2::setting::header_table_size) encoder_.limit_table(std::min<std::uint32_t>(value, 4096));
    if (id != h2::setting::initial_window_size) continue;
    const auto change = static_cast<std::int64_t>(value) - initial_send_window_;
    for (auto& [stream, state] : streams_) state.send_window += change;
    initial_send_window_ += change;
  }
  reply(h2::settings_ack(), now);
}

void Actor::take_ping(const Frame& frame, Moment now) {
  if (!frame.has(h2::flag::ack)) return reply(h2::ping(frame.payload, true), now);
  const auto number = frame.payload.size() == 8 ? read_number(frame.payload, 0, 8) : 0;
  if (number <= ping_base || number > ping_base + pings_sent_) return;  // none of ours
  auto& marks = pings_answered_[number];
  for (const auto& [id, stream] : streams_) {
    if (!stream.items.empty()) marks[id] = {stream.items.size(), stream.items.back().octets.size()};
  }
}

Actor::Mark Actor::before_answer(std::uint64_t ping, std::uint32_t stream) const {
  const auto marks = pings_answered_.find(ping);
  if (marks == pings_answered_.end()) return {};
  const auto mark = marks->second.find(stream);
  return mark == marks->second.end() ? Mark{} : mark->second;
}

void Actor::take_goaway(const Frame& frame, Moment now) {
  const auto goaway = h2::read_goaway(frame);
  if (!goaway) return fail(cat("GOAWAY that cannot be read: ", goaway.error().text), now);
  goaways_.push_back(goaway->code);
}

void Actor::take_window_update(const Frame& frame, Moment) {
  const auto increment = h2::read_window_update(frame);
  if (!increment) return;
  if (frame.stream == 0) {
    send_window_ += *increment;
  } else if (streams_.contains(frame.stream)) {
    streams_[frame.stream].send_window += *increment;
  }
}

void Actor::take_rst_stream(const Frame& frame, Moment now) {
  const auto code = h2::read_rst_stream(frame);
  if (!code) return fail(cat("RST_STREAM that cannot be read: ", code.error().text), now);
  auto& stream = open(frame.stream);
  stream.over = true;
  stream.items.push_back({StreamItem::Kind::reset, {}, false, {}, *code});
}

void Actor::take_data(const Frame& frame, Moment now) {
  const auto part = h2::read_data(frame);
  if (!part) return fail(cat("DATA that cannot be read: ", part.error().text), now);
  auto& stream = open(frame.stream);
  if (!part->octets.empty()) {
    if (stream.items.empty() || stream.items.back().kind != StreamItem::Kind::octets) {
      stream.items.push_back({StreamItem::Kind::octets, {}, false, {}, 0});
    }
    append(stream.items.back().octets, part->octets);
  }
  if (frame.has(h2::flag::end_stream)) {
    stream.items.push_back({StreamItem::Kind::end, {}, false, {}, 0});
    stream.over = true;
  }
  give_back(frame.stream, part->flow, now);
}

void Actor::give_back(std::uint32_t id, std::size_t octets, Moment now) {
  if (options_.keeps_windows) return;
  unreturned_ += octets;
  if (unreturned_ >= give_back_at)
    reply(h2::window_update(0, static_cast<std::uint32_t>(std::exchange(unreturned_, 0))), now);
  auto& stream = streams_[id];
  stream.unreturned += octets;
  if (stream.unreturned >= give_back_at && !stream.over && !stream.held) {
    reply(h2::window_update(id, static_cast<std::uint32_t>(std::exchange(stream.unreturned, 0))), now);
  }
}

void Actor::hold(std::uint32_t id, bool on, Moment now) {
  open(id).held = on;
  if (on) return;
  give_back(id, 0, now);
  flush();
}

void Actor::forget(std::uint32_t id) {
  auto& items = open(id).items;
  if (items.empty() || items.back().kind != StreamItem::Kind::octets) return;
  intake_ -= std::min(intake_, items.back().octets.size());
  items.back().octets.clear();
}

void Actor::take_block(const Frame& frame, Moment now) {
  if (frame.is(FrameType::continuation)) {
    if (block_stream_ != frame.stream || frame.stream == 0)
      return fail("CONTINUATION without HEADERS before it (RFC 9113 6.10)", now);
    append(block_, frame.payload);
  } else {
    block_is_push_ = frame.is(FrameType::push_promise);
    const auto fragment = block_is_push_
                              ? h2::read_push_promise(frame).map([](const auto& part) { return part.fragment; })
                              : h2::read_headers(frame);
    if (!fragment) return fail(cat("a field block that cannot be read: ", fragment.error().text), now);
    block_stream_ = frame.stream;
    block_ends_stream_ = frame.is(FrameType::headers) && frame.has(h2::flag::end_stream);
    block_ = to_octets(*fragment);
  }
  if (block_.size() > h2::FieldDecoder::largest_section) return fail("a field block without an end", now);
  if (frame.has(h2::flag::end_headers)) take_section(now);
}

void Actor::take_section(Moment now) {
  auto section = decoder_.decode(block_);
  if (!section) return fail(cat("a field block that cannot be decoded: ", section.error().text), now);
  if (!muted_ && transcript_.size() < longest_transcript) transcript_.back().text += lines_of(*section);
  const auto id = std::exchange(block_stream_, 0);
  auto& stream = open(id);
  if (block_is_push_) return;
  if (options_.side == Side::server && !std::exchange(stream.came_section, true)) {
    if (options_.answers_ordinary && !asked_dialect(*section)) return put_aside(id, now);
    stream.request = *section;
    asked_ = true;
    const auto* expect = h2::find(*section, "expect");  // RFC 9110 10.1.1
    if (expect && *expect == "100-continue")
      send_section(id, {{":status", "100"}}, false, {}, std::nullopt, std::nullopt, now);
  }
  stream.items.push_back({StreamItem::Kind::section, std::move(*section), block_ends_stream_, {}, 0});
  if (!block_ends_stream_) return;
  stream.items.push_back({StreamItem::Kind::end, {}, false, {}, 0});
  stream.over = true;
}

void Actor::put_aside(std::uint32_t number, Moment now) {
  constexpr std::uint32_t far = 1u << 30;
  remark("an ordinary request, which is answered and counts for nothing", now);
  send_section(number, {{":status", "204"}}, true, {}, std::nullopt, std::nullopt, now);
  const auto wire = on_wire(number);
  auto moved = streams_.extract(number);
  moved.mapped().over = block_ends_stream_;
  moved.key() = numbers_[wire] = far + wire;
  streams_.insert(std::move(moved));
  on_wire_.erase(number);
  on_wire_[far + wire] = wire;
  ++aside_;
}

}  // namespace upspec
