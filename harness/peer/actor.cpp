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

// Not a small number: no peer's own PING looks like one of ours by chance.
constexpr std::uint64_t ping_base = 0x7570737065630000u;

std::string lines_of(const h2::FieldSection& fields) {
  std::string text;
  for (const auto& field : fields) {
    // A name or value outside printable ASCII is shown quoted, so that nothing in it can be mistaken.
    const auto shown = [](std::string_view one) {
      const auto all = upspec::quoted(one, 2000);
      return all.size() == one.size() + 2 && !one.empty() ? std::string(one) : all;
    };
    text += cat("\n  ", shown(field.name), ": ", shown(field.value));
  }
  return text;
}

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

// ---- receiving ----------------------------------------------------------------------------------------------------

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

// ---- sending ------------------------------------------------------------------------------------------------------

std::optional<Octets> Actor::take_output() {
  if (writes_.empty()) return std::nullopt;
  auto write = std::move(writes_.front());
  writes_.pop_front();
  return write;
}

void Actor::flush(std::size_t split) {
  const auto all = std::exchange(write_, {});
  const auto step = split == 0 ? std::max<std::size_t>(all.size(), 1) : split;
  for (std::size_t from = 0; from < all.size(); from += step) {
    writes_.push_back(to_octets(OctetView(all).subspan(from, std::min(step, all.size() - from))));
  }
}

void Actor::send(const Frame& frame, Moment now) { emit(frame, {}, now); }

void Actor::emit(const Frame& frame, std::string text, Moment now) {
  auto there = frame;
  there.stream = on_wire(frame.stream);
  const auto octets = h2::serialise(there);
  text.insert(0, h2::describe(there));
  note(Way::sent, std::move(text), octets, now);
  monitor_.saw(options_.side, there);
  append(write_, octets);
  if (frame.is(FrameType::rst_stream)) open(frame.stream).reset_by_us = true;
  if (is_ours(frame.stream)) highest_stream_ = std::max(highest_stream_, frame.stream);
  if (frame.is(FrameType::headers) || frame.is(FrameType::continuation))
    block_open_ = !frame.has(h2::flag::end_headers);
  if (frame.is(FrameType::data)) {
    open(frame.stream).send_window -= static_cast<std::int64_t>(frame.payload.size());
    send_window_ -= static_cast<std::int64_t>(frame.payload.size());
  }
  if (block_open_) return;
  for (const auto& waiting : std::exchange(replies_waiting_, {})) emit(waiting, {}, now);
}

void Actor::reply(const Frame& frame, Moment now) {
  if (closing_) return;
  if (block_open_) return replies_waiting_.push_back(frame);
  emit(frame, {}, now);
}

void Actor::send_raw(OctetView octets, Moment now) {
  note(Way::sent, cat(octets.size(), " octets as they are: ", upspec::quoted(as_text(octets), 60)), octets, now);
  append(write_, octets);
}

void Actor::send_section(std::uint32_t id, const h2::FieldSection& fields, bool end_stream, h2::FieldForm form,
                         const std::optional<std::vector<std::size_t>>& cut, std::optional<std::uint8_t> padding,
                         Moment now) {
  const auto block = encoder_.encode(fields, form);
  auto& stream = open(id);
  if (!std::exchange(stream.sent_section, true) && options_.side == Side::client) stream.request = fields;

  std::vector<std::size_t> sizes = cut.value_or(std::vector<std::size_t>{});
  for (std::size_t left = block.size(), at = 0; !cut && (at = std::min(left, max_frame_ - 256)) < left; left -= at)
    sizes.push_back(at);
  std::size_t from = 0;
  for (std::size_t i = 0; i <= sizes.size(); ++i) {
    const bool last = i == sizes.size();
    const auto rest = block.size() - from;
    const auto size = last ? rest : std::min(sizes[i], rest);
    const auto fragment = OctetView(block).subspan(from, size);
    from += size;
    std::uint8_t flags = last ? h2::flag::end_headers : 0;
    if (i > 0) {
      emit(h2::continuation(id, fragment, flags), last ? lines_of(fields) : "", now);
      continue;
    }
    if (end_stream) flags |= h2::flag::end_stream;
    auto frame = h2::headers(id, fragment, flags);
    if (padding) {
      frame.flags |= h2::flag::padded;
      frame.payload.insert(frame.payload.begin(), *padding);
      frame.payload.insert(frame.payload.end(), *padding, 0);
    }
    emit(frame, last ? lines_of(fields) : "", now);
  }
}

std::size_t Actor::open_streams() const {
  return static_cast<std::size_t>(std::ranges::count_if(
      streams_, [this](const auto& one) { return is_ours(one.first) && one.second.sent_section && !one.second.over; }));
}

bool Actor::opens(std::uint32_t id) const {
  const auto* state = stream(id);
  return is_ours(id) && !(state && state->sent_section);
}

std::size_t Actor::allowed_streams() const {
  const auto at = peer_settings_.find(h2::setting::max_concurrent_streams);
  return at == peer_settings_.end() ? std::size_t{0xffffffffu} : at->second;
}

bool Actor::may_send(std::uint32_t id, std::size_t flow) {
  const auto size = static_cast<std::int64_t>(flow);
  return size == 0 || (open(id).send_window >= size && send_window_ >= size && flow <= max_frame_);
}

std::size_t Actor::send_data(std::uint32_t id, OctetView octets, Moment now, DataForm form) {
  const std::size_t extra = form.padding ? 1u + *form.padding : 0;
  std::size_t sent = 0;
  while (sent < octets.size()) {
    const auto window = std::min(open(id).send_window, send_window_);
    if (window <= static_cast<std::int64_t>(extra)) break;
    const auto room = std::min(static_cast<std::size_t>(window), max_frame_) - extra;
    const auto size = std::min({octets.size() - sent, room, form.largest});
    const auto piece = octets.subspan(sent, size);
    send(form.padding ? h2::padded_data(id, piece, *form.padding) : h2::data(id, piece), now);
    sent += size;
  }
  return sent;
}

void Actor::send_settings(const std::vector<h2::Setting>& list, Moment now) {
  ++settings_sent_;
  send(h2::settings(list), now);
}

void Actor::send_push(std::uint32_t stream, std::uint32_t promised, const h2::FieldSection& request, Moment now) {
  Octets payload;
  append_number(payload, promised, 4);
  append(payload, encoder_.encode(request));
  emit({static_cast<std::uint8_t>(FrameType::push_promise), h2::flag::end_headers, stream, std::move(payload)},
       lines_of(request), now);
  if (is_ours(promised)) highest_stream_ = std::max(highest_stream_, promised);
}

void Actor::send_goaway(std::uint32_t last_stream, std::uint32_t code, Moment now) {
  send(h2::goaway(on_wire(last_stream), code), now);
}

bool Actor::all_said() const {
  return std::ranges::all_of(streams_, [](const auto& one) {
    const auto& stream = one.second;
    return !stream.came_section || stream.over || stream.reset_by_us;
  });
}

std::uint64_t Actor::send_ping(Moment now) {
  const std::uint64_t number = ping_base + ++pings_sent_;
  Octets payload;
  append_number(payload, number, 8);
  send(h2::ping(payload), now);
  flush();
  return number;
}

}  // namespace upspec
