// Is this field section right? (protocol.md sections 3 to 6 and 12, RFC 9113 8.)
// Sections in, breaches out, each by the id of the requirement it breaks; no breach means it is well-formed.
// Knows no stream and no order of events: those are the channel's and the Monitor's.
#pragma once

#include <optional>
#include <vector>

#include "h2/hpack.hpp"
#include "upgrade/breach.hpp"
#include "upgrade/dialect.hpp"

namespace upspec {

// What the server's SETTINGS have announced so far; both false: plain HTTP/2.
struct Announced {
  bool upgrade = false;
  bool connect = false;
  bool operator==(const Announced&) const = default;
};

// A request's header section: every reason for which its receiver has to call it malformed.
std::vector<Breach> check_request(const h2::FieldSection& section, Announced announced);

// A trailer section, of a request or a response (RFC 9113 8.1, REQ-06).
std::vector<Breach> check_trailers(const h2::FieldSection& section);

// What a response answers, as far as its rules need it.
struct Asked {
  std::optional<Dialect> dialect;  // none: an ordinary request
  std::vector<Offer> offers;       // of `:upgrade`; empty in `connect`, and where the request's value was no offer
  bool offers_known = false;       // the request's `:upgrade` could be read, so `offers` may be judged by
  std::optional<std::string> websocket_key;
  std::vector<std::string> subprotocols;
  std::vector<std::string> extensions;  // names only
};
Asked asked_by(const h2::FieldSection& request);

// A response's header section, the accept included. As its sender's breach for a server under test (RES-01, RES-03,
// RES-08, XC-16 ...), which is also what makes it malformed at a client (RES-05).
std::vector<Breach> check_response(const h2::FieldSection& section, bool end_stream, const Asked& asked);

// The N of `content-length: N`; nothing where there is none or it is no number (BODY-08).
std::optional<std::uint64_t> content_length(const h2::FieldSection& section);

// How many octets of content a final response to that method has, by its content-length. RFC 9110 6.4.1: to HEAD, and
// with 204 and 304, there is no content, and content-length speaks of another answer's; with 2xx to CONNECT the octets
// are a tunnel's. Nothing: they are not counted.
std::optional<std::uint64_t> response_length(std::string_view method, const h2::FieldSection& final_response);

}  // namespace upspec
