// The content of an HTTP/1.1 message (RFC 9112 6 and 7): how its head says that it ends, and its octets without their
// frame. Octets in, octets out. Knows no connection, no role, no time.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/octets.hpp"
#include "base/result.hpp"
#include "h1/head.hpp"

namespace upspec::h1 {

struct Framing {
  enum class Kind : std::uint8_t { none, counted, chunked, until_close };
  Kind kind = Kind::none;
  std::uint64_t length = 0;  // where it is counted
  bool operator==(const Framing&) const = default;
};

// RFC 9112 6.3. Fails where nobody can tell how long the content is.
Result<Framing> framing_of(const RequestHead& request);
// `method`: of the request that it answers. No 1xx has content; what follows a switch is a channel.
Result<Framing> framing_of(const ResponseHead& response, std::string_view method);

// Reads content as it comes. Trailers are read and thrown away.
class ContentReader {
 public:
  explicit ContentReader(Framing framing = {}) : framing_(framing), left_(framing.length) {}

  struct Taken {
    Octets content;
    std::size_t size = 0;  // octets that were taken, frames included; what follows belongs to another message
  };
  Result<Taken> read(OctetView octets);
  bool done() const;

 private:
  enum class Part : std::uint8_t { size, extension, octets, chunk_end, trailers, over };
  Result<void> read_frame(std::uint8_t octet);

  Framing framing_;
  std::uint64_t left_ = 0;  // of the content, or of this chunk
  Part part_ = Part::size;
  std::size_t digits_ = 0;
  std::size_t beside_ = 0;    // octets of extensions and trailers, which are bounded
  std::size_t line_ = 0;      // octets of this trailer line
  bool return_seen_ = false;  // CR, which LF has to follow
};

// One chunk; nothing for no octets, for that would be the last one.
Octets chunk(OctetView octets);
inline constexpr std::string_view last_chunk = "0\r\n\r\n";

}  // namespace upspec::h1
