// An example of fuzz/adapter.h for an intermediary: HTTP/2 with extended CONNECT (RFC 8441) in front, on libnghttp2;
// HTTP/1.1 behind, on one connection, read by Boost.Beast. An answer is passed on once it is whole, octets of a channel
// at once. It stands for a vendor's code, so it uses nothing of upspec but the adapter.
#include <nghttp2/nghttp2.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapter.h"
#include "proxy_heads.hpp"

namespace {

using namespace example;
namespace http = boost::beast::http;
using AnswerParser = http::response_parser<http::string_body>;

constexpr std::size_t most_waiting = 1u << 16;  // octets for one side, before the other is read on
constexpr std::uint64_t most_content = 1u << 20;

struct Stream {
  Request request;
  bool client_ended = false;
  std::string in;   // content or channel, on its way behind
  std::string out;  // ... and to the front
  bool out_ends = false;
  bool answered = false;
  bool deferred = false;  // the data source has been told to wait

  bool is(std::string_view name, std::string_view value) const {
    const auto* field = find(request.fields, name);
    return field != nullptr && *field == value;
  }
};

// A descriptor and what waits to be written to it.
struct Side {
  int fd;
  std::string out = {};
  bool shut = false;   // FIN follows, once all is written
  bool said = false;   // ... it has
  bool heard = false;  // FIN has come

  ~Side() { end(); }
  bool open() const { return fd >= 0; }
  void end() {
    if (open()) close(std::exchange(fd, -1));
  }
  // False: it takes nothing more, ever.
  bool write() {
    while (open() && !out.empty()) {
      const ssize_t sent = send(fd, out.data(), out.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent < 0) return errno == EAGAIN;
      out.erase(0, static_cast<std::size_t>(sent));
    }
    if (open() && shut && !std::exchange(said, true)) shutdown(fd, SHUT_WR);
    if (said && heard) end();
    return true;
  }
  enum class Got : std::uint8_t { nothing, octets, fin, reset };
  Got read(std::string& to) {
    std::array<char, 16384> in;
    const ssize_t got = recv(fd, in.data(), in.size(), MSG_DONTWAIT);
    if (got < 0) return errno == EAGAIN ? Got::nothing : Got::reset;
    to.append(in.data(), static_cast<std::size_t>(got));
    heard = got == 0;
    return got == 0 ? Got::fin : Got::octets;
  }
};

class Proxy {
 public:
  Proxy(int front, int behind) : front_{front}, behind_{behind} {}
  ~Proxy() { nghttp2_session_del(session_); }
  Proxy(const Proxy&) = delete;
  Proxy& operator=(const Proxy&) = delete;

  bool open();
  void run();

 private:
  static Proxy& self(void* user) { return *static_cast<Proxy*>(user); }
  static int on_begin(nghttp2_session*, const nghttp2_frame* frame, void* user);
  static int on_header(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name, std::size_t name_size,
                       const std::uint8_t* value, std::size_t value_size, std::uint8_t, void* user);
  static int on_frame(nghttp2_session*, const nghttp2_frame* frame, void* user);
  static int on_data(nghttp2_session*, std::uint8_t, std::int32_t id, const std::uint8_t* octets, std::size_t size,
                     void* user);
  static int on_close(nghttp2_session*, std::int32_t id, std::uint32_t, void* user);
  static ssize_t read(nghttp2_session*, std::int32_t id, std::uint8_t* to, std::size_t size, std::uint32_t* flags,
                      nghttp2_data_source*, void* user);

  static bool is_full(const Stream& stream) { return stream.out.size() >= most_waiting; }
  Stream* exchange() { return at_ == 0 ? nullptr : &streams_.at(at_); }
  void ask_next();
  void refuse(std::int32_t id, int status);
  void answer(std::int32_t id, const Fields& fields);
  void wake(std::int32_t id, Stream& stream);
  void move_content();
  void take_answers();
  void take_answer(const Answer& answer, std::size_t size);
  void give_up_behind(std::uint32_t code);
  void read_behind();
  bool read_front();
  bool write_front();

  Side front_, behind_;
  nghttp2_session* session_ = nullptr;
  std::map<std::int32_t, Stream> streams_;
  std::deque<std::int32_t> waiting_;  // for the connection behind
  std::int32_t at_ = 0;               // the stream that has it
  bool channel_ = false;              // ... as a channel
  bool chunked_ = false;              // ... its content goes in chunks
  bool whole_ = false;                // ... its request has gone
  std::string in_;                    // from behind, not read yet
};

bool Proxy::open() {
  nghttp2_session_callbacks* calls = nullptr;
  nghttp2_session_callbacks_new(&calls);
  nghttp2_session_callbacks_set_on_begin_headers_callback(calls, on_begin);
  nghttp2_session_callbacks_set_on_header_callback(calls, on_header);
  nghttp2_session_callbacks_set_on_frame_recv_callback(calls, on_frame);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(calls, on_data);
  nghttp2_session_callbacks_set_on_stream_close_callback(calls, on_close);
  nghttp2_option* options = nullptr;
  nghttp2_option_new(&options);
  nghttp2_option_set_no_auto_window_update(options, 1);  // what has gone behind is given back, not what has come
  const int made = nghttp2_session_server_new2(&session_, calls, this, options);
  nghttp2_option_del(options);
  nghttp2_session_callbacks_del(calls);
  const nghttp2_settings_entry settings[] = {{NGHTTP2_SETTINGS_ENABLE_CONNECT_PROTOCOL, 1},
                                             {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, 100}};
  return made == 0 && nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, settings, std::size(settings)) == 0;
}

void Proxy::run() {
  for (;;) {
    ask_next();
    move_content();
    if (!behind_.write()) give_up_behind(NGHTTP2_CONNECT_ERROR);
    if (!write_front() || !front_.write()) return;
    if (front_.out.empty() && nghttp2_session_want_read(session_) == 0 && nghttp2_session_want_write(session_) == 0)
      return;
    const bool listens = behind_.open() && !behind_.heard && !(channel_ && at_ != 0 && is_full(*exchange()));
    const auto asked = [](const Side& side, bool reads) -> pollfd {
      const int events = (reads ? POLLIN : 0) | (side.out.empty() ? 0 : POLLOUT);
      return {events == 0 ? -1 : side.fd, static_cast<short>(events), 0};
    };
    pollfd both[] = {asked(front_, true), asked(behind_, listens)};
    if (poll(both, 2, -1) < 0) return;
    if (listens && (both[1].revents & ~POLLOUT) != 0) read_behind();
    if ((both[0].revents & ~POLLOUT) != 0 && !read_front()) break;
  }
  if (write_front()) front_.write();
}

// ---- in front -------------------------------------------------------------------------------------------------------

bool Proxy::read_front() {
  std::string in;
  const auto got = front_.read(in);
  if (got == Side::Got::nothing) return true;
  return got == Side::Got::octets &&
         nghttp2_session_mem_recv(session_, reinterpret_cast<const std::uint8_t*>(in.data()), in.size()) >= 0;
}

bool Proxy::write_front() {
  while (front_.out.size() < most_waiting) {
    const std::uint8_t* octets = nullptr;
    const ssize_t size = nghttp2_session_mem_send(session_, &octets);
    if (size <= 0) return size == 0;
    front_.out.append(reinterpret_cast<const char*>(octets), static_cast<std::size_t>(size));
  }
  return true;
}

int Proxy::on_begin(nghttp2_session*, const nghttp2_frame* frame, void* user) {
  if (frame->headers.cat == NGHTTP2_HCAT_REQUEST) self(user).streams_[frame->hd.stream_id];
  return 0;
}

int Proxy::on_header(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name, std::size_t name_size,
                     const std::uint8_t* value, std::size_t value_size, std::uint8_t, void* user) {
  if (frame->headers.cat != NGHTTP2_HCAT_REQUEST) return 0;  // trailers end here
  Field field{{reinterpret_cast<const char*>(name), name_size}, {reinterpret_cast<const char*>(value), value_size}};
  auto& stream = self(user).streams_[frame->hd.stream_id];
  if (field.name == ":protocol") stream.request.protocol = field.value;
  stream.request.fields.push_back(std::move(field));
  return 0;
}

int Proxy::on_frame(nghttp2_session* session, const nghttp2_frame* frame, void* user) {
  auto& proxy = self(user);
  const auto at = proxy.streams_.find(frame->hd.stream_id);
  if (at == proxy.streams_.end() || (frame->hd.type != NGHTTP2_HEADERS && frame->hd.type != NGHTTP2_DATA)) return 0;
  auto& [id, stream] = *at;
  stream.client_ended = stream.client_ended || (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
  if (frame->hd.type != NGHTTP2_HEADERS) return 0;
  if (frame->headers.cat == NGHTTP2_HCAT_REQUEST)
    proxy.waiting_.push_back(id);
  else if (!stream.request.protocol.empty())  // RFC 9113 8.5: only DATA
    nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, id, NGHTTP2_PROTOCOL_ERROR);
  return 0;
}

int Proxy::on_data(nghttp2_session* session, std::uint8_t, std::int32_t id, const std::uint8_t* octets,
                   std::size_t size, void* user) {
  auto& proxy = self(user);
  const auto at = proxy.streams_.find(id);
  const bool refused = at != proxy.streams_.end() && at->second.answered && !(proxy.channel_ && proxy.at_ == id);
  if (at == proxy.streams_.end() || refused)
    nghttp2_session_consume(session, id, size);
  else
    at->second.in.append(reinterpret_cast<const char*>(octets), size);
  return 0;
}

int Proxy::on_close(nghttp2_session* session, std::int32_t id, std::uint32_t code, void* user) {
  auto& proxy = self(user);
  const auto at = proxy.streams_.find(id);
  if (at == proxy.streams_.end()) return 0;
  nghttp2_session_consume_connection(session, at->second.in.size());
  std::erase(proxy.waiting_, id);
  if (proxy.at_ == id) {
    proxy.at_ = 0;
    // Half an exchange, or a channel: the connection is of no use to anybody else.
    if (proxy.channel_ && proxy.whole_ && code == NGHTTP2_NO_ERROR)
      proxy.behind_.shut = true;
    else
      proxy.behind_.end();
  }
  proxy.streams_.erase(at);
  return 0;
}

ssize_t Proxy::read(nghttp2_session*, std::int32_t id, std::uint8_t* to, std::size_t size, std::uint32_t* flags,
                    nghttp2_data_source*, void* user) {
  Stream& stream = self(user).streams_.at(id);
  if (stream.out.empty() && !stream.out_ends) {
    stream.deferred = true;
    return NGHTTP2_ERR_DEFERRED;
  }
  const std::size_t taken = std::min(size, stream.out.size());
  std::copy_n(stream.out.begin(), taken, to);
  stream.out.erase(0, taken);
  if (stream.out.empty() && stream.out_ends) *flags |= NGHTTP2_DATA_FLAG_EOF;
  return static_cast<ssize_t>(taken);
}

std::vector<nghttp2_nv> named(const Fields& fields) {
  std::vector<nghttp2_nv> out;
  const auto octets = [](const std::string& text) {
    return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data()));
  };
  for (const auto& [name, value] : fields)
    out.push_back({octets(name), octets(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE});
  return out;
}

void Proxy::answer(std::int32_t id, const Fields& fields) {
  Stream& stream = streams_.at(id);
  const auto list = named(fields);
  const nghttp2_data_provider source = {{.ptr = nullptr}, read};
  nghttp2_submit_response(session_, id, list.data(), list.size(), &source);
  stream.answered = true;
  if (channel_ && at_ == id) return;
  nghttp2_session_consume(session_, id, stream.in.size());
  stream.in.clear();
}

void Proxy::refuse(std::int32_t id, int status) {
  streams_.at(id).out_ends = true;
  answer(id, {{":status", std::to_string(status)}});
}

void Proxy::wake(std::int32_t id, Stream& stream) {
  if (std::exchange(stream.deferred, false)) nghttp2_session_resume_data(session_, id);
}

// ---- behind ---------------------------------------------------------------------------------------------------------

void Proxy::ask_next() {
  while (at_ == 0 && !waiting_.empty()) {
    const auto id = waiting_.front();
    waiting_.pop_front();
    Stream& stream = streams_.at(id);
    stream.request.key = fresh_key();
    const auto head = head_for(stream.request, !stream.client_ended || !stream.in.empty());
    if (head.refusal != 0 || !behind_.open() || behind_.shut || behind_.heard) {
      refuse(id, head.refusal != 0 ? head.refusal : 503);
      continue;
    }
    at_ = id;
    channel_ = whole_ = false;
    chunked_ = head.chunked;
    behind_.out += head.text;
  }
}

// Content, and once it is accepted the channel.
void Proxy::move_content() {
  Stream* stream = exchange();
  if (stream == nullptr || whole_ || behind_.out.size() >= most_waiting) return;
  if (!stream->request.protocol.empty() && !channel_) return;  // PXY-11: not before the accept
  const std::size_t size = stream->in.size();
  if (chunked_ && size != 0) {
    std::array<char, 16> length{};
    std::snprintf(length.data(), length.size(), "%zx\r\n", size);
    behind_.out += length.data() + stream->in + "\r\n";
  } else {
    behind_.out += stream->in;
  }
  stream->in.clear();
  nghttp2_session_consume(session_, at_, size);
  if (!stream->client_ended) return;
  whole_ = true;
  if (chunked_) behind_.out += "0\r\n\r\n";
  if (channel_) behind_.shut = true;
}

void Proxy::read_behind() {
  const auto got = behind_.read(in_);
  if (got == Side::Got::nothing) return;
  if (got != Side::Got::reset && at_ != 0) take_answers();
  if (got == Side::Got::octets && (at_ != 0 || in_.empty())) return;
  if (got != Side::Got::fin || at_ == 0 || !channel_) return give_up_behind(NGHTTP2_CONNECT_ERROR);
  exchange()->out_ends = true;  // a half-close goes on as one
  wake(at_, *exchange());
}

void Proxy::give_up_behind(std::uint32_t code) {
  behind_.end();
  Stream* stream = exchange();
  if (stream == nullptr) return;
  const auto id = std::exchange(at_, 0);
  if (stream->answered)
    nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, id, code);
  else
    refuse(id, 502);
}

void Proxy::take_answers() {
  while (Stream* stream = exchange()) {
    if (channel_) {
      stream->out += std::exchange(in_, {});
      return wake(at_, *stream);
    }
    AnswerParser parser;
    parser.eager(true);
    parser.body_limit(most_content);
    parser.skip(stream->is(":method", "HEAD"));
    boost::system::error_code error;
    const std::size_t size = parser.put(boost::asio::buffer(in_), error);
    if (error == http::error::need_more) error = {};
    if (!error && behind_.heard && parser.got_some()) parser.put_eof(error);
    if (error || in_.size() > most_content) return give_up_behind(NGHTTP2_CONNECT_ERROR);
    if (!parser.is_done()) return;
    take_answer(parser.get(), size);
    if (!behind_.open()) return;
  }
}

void Proxy::take_answer(const Answer& answer, std::size_t size) {
  Stream& stream = *exchange();
  const auto id = at_;
  const unsigned status = answer.result_int();
  const bool switches = status == 101;
  const auto fields = fields_of(answer, switches ? 200 : static_cast<int>(status));
  const bool fits =
      switches ? !stream.request.protocol.empty() && accepts(answer, stream.request) : status >= 100 && status < 600;
  // A 2xx that does not switch would look like the accept in front (RFC 8441 5).
  const bool misleads = !switches && !stream.request.protocol.empty() && status / 100 == 2;
  if (!fields || !fits || misleads) return give_up_behind(NGHTTP2_CONNECT_ERROR);
  in_.erase(0, size);
  if (switches) {
#ifdef PLANTED_TRANSLATION_BUG
    in_.clear();  // what came in one read with the head
#endif
    channel_ = true;
    return this->answer(id, *fields);
  }
  if (status < 200) {
    const auto list = named(*fields);
    nghttp2_submit_headers(session_, NGHTTP2_FLAG_NONE, id, nullptr, list.data(), list.size(), nullptr);
    return;
  }
  stream.out = answer.body();
  stream.out_ends = true;
  at_ = 0;
  const bool reusable = answer.keep_alive() && (whole_ || stream.client_ended) && in_.empty();
  this->answer(id, *fields);
  if (!reusable) behind_.end();
}

}  // namespace

int upspec_proxy_fds(int front, int behind) {
  Proxy proxy(front, behind);
  if (!proxy.open()) return 1;
  proxy.run();
  return 0;
}
