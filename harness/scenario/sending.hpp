// A `<send>` on its way: parts become frames, in order, as far as the peer's windows allow.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <variant>
#include <vector>

#include "base/random.hpp"
#include "peer/actor.hpp"
#include "scenario/case.hpp"
#include "scenario/template.hpp"

namespace upspec {

class Sending {
 public:
  // Fills the holes. `added` is what the run adds to every request. Fails with one line.
  static Result<Sending> make(const Send& send, const Scope& scope, const std::vector<h2::Field>& added,
                              std::uint16_t upgrade_setting, Random& random);

  // Sends what may go now; true when all has gone. A peer that has closed the connection or reset a stream gets no more
  // of it: what it has done is for the next expectation to judge.
  bool go(Actor& actor, Moment now);
  // Octets of channels that have not gone yet.
  std::size_t left() const;
  // "the window for DATA on stream 1"
  std::string awaited() const;

 private:
  struct Section {
    std::uint32_t stream;
    h2::FieldSection fields;
    std::vector<h2::Field> added;  // when it is the first of its stream
    bool end;
    h2::FieldForm form;
    std::optional<std::vector<std::size_t>> cut;
    std::optional<std::uint8_t> padding;
  };
  struct Exact {  // one DATA frame as it is
    h2::Frame frame;
  };
  struct Flow {  // octets in as many DATA frames as it takes
    std::uint32_t stream;
    Octets octets;
    DataForm form;
  };
  struct Large {  // one DATA frame that is too large for the peer, whatever the windows
    std::uint32_t stream;
    Octets pattern;
  };
  struct Plain {  // any other frame
    h2::Frame frame;
  };
  struct Raw {
    Octets octets;
  };
  struct NewSettings {
    std::vector<h2::Setting> list;
  };
  struct Push {
    std::uint32_t stream, promised;
    h2::FieldSection request;
  };
  using Op = std::variant<Section, Exact, Flow, Large, Plain, Raw, NewSettings, Push, SendGoaway>;

  struct Maker;
  static bool emit(Op& op, Actor& actor, Moment now);

  std::deque<Op> ops_;
  std::size_t split_ = 0;
};

// "never plain literal-name": how fields are written (RFC 7541 6), and "10 1": the sizes of fragments.
Result<h2::FieldForm> parse_form(std::string_view words);
Result<std::optional<std::vector<std::size_t>>> parse_cut(std::string_view sizes);

// The octets of one WebSocket frame.
Result<Octets> ws_octets(const SendWs& part, const Scope& scope, Random& random);

// The section that a `<headers>` spells: the message, then the case's own difference.
Result<h2::FieldSection> section_of(const std::vector<FieldLine>& like, const std::vector<FieldLine>& lines,
                                    const Scope& scope);
// The settings with their values; 0xf101 becomes the run's id.
Result<std::vector<h2::Setting>> settings_of(const std::vector<SettingLine>& lines, const Scope& scope,
                                             std::uint16_t upgrade_setting);

}  // namespace upspec
