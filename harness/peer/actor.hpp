// The tester's end of one HTTP/2 connection: it writes whatever a case asks for, legal or not, keeps what comes in
// order of arrival, and does by itself only what every endpoint does: preface, acknowledgements, giving windows back.
// At a server's end streams are numbered as they come, 1, 3, 5 for the first three that the client opens: a case cannot
// know that a browser begins with 15. Only frames on the wire, and the transcript, have the client's own numbers.
// It can be either end: the client that asks, or the server that is asked. Octets in, octets and events out. It judges
// nothing; the Monitor beside it does.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "h2/frame.hpp"
#include "h2/hpack.hpp"
#include "peer/transcript.hpp"
#include "upgrade/monitor.hpp"

namespace upspec {

// What came on one stream, in order. Frame borders of DATA are gone, its END_STREAM is an item of its own.
struct StreamItem {
  // Of HTTP/1.1 alone: `whole`, where a message's content ends, and `abort`, a TCP reset. `end` is a FIN there.
  enum class Kind : std::uint8_t { section, octets, end, reset, whole, abort };
  Kind kind = Kind::section;
  h2::FieldSection fields;  // of a section
  bool end_stream = false;  // of a section: an `end` follows
  Octets octets;            // not empty; neighbours are one item
  std::uint32_t code = 0;   // of a reset
  std::string line = {};    // of HTTP/1.1: a section's start line; what people call any other item
};

struct ActorStream {
  std::vector<StreamItem> items;
  h2::FieldSection request;  // the first section that the client's end sent
  std::int64_t send_window = 0;
  std::size_t unreturned = 0;  // octets taken and not yet given back to the peer's window
  bool sent_section = false;
  bool came_section = false;
  bool reset_by_us = false;
  bool held = false;  // no window is given back for now
  bool over = false;  // ended or reset by the peer: no window to give back
};

struct ActorOptions {
  std::string link;  // the name in the transcript
  MonitorOptions monitor;
  std::vector<h2::Setting> settings;  // in the first SETTINGS; a client's ENABLE_PUSH=0 comes with them unless they say
                                      // otherwise
  Side side = Side::client;           // which end the actor is; the other one is under test
  // At a server's end: an ordinary request is not what the case waits for. It is answered by 204 and counts for
  // nothing.
  bool answers_ordinary = false;
  bool keeps_windows = false;  // no window is given back but by a case
};

// How octets are cut into DATA frames.
struct DataForm {
  std::size_t largest = SIZE_MAX;  // octets a frame, without padding
  std::optional<std::uint8_t> padding{};
};

class Actor {
 public:
  explicit Actor(ActorOptions options);

  // ---- the transport -------------------------------------------------------------------------------------------
  void start(Moment now);  // a client's preface, and SETTINGS
  void receive(OctetView octets, Moment now);
  void closed(Closing how, Moment now);
  std::optional<Octets> take_output();
  bool has_output() const { return !writes_.empty(); }

  // ---- sending: frames gather into one write, `flush` lets it go ------------------------------------------------
  void send(const h2::Frame& frame, Moment now);
  void send_raw(OctetView octets, Moment now);
  // HEADERS and as many CONTINUATIONs as `cut` has sizes for, each of that many octets, the last with the rest.
  void send_section(std::uint32_t stream, const h2::FieldSection& fields, bool end_stream, h2::FieldForm form,
                    const std::optional<std::vector<std::size_t>>& cut, std::optional<std::uint8_t> padding,
                    Moment now);
  // DATA as windows and the peer's frame size allow; gives the number of octets that went.
  std::size_t send_data(std::uint32_t stream, OctetView octets, Moment now, DataForm form = {});
  bool may_send(std::uint32_t stream, std::size_t flow);
  void send_settings(const std::vector<h2::Setting>& list, Moment now);
  // PUSH_PROMISE on that stream, for a request that nobody has made.
  void send_push(std::uint32_t stream, std::uint32_t promised, const h2::FieldSection& request, Moment now);
  void send_goaway(std::uint32_t last_stream, std::uint32_t code, Moment now);
  // A PING that no other is like; its number is what `ping_answered` takes.
  std::uint64_t send_ping(Moment now);
  void flush(std::size_t split = 0);
  // The stream's window is not given back, until it is held no more; the connection's is.
  void hold(std::uint32_t stream, bool on, Moment now);
  // Frames are not shown for a while.
  void mute(bool on) { muted_ = on; }
  // The octets at the end of what came on it were taken, and need not be kept.
  void forget(std::uint32_t stream);
  // Streams that we opened and the peer has not ended, and how many of them it allows at a time (RFC 9113 5.1.2).
  std::size_t open_streams() const;
  std::size_t allowed_streams() const;
  // A section sent on it would open it: it is one of our end's numbers and has had none.
  bool opens(std::uint32_t stream) const;
  // Stream ids of our end that nobody has used: 1, 3, 5 ... (a server's: 2, 4, 6 ...) after the highest sent.
  std::uint32_t fresh_stream() const { return highest_stream_ == 0 ? first_stream() : highest_stream_ + 2; }

  // ---- what has come --------------------------------------------------------------------------------------------
  Side side() const { return options_.side; }
  const std::vector<h2::Setting>& first_settings() const { return options_.settings; }
  const ActorStream* stream(std::uint32_t id) const;
  const std::map<std::uint32_t, ActorStream>& streams() const { return streams_; }
  // At a server's end: the client has asked something.
  bool asked() const { return asked_; }
  // Nothing is left to be said by the peer on any stream: each has ended, or was reset by one of us.
  bool all_said() const;
  bool ready() const { return settings_seen_ && settings_acks_ > 0; }
  const std::map<std::uint16_t, std::uint32_t>& peer_settings() const { return peer_settings_; }
  bool settings_seen() const { return settings_seen_; }
  bool settings_acknowledged() const { return settings_acks_ >= settings_sent_; }
  bool ping_answered(std::uint64_t number) const { return pings_answered_.contains(number); }
  // How much of a stream had come when that PING was answered: its items, and the octets of the last of them.
  struct Mark {
    std::size_t items = 0;
    std::size_t octets_of_last = 0;
  };
  Mark before_answer(std::uint64_t ping, std::uint32_t stream) const;
  static Mark everything() { return {SIZE_MAX, SIZE_MAX}; }
  const std::vector<std::uint32_t>& goaways() const { return goaways_; }  // their codes
  std::optional<Closing> closing() const { return closing_; }
  // Why nothing more can be read: garbage, a broken field block, too much. Empty while all is well.
  const std::string& broken() const { return broken_; }
  // Nothing more will come.
  bool over() const { return closing_.has_value() || !broken_.empty(); }

  const Monitor& monitor() const { return monitor_; }
  const std::vector<TranscriptLine>& transcript() const { return transcript_; }
  void remark(std::string text, Moment now);

  // A peer cannot make the harness hold more than this.
  static constexpr std::size_t largest_intake = 64u << 20;
  static constexpr std::size_t longest_transcript = 5000;
  static constexpr std::size_t most_streams = 10000;

 private:
  // Not a small number: no peer's own PING looks like one of ours by chance.
  static constexpr std::uint64_t ping_base = 0x7570737065630000u;

  void take(const h2::Frame& frame, Moment now);
  void take_settings(const h2::Frame& frame, Moment now);
  void take_ping(const h2::Frame& frame, Moment now);
  void take_goaway(const h2::Frame& frame, Moment now);
  void take_window_update(const h2::Frame& frame, Moment now);
  void take_rst_stream(const h2::Frame& frame, Moment now);
  void take_data(const h2::Frame& frame, Moment now);
  void take_block(const h2::Frame& frame, Moment now);
  void take_section(Moment now);
  void give_back(std::uint32_t stream, std::size_t octets, Moment now);
  std::uint32_t numbered(const h2::Frame& frame);
  void put_aside(std::uint32_t number, Moment now);
  std::uint32_t on_wire(std::uint32_t stream) const;
  OctetView without_preface(OctetView octets, Moment now);
  void refuse_garbage(OctetView octets, std::string_view why, Moment now);
  bool is_ours(std::uint32_t stream) const { return stream != 0 && stream % 2 == first_stream() % 2; }
  std::uint32_t first_stream() const { return options_.side == Side::client ? 1 : 2; }
  void reply(const h2::Frame& frame, Moment now);
  void emit(const h2::Frame& frame, std::string text, Moment now);
  // As they stand behind their frame in the transcript: a name or value outside printable ASCII is quoted.
  static std::string lines_of(const h2::FieldSection& fields);
  void note(TranscriptLine::Way way, std::string text, OctetView octets, Moment now);
  void fail(std::string why, Moment now);
  ActorStream& open(std::uint32_t id);

  ActorOptions options_;
  Monitor monitor_;
  h2::FrameReader reader_;
  h2::FieldDecoder decoder_;
  h2::FieldEncoder encoder_;
  std::map<std::uint32_t, ActorStream> streams_;
  std::map<std::uint16_t, std::uint32_t> peer_settings_;
  std::map<std::uint64_t, std::map<std::uint32_t, Mark>> pings_answered_;
  std::vector<std::uint32_t> goaways_;
  std::optional<Closing> closing_;
  std::string broken_;
  std::vector<TranscriptLine> transcript_;
  bool muted_ = false;

  std::uint32_t block_stream_ = 0;  // of the field block that is coming; 0: none
  bool block_ends_stream_ = false;
  bool block_is_push_ = false;  // read for its table alone
  Octets block_;

  Octets write_;               // gathering
  std::deque<Octets> writes_;  // let go
  bool block_open_ = false;    // we sent HEADERS without END_HEADERS: nothing else may come between (RFC 9113 6.10)
  std::vector<h2::Frame> replies_waiting_;

  std::int64_t send_window_ = h2::initial_window;
  std::int64_t initial_send_window_ = h2::initial_window;
  std::size_t max_frame_ = h2::initial_max_frame_size;
  std::size_t unreturned_ = 0;
  std::size_t intake_ = 0;
  std::uint32_t highest_stream_ = 0;
  std::uint64_t pings_sent_ = 0;
  std::size_t settings_sent_ = 0;
  std::size_t settings_acks_ = 0;
  bool settings_seen_ = false;
  bool asked_ = false;
  std::map<std::uint32_t, std::uint32_t> numbers_;  // of the client's streams, by those on the wire
  std::map<std::uint32_t, std::uint32_t> on_wire_;  // and back
  std::size_t aside_ = 0;                           // of them, ordinary requests that count for nothing
  Octets preface_;                                  // of the client, as far as it has come
  std::size_t frame_octets_ = 0;                    // that came: what follows the preface
};

}  // namespace upspec
