// What a judgement looks at: one stream of one connection, from where the last judgement ended.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "base/octets.hpp"
#include "peer/arrivals.hpp"

namespace upspec {

// How far a case has taken what came: items of a stream, octets of the item at hand, GOAWAYs of the connection.
struct Cursor {
  struct OfStream {
    std::size_t item = 0;
    std::size_t offset = 0;
  };
  std::map<std::uint32_t, OfStream> streams;
  std::size_t goaways = 0;
};

class Sight {
 public:
  Sight(Arrivals arrivals, Cursor& cursor, std::uint32_t stream) : actor_(arrivals), cursor_(cursor), stream_(stream) {}

  // The item at hand, or nothing yet. Octets that have been taken already are passed over, and so is the mark where an
  // HTTP/1.1 message's content ends.
  const StreamItem* item() const;
  // What is left of an item of octets.
  OctetView octets() const;
  void take_item();
  void take_octets(std::size_t count);

  const Arrivals& actor() const { return actor_; }
  std::uint32_t stream() const { return stream_; }
  // The content at hand, once it is whole; nothing yet, or never: then `none` says what is there instead.
  std::optional<OctetView> content(std::string& none) const;
  void take_content();
  // The first section that the case sent on this stream: what a response answers.
  const h2::FieldSection& request() const;

 private:
  Arrivals actor_;
  Cursor& cursor_;
  std::uint32_t stream_;
};

// "HEADERS :status 400", "RST_STREAM(CANCEL)", "DATA \"hello\"", "END_STREAM"
std::string describe(const StreamItem& item);
// Everything that came and was not taken yet on that stream, GOAWAYs and the end of the connection with it:
//   "HEADERS :status 200, DATA \"x\", then the connection was closed"; "nothing" when that is it.
std::string describe_what_came(const Arrivals& actor, const Cursor& cursor, std::uint32_t stream);

}  // namespace upspec
