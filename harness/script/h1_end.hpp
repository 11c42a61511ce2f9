// The script's end of one HTTP/1.1 connection: octets out, octets in, and where a head ends and a channel begins.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "script/h2_end.hpp"
#include "script/script.hpp"
#include "script/seen.hpp"
#include "script/writes.hpp"

namespace upspec::script {

class H1End {
 public:
  // In front we are the client, behind the origin.
  H1End(LinkId link, EndOptions options);

  void receive(OctetView octets);
  void closed(Closing how);
  void send(OctetView octets);
  void flush(std::uint8_t split);
  std::optional<Octets> take_output() { return writes_.take(); }

  bool has_come(const WaitStep& wait);
  // After its FIN it may still read.
  bool over() const { return seen_.closing == Closing::reset; }
  LinkSeen& seen() { return seen_; }
  std::vector<TranscriptLine> take_transcript() { return std::move(transcript_); }

 private:
  void note(bool sent, OctetView octets);
  void look_for_switch(const Octets& answers, const Octets& others, std::size_t& looked);
  std::size_t heads() const;

  EndOptions options_;
  LinkSeen seen_;
  std::size_t looked_ = 0;  // of the answers, for the 101
  std::size_t heads_taken_ = 0;
  Octets write_;
  Writes writes_;
  std::vector<TranscriptLine> transcript_;
};

}  // namespace upspec::script
