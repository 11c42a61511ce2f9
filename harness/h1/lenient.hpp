// How many requests stand in these octets? Read twice, strictly and as the sloppiest server would: where the two
// differ, one request in front could become two behind (SEC-06). Octets that went to an origin before it switched, in;
// what was seen, out. What follows a switch is a channel: cut it off.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/octets.hpp"

namespace upspec::h1 {

struct Reading {
  std::vector<std::string> requests;  // method and target of each whose head is whole: "GET /chat"
  bool whole = true;                  // the octets end where a request and its content end
  bool operator==(const Reading&) const = default;
};

struct StrictReading : Reading {
  std::size_t finished = 0;  // of `requests`, those whose content is whole, too
  std::size_t size = 0;      // octets of these
  std::string wrong;         // why what follows them can never become a request; empty while it can
};

// By RFC 9112; stops at the first octet that is wrong, and behind the request that reaches `enough` octets.
StrictReading read_strictly(OctetView octets, std::size_t enough = static_cast<std::size_t>(-1));

// LF or CR alone ends a line, empty lines may stand between requests, white space may stand around a name, lines may be
// folded, lines without a colon are passed over, "GET /" is a request (HTTP/0.9), `transfer-encoding` that holds
// "chunked" anywhere means chunked and wins over `content-length`, of which the first number counts.
Reading read_leniently(OctetView octets);

// Nothing where both see the same requests; else what each saw.
std::optional<std::string> disagreement(OctetView octets);
std::optional<std::string> disagreement(const Reading& strict, OctetView octets);

}  // namespace upspec::h1
