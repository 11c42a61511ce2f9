// May a server accept this request for this protocol? What the protocol itself asks of the request (RFC 6455 4.2.1 for
// `websocket`, RFC 7540 3.2.1 for `h2c`), beside what makes any request malformed (upgrade/sections.hpp).
// A section in, breaches out, each by the id of the requirement for which no accept may follow.
#pragma once

#include <string_view>
#include <vector>

#include "h2/hpack.hpp"
#include "upgrade/breach.hpp"
#include "upgrade/dialect.hpp"

namespace upspec {

// `protocol`: what was accepted. In `connect` a key is not looked at, and only one version that is not 13 is told.
std::vector<Breach> check_handshake(const h2::FieldSection& request, Dialect dialect, std::string_view protocol);

}  // namespace upspec
