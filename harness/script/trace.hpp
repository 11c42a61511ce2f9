// One HTTP/2 connection as its octets tell it, frame by frame: what went and came, in order, and whether everything
// that we said was plainly right. "Plainly" is narrower than right: what this does not know to be right is not, so that
// a stricter judgement (script/duties.hpp) may start from it. Field sections are not read here.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "h2/frame.hpp"

namespace upspec::script {

struct TraceEvent {
  bool ours = true;
  std::uint8_t type = 0;
  std::uint8_t flags = 0;
  std::uint32_t stream = 0;
  std::uint32_t size = 0;   // of the payload
  std::uint32_t value = 0;  // RST_STREAM, GOAWAY: the code; WINDOW_UPDATE: the increment; SETTINGS: the first id
  bool operator==(const TraceEvent&) const = default;
};

// What the other side must call an error: of that stream or of the connection, or of the connection alone (0).
struct Offence {
  std::string requirement;
  std::string what;
  std::uint32_t stream = 0;
};

// Of a client's connection, seen by the client.
class Trace {
 public:
  void ours(OctetView octets);
  void theirs(OctetView octets);

  const std::vector<TraceEvent>& events() const { return events_; }  // the first `most_events`
  // Why not all of ours was plainly right; empty while it was.
  const std::string& doubt() const { return doubt_; }
  // Where the first doubt was certainly wrong, and all before it right.
  const std::optional<Offence>& offence() const { return offence_; }
  // A PING ACK has come whose octets no PING of ours had (RFC 9113 6.7).
  bool has_foreign_pong() const { return foreign_pong_; }
  // We have said GOAWAY(NO_ERROR): what is open goes on, and then either side may close.
  bool said_goodbye() const { return said_goodbye_; }
  // Our octets end with a whole frame and outside a field block: a PING may follow.
  bool at_border() const;
  // All our PINGs, and all our SETTINGS, are acknowledged.
  bool acknowledged() const { return pings_ <= pongs_ && settings_ <= settings_acks_; }
  bool pings_answered() const { return pings_ <= pongs_; }
  // The last value of each of their settings.
  const std::map<std::uint16_t, std::uint32_t>& announced() const { return announced_; }
  // What the other side may still send on that stream, by what we have given it.
  std::int64_t their_room(std::uint32_t stream) const;
  // Our DATA has filled that stream's window, or the connection's (0), and nothing of it has been given back since.
  bool is_used_up(std::uint32_t stream) const;

  static constexpr std::size_t most_events = 4000;

 private:
  enum class Ours : std::uint8_t { open, ended, reset };
  struct Stream {
    Ours state = Ours::open;
    bool over = false;            // ended or reset by them
    bool answered = false;        // their HEADERS have come
    std::int64_t our_window = 0;  // what we may send
    std::int64_t our_used = 0;
    std::int64_t their_used = 0;
    std::int64_t their_given = 0;  // beside the initial window
  };

  void note(bool ours, const h2::Frame& frame);
  void doubt(const char* why);
  void offend(const char* requirement, const char* what, std::uint32_t stream);
  void judge(const h2::Frame& frame);
  void judge_headers(const h2::Frame& frame);
  void judge_data(const h2::Frame& frame);
  void judge_settings(const h2::Frame& frame);
  void judge_window_update(const h2::Frame& frame);
  void judge_rst_stream(const h2::Frame& frame);
  void judge_priority(const h2::Frame& frame);
  void judge_ping(const h2::Frame& frame);
  void judge_push_promise(const h2::Frame& frame);
  void judge_goaway(const h2::Frame& frame);
  void take(const h2::Frame& frame);
  void take_settings(const h2::Frame& frame);
  std::size_t open_streams() const;

  std::vector<TraceEvent> events_;
  std::string doubt_;
  std::optional<Offence> offence_;
  bool said_goodbye_ = false;
  std::vector<Octets> asked_;  // the octets of our PINGs that are not answered
  bool foreign_pong_ = false;
  h2::FrameReader ours_, theirs_;
  std::size_t preface_left_ = 24;
  bool first_seen_ = false;
  std::uint32_t block_ = 0;  // the stream of our field block that is not whole
  std::uint32_t highest_ = 0;
  std::map<std::uint32_t, Stream> streams_;
  std::map<std::uint16_t, std::uint32_t> announced_;
  std::size_t pings_ = 0, pongs_ = 0, their_pings_ = 0, our_pongs_ = 0, settings_ = 0, settings_acks_ = 0,
              their_settings_ = 0, our_acks_ = 0;
  std::size_t controls_ = 0, resets_ = 0, continuations_ = 0;
  std::int64_t our_window_ = h2::initial_window, our_used_ = 0, our_initial_ = h2::initial_window;
  std::int64_t their_given_ = h2::initial_window, their_used_ = 0, their_initial_ = h2::initial_window;
  std::size_t max_frame_ = h2::initial_max_frame_size;
  std::size_t max_streams_ = 100;  // RFC 9113 6.5.2 recommends no smaller limit
};

}  // namespace upspec::script
