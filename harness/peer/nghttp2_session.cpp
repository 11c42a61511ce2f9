#include "peer/nghttp2_session.hpp"

#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <stdexcept>

namespace upspec {

namespace {

using h2::ErrorCode;
using h2::Frame;
using h2::FrameType;
using Standing = StreamLedger::Standing;

// Bounds on what a peer can make us hold (protocol.md section 11).
constexpr std::size_t most_block_frames = 1u
                                          << 20;  // session_gate.cpp counts; nghttp2's 8 are too few for honest peers
constexpr std::size_t largest_output = 1u << 22;  // written while the peer does not read
constexpr std::size_t most_unread_resets = 2000;  // streams that had to be reset while the peer does not read
constexpr std::size_t most_queued_frames = 1u << 14;  // in nghttp2's queues
constexpr std::int32_t connection_window = 1 << 20;   // several channels may stand still while others go on (TUN-08)

constexpr std::size_t usual_fields = 8;  // of a section, so that it is not moved while it grows

template <class T, auto remove>
struct Handle {
  struct Remove {
    void operator()(T* t) const { remove(t); }
  };
  std::unique_ptr<T, Remove> handle;
};

using SessionCallbacks = Handle<nghttp2_session_callbacks, nghttp2_session_callbacks_del>;
using SessionOption = Handle<nghttp2_option, nghttp2_option_del>;

// Only memory can fail here: the harness's own trouble.
void need(int status) {
  if (status != 0) throw std::runtime_error(nghttp2_strerror(status));
}

SessionOption make_option(bool plain_encoding) {
  nghttp2_option* raw = nullptr;
  need(nghttp2_option_new(&raw));
  SessionOption option{std::unique_ptr<nghttp2_option, SessionOption::Remove>(raw)};
  nghttp2_option_set_no_http_messaging(raw, 1);
  nghttp2_option_set_no_auto_window_update(raw, 1);
  nghttp2_option_set_no_recv_client_magic(raw, 1);
  nghttp2_option_set_no_closed_streams(raw, 1);
  nghttp2_option_set_max_continuations(raw, most_block_frames);
  if (plain_encoding) nghttp2_option_set_max_deflate_dynamic_table_size(raw, 0);
  return option;
}

std::vector<nghttp2_nv> as_nv(const h2::FieldSection& section) {
  std::vector<nghttp2_nv> all;
  all.reserve(section.size());
  for (const auto& field : section) {
    // nghttp2 copies both and never writes through them (its API predates const).
    auto* name = const_cast<std::uint8_t*>(as_octets(field.name).data());
    auto* value = const_cast<std::uint8_t*>(as_octets(field.value).data());
    all.push_back({name, value, field.name.size(), field.value.size(), NGHTTP2_NV_FLAG_NONE});
  }
  return all;
}

}  // namespace

// nghttp2 calls these while it reads (events) and while it writes (octets of DATA).
struct Http2Session::Callbacks {
  static Http2Session& self(void* user) { return *static_cast<Http2Session*>(user); }

  static int on_begin_headers(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    auto& s = self(user);
    s.section_ = {};
    s.section_.stream = static_cast<std::uint32_t>(frame->hd.stream_id);
    s.section_.first = s.had_section_.insert(s.section_.stream).second;
    s.section_size_ = 0;
    return 0;
  }

  static int on_header(nghttp2_session*, const nghttp2_frame*, const std::uint8_t* name, std::size_t name_size,
                       const std::uint8_t* value, std::size_t value_size, std::uint8_t, void* user) {
    auto& s = self(user);
    s.section_size_ += name_size + value_size + 32;  // as RFC 9113 6.5.2 counts
    s.section_.too_large = s.section_size_ > s.options_.largest_section;
    if (!s.section_.too_large) {
      if (s.section_.fields.empty()) s.section_.fields.reserve(usual_fields);
      s.section_.fields.push_back({to_text({name, name_size}), to_text({value, value_size})});
    }
    return 0;
  }

  static int on_data_chunk(nghttp2_session*, std::uint8_t, std::int32_t stream, const std::uint8_t* data,
                           std::size_t size, void* user) {
    self(user).events_.emplace_back(DataSeen{static_cast<std::uint32_t>(stream), to_octets(OctetView{data, size})});
    return 0;
  }

  static int on_frame_recv(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    auto& s = self(user);
    const auto stream = static_cast<std::uint32_t>(frame->hd.stream_id);
    const bool ends = (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
    if (frame->hd.type == NGHTTP2_HEADERS) {
      s.section_.end_stream = ends;
      s.section_.block_frames = s.block_frames_;
      s.section_.padded = s.block_padded_;
      if (s.options_.hooks.keep_blocks) s.section_.block = s.block_;
      s.events_.emplace_back(std::move(s.section_));
    } else if (frame->hd.type == NGHTTP2_DATA && ends) {
      s.events_.emplace_back(EndSeen{stream});
    } else if (frame->hd.type == NGHTTP2_GOAWAY) {
      s.events_.emplace_back(
          GoawaySeen{static_cast<std::uint32_t>(frame->goaway.last_stream_id), frame->goaway.error_code});
    }
    return 0;
  }

  static int on_frame_send(nghttp2_session* session, const nghttp2_frame* frame, void* user) {
    const bool can_end = frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA;
    if (!can_end || (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) == 0) return 0;
    auto& s = self(user);
    const auto stream = static_cast<std::uint32_t>(frame->hd.stream_id);
    if (s.release_.erase(stream) == 0 || nghttp2_session_get_stream_remote_close(session, frame->hd.stream_id) != 0) {
      return 0;
    }
    s.ledger_.we_reset(stream);
    nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, frame->hd.stream_id, NGHTTP2_NO_ERROR);
    return 0;
  }

  static int on_stream_close(nghttp2_session*, std::int32_t id, std::uint32_t code, void* user) {
    auto& s = self(user);
    const auto stream = static_cast<std::uint32_t>(id);
    s.ledger_.closed(stream);
    s.outgoing_.erase(stream);
    s.release_.erase(stream);
    s.had_section_.erase(stream);
    if (s.refused_.erase(stream) == 0) s.events_.emplace_back(ClosedSeen{stream, code});
    return 0;
  }

  static ssize_t read_data(nghttp2_session*, std::int32_t stream, std::uint8_t* to, std::size_t size,
                           std::uint32_t* flags, nghttp2_data_source*, void* user) {
    auto& all = self(user).outgoing_;
    const auto found = all.find(static_cast<std::uint32_t>(stream));
    if (found == all.end()) return NGHTTP2_ERR_DEFERRED;
    auto& from = found->second;
    const std::size_t n = std::min(size, from.octets.size() - from.start);
    if (n == 0 && !from.end) return NGHTTP2_ERR_DEFERRED;
    std::copy_n(from.octets.begin() + static_cast<std::ptrdiff_t>(from.start), n, to);
    from.start += n;
    if (from.start == from.octets.size()) {
      from.octets.clear();
      from.start = 0;
      if (from.end) *flags |= NGHTTP2_DATA_FLAG_EOF;
    }
    return static_cast<ssize_t>(n);
  }

  static SessionCallbacks make() {
    nghttp2_session_callbacks* raw = nullptr;
    need(nghttp2_session_callbacks_new(&raw));
    SessionCallbacks callbacks{std::unique_ptr<nghttp2_session_callbacks, SessionCallbacks::Remove>(raw)};
    nghttp2_session_callbacks_set_on_begin_headers_callback(raw, on_begin_headers);
    nghttp2_session_callbacks_set_on_header_callback(raw, on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(raw, on_data_chunk);
    nghttp2_session_callbacks_set_on_frame_recv_callback(raw, on_frame_recv);
    nghttp2_session_callbacks_set_on_frame_send_callback(raw, on_frame_send);
    nghttp2_session_callbacks_set_on_stream_close_callback(raw, on_stream_close);
    return callbacks;
  }
};

Http2Session::Http2Session(Nghttp2Options options)
    : options_(std::move(options)), session_(nullptr, nghttp2_session_del) {
  static const auto callbacks = Callbacks::make();
  static const auto usual = make_option(false), plain = make_option(true);
  const auto& option = options_.hooks.plain_encoding ? plain : usual;
  nghttp2_session* raw = nullptr;
  const auto make = options_.server ? nghttp2_session_server_new2 : nghttp2_session_client_new2;
  need(make(&raw, callbacks.handle.get(), this, option.handle.get()));
  session_.reset(raw);
  (options_.server ? preface_left_ : own_preface_left_) = h2::preface.size();
  if (options_.server || !options_.upgraded) submit_settings();
}

Http2Session::~Http2Session() = default;

void Http2Session::submit_settings() {
  std::vector<nghttp2_settings_entry> list;
  list.reserve(options_.settings.size());
  for (const auto& one : options_.settings) list.push_back({one.id, one.value});
  need(nghttp2_submit_settings(session_.get(), NGHTTP2_FLAG_NONE, list.data(), list.size()));
  need(nghttp2_session_set_local_window_size(session_.get(), NGHTTP2_FLAG_NONE, 0, connection_window));
}

bool Http2Session::begin_upgraded(OctetView settings, bool head) {
  ledger_.open(1);
  if (options_.server) ledger_.peer_ended(1);
  if (options_.server) had_section_.insert(1);
  return nghttp2_session_upgrade2(session_.get(), settings.data(), settings.size(), head ? 1 : 0, nullptr) == 0;
}

std::vector<SessionEvent> Http2Session::take_events() { return std::exchange(events_, {}); }

std::uint32_t Http2Session::request(const h2::FieldSection& section, bool end_stream) {
  const auto nv = as_nv(section);
  const std::uint8_t flags = end_stream ? NGHTTP2_FLAG_END_STREAM : NGHTTP2_FLAG_NONE;
  const auto id = nghttp2_submit_headers(session_.get(), flags, -1, nullptr, nv.data(), nv.size(), nullptr);
  if (id < 0) return 0;
  ledger_.open(static_cast<std::uint32_t>(id));
  flush();  // nghttp2 has no stream to write on before
  return static_cast<std::uint32_t>(id);
}

// The calls below fail where the stream has just closed, which is the peer's right: then there is nothing to say.

void Http2Session::headers(std::uint32_t stream, const h2::FieldSection& section, bool end_stream) {
  const auto nv = as_nv(section);
  const std::uint8_t flags = end_stream ? NGHTTP2_FLAG_END_STREAM : NGHTTP2_FLAG_NONE;
  nghttp2_submit_headers(session_.get(), flags, static_cast<std::int32_t>(stream), nullptr, nv.data(), nv.size(),
                         nullptr);
}

void Http2Session::write(std::uint32_t stream, OctetView octets) {
  const auto id = static_cast<std::int32_t>(stream);
  if (!nghttp2_session_find_stream(session_.get(), id)) return;
  const auto [at, fresh] = outgoing_.try_emplace(stream);
  auto& outgoing = at->second;
  if (outgoing.start > outgoing.octets.size() / 2) {  // what has gone out is not kept
    outgoing.octets.erase(outgoing.octets.begin(),
                          outgoing.octets.begin() + static_cast<std::ptrdiff_t>(outgoing.start));
    outgoing.start = 0;
  }
  append(outgoing.octets, octets);
  if (fresh) {
    nghttp2_data_provider provider{{}, Callbacks::read_data};
    nghttp2_submit_data(session_.get(), NGHTTP2_FLAG_END_STREAM, id, &provider);
  } else {
    nghttp2_session_resume_data(session_.get(), id);
  }
}

void Http2Session::end(std::uint32_t stream) {
  write(stream, {});
  if (const auto found = outgoing_.find(stream); found != outgoing_.end()) found->second.end = true;
}

void Http2Session::release_when_ended(std::uint32_t stream) { release_.insert(stream); }

void Http2Session::reset(std::uint32_t stream, ErrorCode code) {
  if (++unread_resets_ > most_unread_resets) return terminate(ErrorCode::enhance_your_calm);
  flush();
  ledger_.we_reset(stream);
  nghttp2_submit_rst_stream(session_.get(), NGHTTP2_FLAG_NONE, static_cast<std::int32_t>(stream),
                            static_cast<std::uint32_t>(code));
  flush();
}

void Http2Session::terminate(ErrorCode code) {
  terminated_ = true;
  flush();
  nghttp2_session_terminate_session(session_.get(), static_cast<std::uint32_t>(code));
  flush();  // so that the end is seen at once
}

void Http2Session::consume(std::uint32_t stream, std::size_t octets) {
  nghttp2_session_consume_stream(session_.get(), static_cast<std::int32_t>(stream), octets);
}

std::size_t Http2Session::unsent(std::uint32_t stream) const {
  const auto found = outgoing_.find(stream);
  return found == outgoing_.end() ? 0 : found->second.octets.size() - found->second.start;
}

void Http2Session::inject(const Frame& frame) {
  flush();
  if (frame.is(FrameType::settings) && !frame.has(h2::flag::ack)) ++acks_to_swallow_;
  h2::append_frame(out_, frame);
}

Octets Http2Session::take_output() {
  unread_resets_ = 0;
  flush();
  return std::exchange(out_, {});
}

bool Http2Session::over() const {
  return broken_ || (nghttp2_session_want_read(session_.get()) == 0 && nghttp2_session_want_write(session_.get()) == 0);
}

void Http2Session::flush() {
  const std::uint8_t* data = nullptr;
  for (ssize_t n = 0; (n = nghttp2_session_mem_send(session_.get(), &data)) != 0;) {
    if (n < 0) {
      broken_ = true;
      return;
    }
    emit({data, static_cast<std::size_t>(n)});
  }
}

void Http2Session::emit(OctetView octets) {
  const auto preface = octets.first(std::min(own_preface_left_, octets.size()));
  own_preface_left_ -= preface.size();
  append(out_, preface);
  octets = octets.subspan(preface.size());
  if (!options_.hooks.out && !(options_.server && first_settings_)) return append(out_, octets);
  written_.feed(octets);
  while (auto frame = written_.next()) emit_frame(std::move(*frame));
}

void Http2Session::emit_frame(Frame frame) {
  // The limit on streams is announced here and counted here: nghttp2 would answer one stream too many by a connection
  // error, where RFC 9113 5.1.2 asks for a stream error.
  if (options_.server && first_settings_ && frame.is(FrameType::settings)) {
    append_number(frame.payload, h2::setting::max_concurrent_streams, 2);
    append_number(frame.payload, options_.max_streams, 4);
  }
  first_settings_ = false;
  if (!options_.hooks.out) return h2::append_frame(out_, frame);
  for (const auto& one : options_.hooks.out(std::move(frame))) h2::append_frame(out_, one);
}

// Reading, frame by frame

void Http2Session::feed(OctetView octets) {
  if (preface_left_ == 0) return in_.feed(octets);
  const auto part = octets.first(std::min(preface_left_, octets.size()));
  const auto expected = h2::preface.substr(h2::preface.size() - preface_left_, part.size());
  if (as_text(part) != expected) return terminate(ErrorCode::protocol_error);  // RFC 9113 3.4
  preface_left_ -= part.size();
  in_.feed(octets.subspan(part.size()));
}

bool Http2Session::step() {
  if (over() || terminated_ || preface_left_ != 0) return false;
  if (out_.size() > largest_output || nghttp2_session_get_outbound_queue_size(session_.get()) > most_queued_frames) {
    broken_ = true;  // it sends and does not read
    return false;
  }
  // Refused before it has come: a frame is buffered whole. All that may come is 16,384 octets (RFC 9113 4.2).
  if (const auto size = in_.announced(); size && *size > h2::initial_max_frame_size && !options_.hooks.large_frames) {
    terminate(ErrorCode::frame_size_error);
    return false;
  }
  auto frame = in_.next();
  if (!frame) return false;
  if (!options_.hooks.in) return take(std::move(*frame)), true;
  for (auto& one : options_.hooks.in(std::move(*frame)))
    if (!over() && !terminated_) take(std::move(one));
  return true;
}

void Http2Session::take(Frame frame) {
  if (admit(frame) == Admitted::yes) give(frame);
}

void Http2Session::give(const Frame& frame) {
  const auto before = events_.size();
  const auto header = h2::header_of(frame);
  for (const OctetView part : {OctetView(header), OctetView(frame.payload)})
    if (!broken_ && nghttp2_session_mem_recv(session_.get(), part.data(), part.size()) < 0) broken_ = true;
  std::vector<std::uint32_t> refuse;
  std::size_t taken = 0;
  for (auto at = before; at < events_.size(); ++at) {
    if (const auto* data = std::get_if<DataSeen>(&events_[at])) taken += data->octets.size();
    const auto* section = std::get_if<SectionSeen>(&events_[at]);
    if (section && refused_.contains(section->stream)) refuse.push_back(section->stream);
  }
  if (taken != 0) nghttp2_session_consume_connection(session_.get(), taken);
  if (refuse.empty()) return;
  events_.resize(before);
  for (const auto stream : refuse) reset(stream, ErrorCode::refused_stream);
}

}  // namespace upspec
