// What the tester's end writes (actor.hpp); what it reads is in actor.cpp.
#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "peer/actor.hpp"

namespace upspec {

using h2::Frame;
using h2::FrameType;
using Way = TranscriptLine::Way;

std::string Actor::lines_of(const h2::FieldSection& fields) {
  std::string text;
  for (const auto& field : fields) {
    // A name or value outside printable ASCII is shown quoted, so that nothing in it can be mistaken.
    const auto shown = [](std::string_view one) {
      const auto all = quoted(one, 2000);
      return all.size() == one.size() + 2 && !one.empty() ? std::string(one) : all;
    };
    text += cat("\n  ", shown(field.name), ": ", shown(field.value));
  }
  return text;
}

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
