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

// By RFC 9112; stops at the first octet that is wrong.
Reading read_strictly(OctetView octets);

// LF or CR alone ends a line, empty lines may stand between requests, white space may stand around a name, lines may be
// folded, lines without a colon are passed over, "GET /" is a request (HTTP/0.9), `transfer-encoding` that holds
// "chunked" anywhere means chunked and wins over `content-length`, of which the first number counts.
Reading read_leniently(OctetView octets);

// Nothing where both see the same requests; else what each saw.
std::optional<std::string> disagreement(OctetView octets);

}  // namespace upspec::h1
