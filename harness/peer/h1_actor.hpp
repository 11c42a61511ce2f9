// The tester's end of one HTTP/1.1 connection, as an origin or as a client: it writes whatever a case asks for, and
// keeps what comes in order of arrival, message by message and, after a switch, as the octets of a channel.
// Octets in, octets and items out. What came as requests is read strictly and, by the way, leniently (SEC-06).
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "h1/content.hpp"
#include "h1/head.hpp"
#include "peer/actor.hpp"
#include "peer/transcript.hpp"
#include "upgrade/breach.hpp"
#include "upgrade/exchange.hpp"

namespace upspec {

// A request and what answers it is an exchange; they are numbered from 1, and each is what a stream is in HTTP/2. So
// what came of it is a list of StreamItems: a section for each head (names in lower case, `:method` and `:path`, or
// `:status`, before them), content without its framing, `whole` where it ends, and the channel's octets after a switch.
class H1Actor {
 public:
  // `end`: which end we are. Side::server takes requests and answers them.
  H1Actor(std::string link, Side end) : link_(std::move(link)), end_(end) {}

  // ---- the transport -------------------------------------------------------------------------------------------
  void receive(OctetView octets, Moment now);
  void closed(Closing how, Moment now);
  std::optional<Octets> take_output();

  // ---- sending: octets gather into one write, `flush` lets it go -------------------------------------------------
  // A head, of which only the first `most` octets go. What it says decides what is expected next: 101 is a switch.
  void send_head(std::string_view head, std::size_t most, Moment now);
  void send(OctetView octets, Moment now);
  void flush(std::size_t split = 0);
  bool has_output() const { return !writes_.empty(); }
  // Octets are not shown for a while.
  void mute(bool on) { muted_ = on; }
  // The octets at the end of what came were taken, and need not be kept.
  void forget(std::uint32_t exchange);

  // ---- what has come -------------------------------------------------------------------------------------------
  // The requests that we took, or sent.
  std::uint32_t exchanges() const { return static_cast<std::uint32_t>(exchanges_.size()); }
  const ActorStream* stream(std::uint32_t exchange) const;
  // An origin's: its final answer, or the switch, was sent.
  bool is_answered(std::uint32_t exchange) const;
  bool switched() const { return switched_; }
  std::optional<Closing> closing() const { return closing_; }
  // Why nothing more can be read as HTTP/1.1; empty while all is well.
  const std::string& broken() const { return broken_; }
  bool over() const { return closing_.has_value() || !broken_.empty(); }

  // These octets have come, wherever: in a head, in content, or in the channel.
  bool has_received(std::string_view text) const;
  // What came before a switch.
  OctetView messages() const { return OctetView(received_).first(switch_at_.value_or(received_.size())); }

  // What the peer broke on this connection alone: octets before the answer (PXY-11), reuse (PXY-14), what is no request
  // (PXY-13), and requests that another reading counts otherwise (SEC-06).
  std::vector<Breach> breaches() const;
  const std::vector<TranscriptLine>& transcript() const { return transcript_; }
  void remark(std::string text, Moment now);

  static constexpr std::size_t largest_intake = 64u << 20;
  static constexpr std::size_t most_kept = 4u << 20;  // for has_received
  static constexpr std::size_t most_exchanges = 1000;

 private:
  struct Exchange {
    ActorStream came;
    bool asks_upgrade = false;
    bool is_head = false;    // the method is HEAD: the answer has no content
    bool is_read = false;    // all of the message that comes has come
    bool answered = false;   // finally
    bool may_reuse = true;   // neither side said `close`
    std::uint64_t owed = 0;  // octets of our content that its content-length promised and we have not sent
  };
  enum class Reading { head, content, held, channel, nothing };

  bool read_some(Moment now);
  bool read_head(Moment now);
  void take_request(const h1::RequestHead& head, Moment now);
  void take_response(const h1::ResponseHead& head, Moment now);
  void begin_content(const Result<h1::Framing>& framing, Moment now);
  void read_content(Moment now);
  void message_is_whole();
  void next_after_answer();
  void add_octets(OctetView octets);
  void sent_request(std::string_view start_line, const h1::Fields& fields);
  void sent_response(std::string_view start_line, const h1::Fields& fields);
  Exchange& last();
  void breach(std::string requirement, std::string text);
  void note(TranscriptLine::Way way, std::string text, OctetView octets, Moment now);
  void fail(std::string why, Moment now);

  std::string link_;
  Side end_;
  Reading reading_ = Reading::head;
  std::deque<Exchange> exchanges_;
  std::size_t answers_ = 0;  // exchanges that are over: at an origin those we answered, at a client those answered
  h1::ContentReader content_;
  bool ends_with_connection_ = false;  // the content
  Octets in_;                          // not read yet
  std::size_t look_again_ = 0;         // a head without a line's end: read it again when it is this long
  Octets received_;
  std::optional<std::size_t> switch_at_;
  std::size_t intake_ = 0;
  bool switched_ = false;
  std::optional<Closing> closing_;
  std::string broken_;
  std::vector<Breach> breaches_;
  std::vector<TranscriptLine> transcript_;
  bool muted_ = false;

  Octets write_;
  std::deque<Octets> writes_;
};

}  // namespace upspec
