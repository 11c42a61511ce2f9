// Which field names an attribute may carry (protocol.md section 4). Names in, answers out; case does not matter here.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "upgrade/offer.hpp"

namespace upspec {

// ATT-02: naming a framing or routing field is malformed.
bool is_framing_name(std::string_view name);
// ATT-03: fields meant for every recipient are no connection's own; naming one is refused or dropped.
bool is_for_every_recipient(std::string_view name);
// RFC 9113 8.2.2: fields that never stand in HTTP/2 ("te" is judged by its value: REQ-05).
bool is_connection_specific(std::string_view name);

// The attributes that take effect: lower case, each once (ATT-04), in their order, without those of ATT-03.
std::vector<std::string> effective_attributes(const Offer& offer);

}  // namespace upspec
