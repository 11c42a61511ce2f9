#include "script/h2_end.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.hpp"
#include "script/accept.hpp"
#include "upgrade/dialect.hpp"
#include "ws/frame.hpp"

namespace upspec::script {

using h2::Frame;
using h2::FrameType;

namespace {

constexpr std::size_t give_back_at = 16384;
constexpr std::size_t largest_intake = 16u << 20;
constexpr std::size_t most_streams = 2000;
constexpr std::uint32_t largest_stream = 0x7fffffff;
constexpr std::size_t most_sections = 100;  // of a stream

MonitorOptions monitor_options(LinkId link, const EndOptions& options) {
  return {.under_test = link.end == End::front ? Side::server : Side::client,
          .upgrade_setting = options.upgrade_setting,
          .upgrade_needs_setting = options.upgrade_needs_setting,
          .forwards = options.of_intermediary};
}

bool holds_hole(std::string_view text) { return text.find(accept_hole) != text.npos; }

void keep(HalfSeen& half, OctetView octets) {
  if (half.ended || half.reset) return;  // what comes too late belongs to nothing
  half.total += octets.size();
  append(half.octets, octets.first(std::min(octets.size(), most_kept - std::min(most_kept, half.octets.size()))));
}

}  // namespace

H2End::H2End(LinkId link, EndOptions options)
    : link_(link), options_(options), monitor_(monitor_options(link, options)) {
  seen_.link = link;
  (link.end == End::front ? preface_left_ : their_preface_left_) = h2::preface.size();
}

void H2End::start() {
  if (!options_.greets) return;
  std::vector<h2::Setting> list = {{h2::setting::enable_push, 0}};
  if (link_.end == End::front) {
    put(as_octets(h2::preface));
  } else {
    list = {{h2::setting::enable_connect_protocol, 1}};
    if (options_.upgrade_needs_setting) list.push_back({options_.upgrade_setting, 1});
  }
  put(h2::settings(list));
  flush(0);
}

std::uint32_t H2End::actual(std::uint32_t script_stream) const {
  if (link_.end == End::front || script_stream == 0) return script_stream;
  const auto number = (script_stream - 1) / 2;
  return number < opened_by_them_.size() ? opened_by_them_[number] : script_stream;
}

// ---- what we send -------------------------------------------------------------------------------------------------

// Our own octets are read as the implementation reads them, so that even raw ones count for what they are.
void H2End::put(OctetView octets) {
  append(write_, octets);
  const auto skipped = std::min(preface_left_, octets.size());
  preface_left_ -= skipped;
  own_.reader.feed(octets.subspan(skipped));
  while (const auto frame = own_.reader.next()) watch_own(*frame);
}

// At the border of frames it is read as what it is.
void H2End::put(const Frame& frame) {
  if (preface_left_ != 0 || own_.reader.buffered() != 0 || frame.stream > largest_stream)
    return put(h2::serialise(frame));
  h2::append_frame(write_, frame);
  watch_own(frame);
}

void H2End::watch_own(const Frame& frame) {
  if (options_.transcript) note(true, frame);
  monitor_.saw(side(), frame);
  saw(true, frame);
  saw_credit(frame);
  if (frame.is(FrameType::headers) || frame.is(FrameType::push_promise) || frame.is(FrameType::continuation))
    block_open_ = !frame.has(h2::flag::end_headers);
}

// What our own SETTINGS and WINDOW_UPDATEs let them do.
void H2End::saw_credit(const Frame& frame) {
  if (frame.is(FrameType::window_update)) {
    const auto increment = h2::read_window_update(frame);
    if (increment) (frame.stream == 0 ? their_connection_window_ : flow(frame.stream).their_window) += *increment;
  }
  if (!frame.is(FrameType::settings) || frame.has(h2::flag::ack)) return;
  ++settings_sent_;
  const auto list = h2::read_settings(frame.payload);
  if (!list) return;
  for (const auto& [id, value] : *list) {
    larger_table_ = larger_table_ || (id == h2::setting::header_table_size && value > 4096);
    if (id != h2::setting::initial_window_size) continue;
    for (auto& [stream, one] : flows_) one.their_window += static_cast<std::int64_t>(value) - their_initial_window_;
    their_initial_window_ = value;
  }
}

void H2End::finish() {
  seen_.breaches = monitor_.breaches();
  for (auto& [id, stream] : seen_.streams) stream.room = std::min(flow(id).their_window, their_connection_window_);
}

void H2End::reply(const Frame& frame) {
  if (seen_.closing || replies_.size() > 1000) return;
  if (block_open_ || own_.reader.buffered() != 0) return replies_.push_back(frame);  // RFC 9113 6.10
  put(frame);
}

void H2End::flush(std::uint8_t split) {
  if (!block_open_ && own_.reader.buffered() == 0)
    for (const auto& frame : std::exchange(replies_, {})) put(frame);
  if (split == joined || write_.empty()) return;
  writes_.add(std::exchange(write_, {}), split);
}

void H2End::send(const FrameStep& step) {
  auto frame = step.frame;
  frame.stream = actual(frame.stream);
  put(frame);
}

std::string H2End::filled(std::string text, std::uint32_t stream) const {
  const auto at = seen_.streams.find(stream);
  const auto key = at == seen_.streams.end()
                       ? std::string()
                       : key_of(link_.end == End::front ? at->second.ours.sections : at->second.theirs.sections);
  return fill_accept(std::move(text), key);
}

void H2End::send(const SectionStep& step) {
  const auto stream = actual(step.stream);
  const auto has_hole = [](const h2::Field& field) { return holds_hole(field.value); };
  const bool is_ready = std::ranges::none_of(step.fields, has_hole);
  auto fields = is_ready ? h2::FieldSection{} : step.fields;
  for (auto& field : fields)
    if (has_hole(field)) field.value = filled(std::move(field.value), stream);
  auto block = encoder_.encode(is_ready ? step.fields : fields, step.form);
  const OctetView all = block;
  const std::size_t most = step.cut == 0 ? max_frame_ : step.cut;
  std::size_t from = 0;
  do {
    const auto size = std::min(most, all.size() - from);
    const bool last = from + size == all.size();
    const std::uint8_t flags = last ? h2::flag::end_headers : 0;
    put(from == 0 ? h2::headers(stream, all.subspan(from, size),
                                static_cast<std::uint8_t>(flags | (step.end ? h2::flag::end_stream : 0)))
                  : h2::continuation(stream, all.subspan(from, size), flags));
    from += size;
  } while (from < all.size());
}

bool H2End::send(const OctetsStep& step, std::size_t& from) {
  const auto stream = actual(step.stream);
  const OctetView all = step.octets;
  while (from < all.size()) {
    const auto room = std::min(flow(stream).window, connection_window_);
    if (room <= 0) return false;
    const auto size = std::min({all.size() - from, static_cast<std::size_t>(room), max_frame_});
    const bool last = from + size == all.size();
    put(h2::data(stream, all.subspan(from, size), last && step.end ? h2::flag::end_stream : 0));
    from += size;
  }
  if (all.empty()) put(h2::data(stream, {}, step.end ? h2::flag::end_stream : 0));
  return true;
}

void H2End::send(const WebSocketStep& step) {
  ws::Frame frame{.fin = step.fin, .rsv = step.rsv, .opcode = step.opcode, .mask = {}, .payload = step.payload};
  if (step.masked) frame.mask = {0x37, 0xfa, 0x21, 0x3d};  // of RFC 6455 5.7
  put(h2::data(actual(step.stream), ws::serialise(frame)));
}

void H2End::send(const RawStep& step) {
  const auto last = seen_.streams.empty() ? 1 : seen_.streams.rbegin()->first;
  if (!holds_hole(as_text(step.octets))) return put(step.octets);
  put(as_octets(filled(to_text(step.octets), last)));
}

// ---- what comes ---------------------------------------------------------------------------------------------------

void H2End::broken(std::string why) {
  if (seen_.unreadable.empty()) seen_.unreadable = std::move(why);
}

void H2End::receive(OctetView octets) {
  if (over()) return;
  intake_ += octets.size();
  if (intake_ > largest_intake) return broken("it sends without end");
  const auto skipped = std::min(their_preface_left_, octets.size());
  if (skipped != 0) {
    const auto at = h2::preface.size() - their_preface_left_;
    if (as_text(octets.first(skipped)) != h2::preface.substr(at, skipped))
      return broken("its preface is not RFC 9113's");
    their_preface_left_ -= skipped;
  }
  theirs_.reader.feed(octets.subspan(skipped));
  while (seen_.unreadable.empty()) {
    const auto frame = theirs_.reader.next();
    if (!frame) break;
    take(*frame);
  }
  flush(0);
}

void H2End::closed(Closing how) {
  if (!seen_.closing) seen_.closing = how;
}

void H2End::take(const Frame& frame) {
  if (options_.transcript) note(false, frame);
  monitor_.saw(other(), frame);
  if (frame.stream != 0 && seen_.streams.size() > most_streams && !seen_.streams.contains(frame.stream))
    return broken("it names streams without end");
  saw(false, frame);
  if (frame.is(FrameType::settings)) return take_settings(frame);
  if (frame.is(FrameType::ping) && !frame.has(h2::flag::ack) && options_.acknowledges)
    return reply(h2::ping(frame.payload, true));
  if (frame.is(FrameType::data)) return give_back(frame.stream, frame.payload.size());
  if (frame.is(FrameType::goaway)) {
    const auto part = h2::read_goaway(frame);
    if (!part) return broken(part.error().text);
    seen_.goaways.push_back(part->code);
  }
  if (frame.is(FrameType::window_update)) {
    const auto increment = h2::read_window_update(frame);
    if (increment) (frame.stream == 0 ? connection_window_ : flow(frame.stream).window) += *increment;
  }
}

void H2End::take_settings(const Frame& frame) {
  if (frame.has(h2::flag::ack)) {
    ++settings_acknowledged_;
    return;
  }
  const auto list = h2::read_settings(frame.payload);
  if (!list) return broken(list.error().text);
  settings_came_ = true;
  for (const auto& [id, value] : *list) {
    if (id == h2::setting::max_frame_size)
      max_frame_ = std::clamp<std::size_t>(value, h2::initial_max_frame_size, 1u << 20);
    if (id == h2::setting::header_table_size) encoder_.limit_table(std::min<std::uint32_t>(value, 4096));
    if (id != h2::setting::initial_window_size) continue;
    for (auto& [stream, one] : flows_) one.window += static_cast<std::int64_t>(value) - initial_window_;
    initial_window_ = value;
  }
  if (options_.acknowledges) reply(h2::settings_ack());
}

void H2End::give_back(std::uint32_t stream, std::size_t octets) {
  if (!options_.gives_windows) return;
  unreturned_ += octets;
  if (unreturned_ >= give_back_at)
    reply(h2::window_update(0, static_cast<std::uint32_t>(std::exchange(unreturned_, 0))));
  auto& of_stream = flow(stream).unreturned;
  of_stream += octets;
  if (of_stream >= give_back_at && !seen_.streams[stream].theirs.ended)
    reply(h2::window_update(stream, static_cast<std::uint32_t>(std::exchange(of_stream, 0))));
}

H2End::Flow& H2End::flow(std::uint32_t stream) {
  return flows_.try_emplace(stream, Flow{initial_window_, their_initial_window_}).first->second;
}

// ---- both directions as the frames tell them -----------------------------------------------------------------------

void H2End::saw(bool own, const Frame& frame) {
  if (frame.is(FrameType::headers) || frame.is(FrameType::push_promise) || frame.is(FrameType::continuation))
    return saw_block(own, frame);
  if (frame.is(FrameType::data)) return saw_data(own, frame);
  if (!frame.is(FrameType::rst_stream) || (own && seen_.streams.size() > most_streams)) return;
  if (const auto code = h2::read_rst_stream(frame)) {
    auto& stream = seen_.streams[frame.stream];
    (own ? stream.ours : stream.theirs).reset = *code;
  }
}

void H2End::saw_data(bool own, const Frame& frame) {
  if (own) {
    flow(frame.stream).window -= static_cast<std::int64_t>(frame.payload.size());
    connection_window_ -= static_cast<std::int64_t>(frame.payload.size());
    if (seen_.streams.size() > most_streams) return;
  } else {
    flow(frame.stream).their_window -= static_cast<std::int64_t>(frame.payload.size());
    their_connection_window_ -= static_cast<std::int64_t>(frame.payload.size());
  }
  const auto part = h2::read_data(frame);
  if (!part) return own ? void() : broken(part.error().text);
  auto& stream = seen_.streams[frame.stream];
  auto& half = own ? stream.ours : stream.theirs;
  keep(half, part->octets);
  if (frame.has(h2::flag::end_stream)) half.ended = true;
}

void H2End::saw_block(bool own, const Frame& frame) {
  auto& way = own ? own_ : theirs_;
  const auto lose = [&](std::string why) {
    way.readable = false;
    seen_.garbled = seen_.garbled || own;
    if (!own) broken(std::move(why));
  };
  if (!way.readable) return;
  if (frame.is(FrameType::continuation)) {
    if (!way.block || way.block->stream != frame.stream) return lose("CONTINUATION without HEADERS before it");
    way.block->size += frame.payload.size();
    if (way.block->size > h2::FieldDecoder::largest_section) return lose("a field block without end");
  } else {
    const bool push = frame.is(FrameType::push_promise);
    const auto fragment =
        push ? h2::read_push_promise(frame).map([](const auto& p) { return p.fragment; }) : h2::read_headers(frame);
    if (!fragment) return lose(fragment.error().text);
    way.block = {frame.stream, !push && frame.has(h2::flag::end_stream), push, fragment->size()};
  }
  if (!frame.has(h2::flag::end_headers)) return;
  const auto block = *std::exchange(way.block, std::nullopt);
  auto section = monitor_.take_section();  // it has seen the frame just now
  if (!section) return lose("a field block that nobody follows");
  if (!*section && larger_table_ && !own) {  // we may be the one who cannot follow
    way.readable = false;
    return;
  }
  if (!*section) return lose(section->error().text);
  if (!block.push) saw_section(own, block.stream, std::move(**section), block.end_stream);
}

void H2End::saw_section(bool own, std::uint32_t id, h2::FieldSection fields, bool end) {
  if (own && seen_.streams.size() > most_streams) return;
  auto& stream = seen_.streams[id];
  auto& half = own ? stream.ours : stream.theirs;
  if (half.reset) return;  // as keep() does
  const bool asking = own == (link_.end == End::front);
  if (asking && !own && half.sections.empty()) opened_by_them_.push_back(id);
  if (!asking && !stream.accepted) {
    const auto& requests = own ? stream.theirs : stream.ours;
    const auto dialect = requests.sections.empty() ? std::nullopt : asked_dialect(requests.sections.front());
    stream.accepted = dialect && is_accept(*dialect, fields, end);
    if (stream.accepted) (own ? stream.theirs : stream.ours).before_accept = (own ? stream.theirs : stream.ours).total;
  }
  if (end) half.ended = true;
  if (half.sections.size() >= most_sections) return;
  half.sections.push_back(std::move(fields));
}

void H2End::note(bool sent, const Frame& frame) {
  if (transcript_.size() > 2000) return;
  const auto octets = h2::serialise(frame);
  const OctetView kept = OctetView(octets).first(std::min(octets.size(), TranscriptLine::longest_octets));
  transcript_.push_back({0, name_of(link_), sent ? TranscriptLine::Way::sent : TranscriptLine::Way::received,
                         h2::describe(frame), to_octets(kept), octets.size()});
}

// ---- waits ----------------------------------------------------------------------------------------------------------

bool H2End::stream_over(std::uint32_t script_stream) const {
  const auto at = seen_.streams.find(actual(script_stream));
  return at != seen_.streams.end() && at->second.theirs.reset.has_value();
}

bool H2End::has_come(const WaitStep& wait) {
  if (over()) return true;
  if (wait.what == Awaited::settings) return settings_came_;
  if (wait.what == Awaited::ack) return settings_acknowledged_ >= settings_sent_;
  if (wait.what == Awaited::quiescent) return false;
  const auto id = actual(wait.stream);
  const auto at = seen_.streams.find(id);
  if (at == seen_.streams.end()) return false;
  const auto& theirs = at->second.theirs;
  if (theirs.reset) return true;
  if (wait.what == Awaited::octets) return theirs.total >= wait.octets || theirs.ended;
  if (wait.what == Awaited::end) return theirs.ended;
  auto& taken = flow(id).sections;
  if (theirs.sections.size() <= taken) return theirs.ended;
  taken = theirs.sections.size();
  return true;
}

}  // namespace upspec::script
