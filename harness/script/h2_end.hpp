// The script's end of one HTTP/2 connection, client or server: legal and illegal frames out, everything that comes in
// kept as SeenLink. Lean, because a fuzzer makes thousands a second: no text unless a transcript is asked for. By
// itself it does what the script lets it: preface, acknowledgements, windows given back.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "h2/frame.hpp"
#include "h2/hpack.hpp"
#include "script/script.hpp"
#include "script/seen.hpp"
#include "script/writes.hpp"
#include "upgrade/exchange.hpp"
#include "upgrade/monitor.hpp"

namespace upspec::script {

struct EndOptions {
  bool greets = true;
  bool acknowledges = true;
  bool gives_windows = true;
  std::uint16_t upgrade_setting = h2::setting::enable_upgrade;
  bool upgrade_needs_setting = true;
  bool of_intermediary = false;
  bool transcript = false;
};

class H2End {
 public:
  // In front we are the client, behind the server.
  H2End(LinkId link, EndOptions options);

  void start();
  void receive(OctetView octets);
  void closed(Closing how);

  void send(const FrameStep& step);
  void send(const SectionStep& step);
  void send(const WebSocketStep& step);
  void send(const RawStep& step);
  // True when all octets, and the end, have gone: `from` counts those that went.
  bool send(const OctetsStep& step, std::size_t& from);
  // Lets what was sent go out as one write, in pieces, or with what comes next.
  void flush(std::uint8_t split);
  std::optional<Octets> take_output() { return writes_.take(); }

  bool has_come(const WaitStep& wait);
  bool over() const { return seen_.closing.has_value() || !seen_.unreadable.empty(); }
  // Is there a point in saying more on that stream?
  bool stream_over(std::uint32_t script_stream) const;

  // Once, at the end.
  LinkSeen& seen() { return seen_; }
  void finish();
  std::vector<TranscriptLine> take_transcript() { return std::move(transcript_); }

 private:
  struct Block {
    std::uint32_t stream = 0;
    bool end_stream = false;
    bool push = false;
    std::size_t size = 0;
  };
  // One direction, as frames tell it.
  struct Way {
    h2::FrameReader reader;
    bool readable = true;
    std::optional<Block> block;
  };

  // One stream: what each side may still send, and how far we have taken what came.
  struct Flow {
    std::int64_t window = 0;  // ours
    std::int64_t their_window = 0;
    std::size_t unreturned = 0;  // octets, to their window
    std::size_t sections = 0;    // that were waited for
  };

  Side side() const { return link_.end == End::front ? Side::client : Side::server; }
  Side other() const { return link_.end == End::front ? Side::server : Side::client; }
  std::uint32_t actual(std::uint32_t script_stream) const;
  std::string filled(std::string text, std::uint32_t stream) const;
  void put(OctetView octets);
  void put(const h2::Frame& frame);
  void watch_own(const h2::Frame& frame);
  void reply(const h2::Frame& frame);
  void note(bool sent, const h2::Frame& frame);
  void saw(bool own, const h2::Frame& frame);
  void saw_block(bool own, const h2::Frame& frame);
  void saw_section(bool own, std::uint32_t stream, h2::FieldSection fields, bool end);
  void saw_data(bool own, const h2::Frame& frame);
  void take(const h2::Frame& frame);
  void take_settings(const h2::Frame& frame);
  void give_back(std::uint32_t stream, std::size_t octets);
  void broken(std::string why);
  Flow& flow(std::uint32_t stream);
  void saw_credit(const h2::Frame& frame);

  LinkId link_;
  EndOptions options_;
  Monitor monitor_;
  LinkSeen seen_;
  h2::FieldEncoder encoder_;
  Way own_, theirs_;
  std::size_t preface_left_ = 0;  // of ours, not to be read as frames
  std::size_t their_preface_left_ = 0;
  Octets write_;
  Writes writes_;
  std::vector<h2::Frame> replies_;  // wait for the end of our field block
  bool block_open_ = false;

  std::int64_t connection_window_ = h2::initial_window;
  std::int64_t initial_window_ = h2::initial_window;
  std::size_t max_frame_ = h2::initial_max_frame_size;
  // What they may send: as windows, of what we gave.
  std::int64_t their_connection_window_ = h2::initial_window;
  std::int64_t their_initial_window_ = h2::initial_window;
  std::map<std::uint32_t, Flow> flows_;
  bool larger_table_ = false;  // we allowed them more than our decoder has
  std::size_t unreturned_ = 0;

  std::vector<std::uint32_t> opened_by_them_;
  std::size_t settings_sent_ = 0, settings_acknowledged_ = 0;
  bool settings_came_ = false;
  std::size_t intake_ = 0;
  std::vector<TranscriptLine> transcript_;
};

}  // namespace upspec::script
