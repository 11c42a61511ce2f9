// The value of ":upgrade" (protocol.md section 3): parse it, print it, compare names.
// Text in, values out. Knows no stream, no role, no clock.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace upspec {

// "h2c; http2-settings"  is  {"h2c", {"http2-settings"}}
struct Offer {
  std::string protocol;                 // as it was sent; compare with same_protocol
  std::vector<std::string> attributes;  // field names as they were sent, in their order, repetitions too
  bool operator==(const Offer&) const = default;
};

bool is_token(std::string_view text);  // RFC 9110 5.6.2
// Protocol names are matched without regard to case (REQ-09, RFC 9110 7.8).
bool same_protocol(std::string_view a, std::string_view b);

// A request's value, and 426's: one offer or more, in order of preference. Fails outside the grammar (REQ-08).
Result<std::vector<Offer>> parse_offers(std::string_view value);
// The value in 101: exactly one.
Result<Offer> parse_accepted(std::string_view value);

// "websocket, h2c; http2-settings"
std::string print(const Offer& offer);
std::string print(const std::vector<Offer>& offers);

}  // namespace upspec
