// An example of fuzz/adapter.h: a server for extended CONNECT (RFC 8441) on libnghttp2. `websocket` echoes messages on
// every path, `upspec-echo` echoes octets; any other request is answered with a line of text.
// It stands for a vendor's code, so it uses nothing of upspec but the adapter. Debian's libnghttp2 is not instrumented:
// coverage is of this file alone.
#include <nghttp2/nghttp2.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "adapter.h"

namespace {

// Octets in, octets out: RFC 6455 frames come back unmasked.
class WebSocketEcho {
 public:
  void receive(std::string_view octets, std::string& out) {
    in_.append(octets);
    while (!closed_ && take_frame(out)) {
    }
  }
  bool closed() const { return closed_; }

 private:
  bool take_frame(std::string& out) {
    if (in_.size() < 2) return false;
    const auto octet = [this](std::size_t at) { return static_cast<std::uint8_t>(in_[at]); };
    const unsigned opcode = octet(0) & 0x0f;
    const bool control = opcode >= 8;
    std::uint64_t length = octet(1) & 0x7f;
    const std::size_t extra = length == 126 ? 2 : length == 127 ? 8 : 0;
    if ((octet(0) & 0x70) != 0 || (octet(1) & 0x80) == 0) return fail(1002, out);
    if (control && ((octet(0) & 0x80) == 0 || length > 125 || opcode > 10)) return fail(1002, out);
    if (!control && (opcode > 2 || (opcode == 0) != in_message_)) return fail(1002, out);
    if (in_.size() < 2 + extra) return false;
    if (extra != 0) length = 0;
    for (std::size_t i = 0; i < extra; ++i) length = length << 8 | octet(2 + i);
    if (length > most_) return fail(1009, out);
    const std::size_t head = 2 + extra + 4;
    if (in_.size() < head + length) return false;
    std::string payload = in_.substr(head, length);
    for (std::size_t i = 0; i < payload.size(); ++i)
      payload[i] = static_cast<char>(payload[i] ^ in_[2 + extra + i % 4]);
    const bool fin = (octet(0) & 0x80) != 0;
    in_.erase(0, head + length);
    return take(opcode, fin, payload, out);
  }

  bool take(unsigned opcode, bool fin, const std::string& payload, std::string& out) {
    if (opcode == 8) return take_close(payload, out);
    if (opcode == 9) put(0x8a, payload, out);
    if (opcode >= 8) return true;
    // A message comes back whole, so that its text can be looked at first.
    if (opcode != 0) message_opcode_ = opcode;
    if (message_.size() + payload.size() > most_) return fail(1009, out);
    message_ += payload;
    in_message_ = !fin;
    if (!fin) return true;
    if (message_opcode_ == 1 && !is_utf8(message_)) return fail(1007, out);
    put(0x80 | message_opcode_, message_, out);
    message_.clear();
    return true;
  }

  bool take_close(const std::string& payload, std::string& out) {
    const auto octet = [&](std::size_t at) -> unsigned { return static_cast<std::uint8_t>(payload[at]); };
    const unsigned code = payload.size() < 2 ? 1000 : octet(0) << 8 | octet(1);
    const bool known = (code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006) ||
                       (code >= 3000 && code <= 4999);
    if (payload.size() == 1 || !known) return fail(1002, out);
    if (payload.size() > 2 && !is_utf8(std::string_view(payload).substr(2))) return fail(1007, out);
    put(0x88, payload, out);
    closed_ = true;
    return false;
  }

  bool fail(unsigned code, std::string& out) {
    put(0x88, {static_cast<char>(code >> 8), static_cast<char>(code & 0xff)}, out);
    closed_ = true;
    return false;
  }

  static void put(unsigned first, const std::string& payload, std::string& out) {
    out += static_cast<char>(first);
    if (payload.size() < 126) {
      out += static_cast<char>(payload.size());
    } else {
      const std::size_t width = payload.size() < 65536 ? 2 : 8;
      out += static_cast<char>(width == 2 ? 126 : 127);
      for (std::size_t i = width; i-- > 0;) out += static_cast<char>(payload.size() >> (8 * i) & 0xff);
    }
    out += payload;
  }

  static bool is_utf8(std::string_view text) {
    for (std::size_t i = 0; i < text.size();) {
      const auto first = static_cast<std::uint8_t>(text[i]);
      const std::size_t size = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
      if (size > 1 && (first < 0xc2 || first > 0xf4 || i + size > text.size())) return false;
      std::uint32_t value = size == 1 ? first : first & (0xff >> (size + 1));
      for (std::size_t k = 1; k < size; ++k) {
        const auto next = static_cast<std::uint8_t>(text[i + k]);
        if ((next & 0xc0) != 0x80) return false;
        value = value << 6 | (next & 0x3f);
      }
      constexpr std::uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
      if (value < least[size] || value > 0x10ffff || (value >= 0xd800 && value < 0xe000)) return false;
      i += size;
    }
    return true;
  }

  static constexpr std::size_t most_ = 1u << 16;
  std::string in_, message_;
  unsigned message_opcode_ = 0;
  bool in_message_ = false;
  bool closed_ = false;
};

struct Stream {
  std::map<std::string, std::string> request;
  bool is_channel = false;
  bool answered = false;
  bool client_ended = false;
  std::unique_ptr<WebSocketEcho> websocket;
  std::string out;
  bool waiting = false;  // the data source has been told to wait
#ifdef PLANTED_SEQUENCE_BUG
  // Stands for a write-ahead buffer that is sized anew when the peer's settings change and whose old place is kept.
  enum class Buffer { none, grown, used, moved } buffer = Buffer::none;
#endif
};

bool is(const Stream& stream, const char* name, std::string_view value) {
  const auto field = stream.request.find(name);
  return field != stream.request.end() && field->second == value;
}

// RFC 3986 3.3: behind an authority a path begins with "/". nghttp2 looks at it for the schemes http and https alone.
bool has_right_path(const Stream& stream) {
  const auto path = stream.request.find(":path");
  return path == stream.request.end() || path->second.starts_with('/') ||
         (path->second == "*" && is(stream, ":method", "OPTIONS"));
}

class Connection {
 public:
  explicit Connection(int fd) : fd_(fd) {}
  ~Connection() {
    nghttp2_session_del(session_);
    close(fd_);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  bool open();
  void run();

 private:
  static int on_begin(nghttp2_session*, const nghttp2_frame* frame, void* self);
  static int on_header(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name, std::size_t name_size,
                       const std::uint8_t* value, std::size_t value_size, std::uint8_t, void* self);
  static int on_frame(nghttp2_session*, const nghttp2_frame* frame, void* self);
  static int on_data(nghttp2_session*, std::uint8_t, std::int32_t id, const std::uint8_t* octets, std::size_t size,
                     void* self);
  static int on_close(nghttp2_session*, std::int32_t id, std::uint32_t, void* self);
  static ssize_t read(nghttp2_session*, std::int32_t id, std::uint8_t* to, std::size_t size, std::uint32_t* flags,
                      nghttp2_data_source*, void* self);

  void request(std::int32_t id, Stream& stream);
  void answer(std::int32_t id, Stream& stream, const char* status);
  void more(std::int32_t id, Stream& stream);
  bool write_all();

  static constexpr std::size_t most_together = 1u << 16;
  int fd_;
  nghttp2_session* session_ = nullptr;
  std::map<std::int32_t, Stream> streams_;
};

bool Connection::open() {
  nghttp2_session_callbacks* calls = nullptr;
  nghttp2_session_callbacks_new(&calls);
  nghttp2_session_callbacks_set_on_begin_headers_callback(calls, on_begin);
  nghttp2_session_callbacks_set_on_header_callback(calls, on_header);
  nghttp2_session_callbacks_set_on_frame_recv_callback(calls, on_frame);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(calls, on_data);
  nghttp2_session_callbacks_set_on_stream_close_callback(calls, on_close);
  nghttp2_option* options = nullptr;
  nghttp2_option_new(&options);
  nghttp2_option_set_no_auto_window_update(options, 1);  // what has been echoed is given back, not what has come
  const int made = nghttp2_session_server_new2(&session_, calls, this, options);
  nghttp2_option_del(options);
  nghttp2_session_callbacks_del(calls);
  const nghttp2_settings_entry settings[] = {{NGHTTP2_SETTINGS_ENABLE_CONNECT_PROTOCOL, 1},
                                             {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, 100}};
  return made == 0 && nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, settings, std::size(settings)) == 0;
}

void Connection::run() {
  std::array<std::uint8_t, 16384> in;
  while (write_all() && (nghttp2_session_want_read(session_) != 0 || nghttp2_session_want_write(session_) != 0)) {
    const ssize_t got = recv(fd_, in.data(), in.size(), 0);
    if (got <= 0 || nghttp2_session_mem_recv(session_, in.data(), static_cast<std::size_t>(got)) < 0) break;
  }
  write_all();
}

// Frames go out together.
bool Connection::write_all() {
  std::string out;
  for (;;) {
    const std::uint8_t* octets = nullptr;
    const ssize_t size = nghttp2_session_mem_send(session_, &octets);
    if (size < 0) return false;
    if (size > 0) out.append(reinterpret_cast<const char*>(octets), static_cast<std::size_t>(size));
    if (size > 0 && out.size() < most_together) continue;
    for (std::size_t sent = 0; sent < out.size();) {
      const ssize_t now = send(fd_, out.data() + sent, out.size() - sent, MSG_NOSIGNAL);
      if (now <= 0) return false;
      sent += static_cast<std::size_t>(now);
    }
    if (size == 0) return true;
    out.clear();
  }
}

int Connection::on_begin(nghttp2_session*, const nghttp2_frame* frame, void* self) {
  if (frame->headers.cat == NGHTTP2_HCAT_REQUEST) static_cast<Connection*>(self)->streams_[frame->hd.stream_id];
  return 0;
}

int Connection::on_header(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name, std::size_t name_size,
                          const std::uint8_t* value, std::size_t value_size, std::uint8_t, void* self) {
  if (frame->headers.cat != NGHTTP2_HCAT_REQUEST) return 0;
  auto& fields = static_cast<Connection*>(self)->streams_[frame->hd.stream_id].request;
  fields[std::string(reinterpret_cast<const char*>(name), name_size)] =
      std::string(reinterpret_cast<const char*>(value), value_size);
  return 0;
}

int Connection::on_frame(nghttp2_session* session, const nghttp2_frame* frame, void* self_pointer) {
  auto& self = *static_cast<Connection*>(self_pointer);
#ifdef PLANTED_SEQUENCE_BUG
  if (frame->hd.type == NGHTTP2_SETTINGS && frame->settings.niv > 0) {
    for (auto& [id, stream] : self.streams_)
      if (stream.buffer == Stream::Buffer::used) stream.buffer = Stream::Buffer::moved;
  }
  if (frame->hd.type == NGHTTP2_WINDOW_UPDATE) {
    const auto grown = self.streams_.find(frame->hd.stream_id);
    if (grown != self.streams_.end() && grown->second.is_channel && grown->second.buffer == Stream::Buffer::none)
      grown->second.buffer = Stream::Buffer::grown;
  }
#endif
  const auto at = self.streams_.find(frame->hd.stream_id);
  if (at == self.streams_.end()) return 0;
  auto& [id, stream] = *at;
  if (frame->hd.type == NGHTTP2_HEADERS) {
    if (frame->headers.cat == NGHTTP2_HCAT_REQUEST) {
      self.request(id, stream);
    } else if (stream.is_channel) {  // RFC 9113 8.5: only DATA
      nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, id, NGHTTP2_PROTOCOL_ERROR);
      return 0;
    }
  }
  if ((frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA) &&
      (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0) {
    stream.client_ended = true;
    self.more(id, stream);
  }
  return 0;
}

void Connection::request(std::int32_t id, Stream& stream) {
  if (!has_right_path(stream)) {
    nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, id, NGHTTP2_PROTOCOL_ERROR);
    return;
  }
  const auto protocol = stream.request.find(":protocol");
  if (protocol == stream.request.end()) return answer(id, stream, is(stream, ":method", "CONNECT") ? "405" : "200");
  if (protocol->second == "websocket") {
    if (!is(stream, "sec-websocket-version", "13")) return answer(id, stream, "400");
    stream.websocket = std::make_unique<WebSocketEcho>();
  } else if (protocol->second != "upspec-echo") {
    return answer(id, stream, "501");
  }
  stream.is_channel = true;
  answer(id, stream, "200");
}

void Connection::answer(std::int32_t id, Stream& stream, const char* status) {
  constexpr auto name = [](const char* text) { return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text)); };
  const std::string_view text = status;
  std::array<nghttp2_nv, 2> fields = {
      nghttp2_nv{name(":status"), name(status), 7, text.size(), NGHTTP2_NV_FLAG_NONE},
      nghttp2_nv{name("sec-websocket-version"), name("13"), 21, 2, NGHTTP2_NV_FLAG_NONE}};
  if (!stream.is_channel) stream.out = "extended CONNECT: websocket or upspec-echo\n";
  if (is(stream, ":method", "HEAD")) stream.out.clear();
  const nghttp2_data_provider source = {{.ptr = nullptr}, read};
  nghttp2_submit_response(session_, id, fields.data(), text == "400" ? 2 : 1, &source);
  stream.answered = true;
}

ssize_t Connection::read(nghttp2_session* session, std::int32_t id, std::uint8_t* to, std::size_t size,
                         std::uint32_t* flags, nghttp2_data_source*, void* self_pointer) {
  auto& self = *static_cast<Connection*>(self_pointer);
  Stream& stream = self.streams_[id];
  const bool ends = !stream.is_channel || stream.client_ended || (stream.websocket && stream.websocket->closed());
  if (stream.out.empty() && !ends) {
    stream.waiting = true;
    return NGHTTP2_ERR_DEFERRED;
  }
  const std::size_t taken = std::min(size, stream.out.size());
  std::copy_n(stream.out.begin(), taken, to);
  stream.out.erase(0, taken);
  if (stream.is_channel) nghttp2_session_consume(session, id, taken);
  if (stream.out.empty() && ends) *flags |= NGHTTP2_DATA_FLAG_EOF;
  return static_cast<ssize_t>(taken);
}

int Connection::on_data(nghttp2_session* session, std::uint8_t, std::int32_t id, const std::uint8_t* octets,
                        std::size_t size, void* self_pointer) {
  auto& self = *static_cast<Connection*>(self_pointer);
  const auto at = self.streams_.find(id);
  const bool heard = at != self.streams_.end() && at->second.is_channel;
  const std::size_t before = heard ? at->second.out.size() : 0;
  std::size_t kept = 0;
  if (heard) {
    Stream& stream = at->second;
#ifdef PLANTED_SEQUENCE_BUG
    if (stream.buffer == Stream::Buffer::grown) stream.buffer = Stream::Buffer::used;
    if (stream.buffer == Stream::Buffer::moved) *static_cast<volatile char*>(nullptr) = static_cast<char>(octets[0]);
#endif
    const std::string_view text(reinterpret_cast<const char*>(octets), size);
    if (stream.websocket)
      stream.websocket->receive(text, stream.out);
    else
      stream.out += text;
    kept = std::min(size, stream.out.size() - before);
  }
  nghttp2_session_consume(session, id, size - kept);
  if (heard) self.more(id, at->second);
  return 0;
}

void Connection::more(std::int32_t id, Stream& stream) {
  if (!stream.waiting) return;
  stream.waiting = false;
  nghttp2_session_resume_data(session_, id);
}

int Connection::on_close(nghttp2_session* session, std::int32_t id, std::uint32_t, void* self_pointer) {
  auto& streams = static_cast<Connection*>(self_pointer)->streams_;
  const auto at = streams.find(id);
  if (at == streams.end()) return 0;
  if (at->second.is_channel) nghttp2_session_consume_connection(session, at->second.out.size());
  streams.erase(at);
  return 0;
}

}  // namespace

int upspec_serve_fd(int fd) {
  Connection connection(fd);
  if (!connection.open()) return 1;
  connection.run();
  return 0;
}
