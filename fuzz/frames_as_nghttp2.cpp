// The frames of a connection as nghttp2 reads them: every frame header that a session of its takes is one of ours, in
// the same order, and its DATA holds the octets that we see in ours.
#include <nghttp2/nghttp2.h>

#include <memory>

#include "h2/frame.hpp"
#include "require.hpp"

namespace upspec {
namespace {

struct Reading {
  std::vector<h2::Frame> ours;
  std::size_t at = 0;    // the frame at hand; the end where it is none of ours
  std::size_t next = 0;  // the first that may be the next one
  Octets data;           // of nghttp2's chunks for the frame at hand
};

// The flags that mean something; nghttp2 does not show the others of every type.
std::uint8_t known_flags(std::uint8_t type) {
  switch (static_cast<h2::FrameType>(type)) {
    case h2::FrameType::data:
      return h2::flag::end_stream | h2::flag::padded;
    case h2::FrameType::headers:
      return h2::flag::end_stream | h2::flag::end_headers | h2::flag::padded | h2::flag::priority;
    case h2::FrameType::settings:
    case h2::FrameType::ping:
      return h2::flag::ack;
    case h2::FrameType::push_promise:
      return h2::flag::end_headers | h2::flag::padded;
    case h2::FrameType::continuation:
      return h2::flag::end_headers;
    default:
      return 0;
  }
}

bool same_header(const h2::Frame& ours, const nghttp2_frame_hd& theirs) {
  const auto flags = known_flags(theirs.type);
  return ours.payload.size() == theirs.length && ours.type == theirs.type &&
         (ours.flags & flags) == (theirs.flags & flags) && ours.stream == static_cast<std::uint32_t>(theirs.stream_id);
}

int on_begin_frame(nghttp2_session*, const nghttp2_frame_hd* header, void* user) {
  auto& reading = *static_cast<Reading*>(user);
  reading.at = reading.next;
  while (reading.at < reading.ours.size() && !same_header(reading.ours[reading.at], *header)) ++reading.at;
  // The last one may not be whole: then we have not given it out.
  if (reading.at < reading.ours.size()) reading.next = reading.at + 1;
  reading.data.clear();
  return 0;
}

int on_data_chunk(nghttp2_session*, std::uint8_t, std::int32_t, const std::uint8_t* octets, std::size_t size,
                  void* user) {
  append(static_cast<Reading*>(user)->data, {octets, size});
  return 0;
}

int on_frame(nghttp2_session*, const nghttp2_frame* frame, void* user) {
  auto& reading = *static_cast<Reading*>(user);
  require(reading.at < reading.ours.size(), "a frame that nghttp2 has read whole is one of ours");
  if (frame->hd.type != NGHTTP2_DATA) return 0;
  const auto part = h2::read_data(reading.ours[reading.at]);
  require(part && as_text(part->octets) == as_text(reading.data), "DATA holds what nghttp2 reads");
  return 0;
}

using Session = std::unique_ptr<nghttp2_session, void (*)(nghttp2_session*)>;

Session make_session(Reading& reading) {
  nghttp2_session_callbacks* callbacks = nullptr;
  nghttp2_option* option = nullptr;
  nghttp2_session* session = nullptr;
  require(nghttp2_session_callbacks_new(&callbacks) == 0 && nghttp2_option_new(&option) == 0, "nghttp2 has memory");
  nghttp2_session_callbacks_set_on_begin_frame_callback(callbacks, on_begin_frame);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data_chunk);
  nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
  nghttp2_option_set_no_http_messaging(option, 1);
  nghttp2_option_set_no_recv_client_magic(option, 1);
  require(nghttp2_session_server_new2(&session, callbacks, &reading, option) == 0, "nghttp2 makes a session");
  nghttp2_option_del(option);
  nghttp2_session_callbacks_del(callbacks);
  return {session, nghttp2_session_del};
}

}  // namespace
}  // namespace upspec

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  using namespace upspec;
  Octets wire = h2::serialise(h2::settings({}));
  append(wire, {octets, size});
  Reading reading;
  h2::FrameReader reader;
  reader.feed(wire);
  while (auto frame = reader.next()) reading.ours.push_back(std::move(*frame));
  const auto session = make_session(reading);
  nghttp2_session_mem_recv(session.get(), wire.data(), wire.size());
  return 0;
}
