// One HTTP/2 connection on an nghttp2 session: octets to events, calls to octets.
// nghttp2 does HPACK, windows, queues and the frames' forms. It enforces no message rule (no_http_messaging): those are
// harness/upgrade's. What stands between it and RFC 9113 is put right here, each with its reason.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <variant>
#include <vector>

#include "base/octets.hpp"
#include "h2/frame.hpp"
#include "h2/hpack.hpp"
#include "peer/stream_ledger.hpp"

struct nghttp2_session;

namespace upspec {

struct SectionSeen {
  std::uint32_t stream = 0;
  h2::FieldSection fields;
  bool end_stream = false;
  bool first = true;       // of this stream: a request's or response's header section may be; later ones are never
  bool too_large = false;  // beyond Nghttp2Options::largest_section; the rest of the fields is not here
  Octets block;            // as it was written, when SessionHooks ask for it
  std::size_t block_frames = 1;  // HEADERS and its CONTINUATIONs
  bool padded = false;           // HEADERS was
};
struct DataSeen {
  std::uint32_t stream = 0;
  Octets octets;  // without padding; the stream's window is given back by `consume`
};
struct EndSeen {
  std::uint32_t stream = 0;
};
// The stream is over, by both ends' END_STREAM or by a RST_STREAM of either side.
struct ClosedSeen {
  std::uint32_t stream = 0;
  std::uint32_t code = 0;
};
struct SettingsSeen {
  std::vector<h2::Setting> list;
};
struct GoawaySeen {
  std::uint32_t last_stream = 0;
  std::uint32_t code = 0;
};
using SessionEvent = std::variant<SectionSeen, DataSeen, EndSeen, ClosedSeen, SettingsSeen, GoawaySeen>;

// For violations: what the peer sent is changed before nghttp2 sees it, what nghttp2 wrote before the peer does.
struct SessionHooks {
  std::function<std::vector<h2::Frame>(h2::Frame)> in;  // none: the frame never came
  std::function<std::vector<h2::Frame>(h2::Frame)> out;
  bool keep_blocks = false;     // fill SectionSeen::block
  bool plain_encoding = false;  // our HPACK table stays empty, so that `out` may exchange a block for another
  bool large_frames = false;    // frames of any size are read, for `in` to cut
};

struct Nghttp2Options {
  bool server = true;
  std::vector<h2::Setting> settings;  // of the first SETTINGS
  std::uint32_t max_streams = 100;    // a server's SETTINGS_MAX_CONCURRENT_STREAMS
  std::size_t largest_section = 1u << 16;
  bool upgraded = false;  // a client's: begin_upgraded follows, and brings the first SETTINGS
  SessionHooks hooks{};
};

class Http2Session {
 public:
  explicit Http2Session(Nghttp2Options options);
  ~Http2Session();
  Http2Session(const Http2Session&) = delete;
  Http2Session& operator=(const Http2Session&) = delete;

  // RFC 7540 3.2: stream 1 is the request that asked for this connection. False: the settings cannot be.
  bool begin_upgraded(OctetView settings, bool head);

  void feed(OctetView octets);
  // For a violation: what has come of a frame that is not whole never came.
  void forget_piece() { in_ = {}; }
  // Takes the next whole frame; false when there is none. Its events come before the next step.
  bool step();
  std::vector<SessionEvent> take_events();

  // A client's request; the stream it goes on.
  std::uint32_t request(const h2::FieldSection& section, bool end_stream);
  void headers(std::uint32_t stream, const h2::FieldSection& section, bool end_stream);
  void write(std::uint32_t stream, OctetView octets);
  void end(std::uint32_t stream);
  // Once our END_STREAM is out, RST_STREAM(NO_ERROR) if the peer's side is open (RFC 9113 8.1, RES-12).
  void release_when_ended(std::uint32_t stream);
  // What was asked for before goes out before.
  void reset(std::uint32_t stream, h2::ErrorCode code);
  void terminate(h2::ErrorCode code);  // the same holds
  // Gives that much of the stream's window back. The connection's is given back as octets come, so that a channel whose
  // reader stops does not stop the others (TUN-08).
  void consume(std::uint32_t stream, std::size_t octets);
  // Written and not yet gone to nghttp2: what back-pressure is measured by.
  std::size_t unsent(std::uint32_t stream) const;

  // A frame of ours that nghttp2 knows nothing of. A SETTINGS among them has its acknowledgement swallowed.
  void inject(const h2::Frame& frame);

  Octets take_output();
  // Streams that are not closed.
  std::size_t active() const { return ledger_.active(); }
  // Nothing more will be read or written but what take_output has.
  bool over() const;

 private:
  struct Callbacks;
  struct Outgoing {
    Octets octets;
    std::size_t start = 0;
    bool end = false;
  };
  enum class Admitted : std::uint8_t { yes, no };

  void submit_settings();
  bool take_preface();
  Admitted admit(h2::Frame& frame);
  Admitted admit_headers(h2::Frame& frame);
  Admitted admit_continuation(h2::Frame& frame);
  Admitted admit_data(h2::Frame& frame);
  Admitted admit_rst_stream(h2::Frame& frame);
  Admitted admit_settings(h2::Frame& frame);
  Admitted admit_window_update(h2::Frame& frame);
  Admitted admit_priority(h2::Frame& frame);
  Admitted admit_push_promise(h2::Frame& frame);
  bool answer_late(std::uint32_t stream);
  void take(h2::Frame frame);
  void give(const h2::Frame& frame);
  void flush();
  void emit(OctetView octets);
  void emit_frame(h2::Frame frame);

  Nghttp2Options options_;
  std::unique_ptr<nghttp2_session, void (*)(nghttp2_session*)> session_;
  StreamLedger ledger_;
  h2::FrameReader in_;
  std::size_t preface_left_ = 0;
  std::size_t block_octets_ = 0;
  std::size_t block_frames_ = 0;
  bool block_padded_ = false;
  Octets block_;
  SectionSeen section_;
  std::size_t section_size_ = 0;
  std::set<std::uint32_t> refused_;
  std::set<std::uint32_t> had_section_;
  std::vector<SessionEvent> events_;
  std::map<std::uint32_t, Outgoing> outgoing_;
  std::set<std::uint32_t> release_;
  h2::FrameReader written_;
  std::size_t own_preface_left_ = 0;
  bool first_settings_ = true;
  std::size_t acks_to_swallow_ = 0;
  Octets out_;
  std::size_t unread_resets_ = 0;
  bool terminated_ = false;
  bool broken_ = false;
};

}  // namespace upspec
