// One request and its answers through the proxy, as pure functions over harness/upgrade's translations: the way chosen,
// `via` added, and what the proxy answers by itself.
// Heads in, heads out. Knows no connection and no octet of content.
#pragma once

#include <optional>
#include <string_view>
#include <tl/expected.hpp>

#include "h1/content.hpp"
#include "peer/proxy_leg.hpp"
#include "peer/reference_proxy.hpp"
#include "upgrade/dialect.hpp"
#include "upgrade/sections.hpp"

namespace upspec {

// A request in front, and what its head says of the rest.
struct FrontRequest {
  ProxyHead head;
  bool end = false;             // nothing follows
  std::optional<Dialect> asks;  // for a channel; HTTP/1.1's `Upgrade` counts as `upgrade`
  ProxyHead came{};             // before a violation changed it
  std::uint64_t content = 0;    // octets of it before the channel begins, where one is asked for (BODY-02, BODY-03)
};

FrontRequest front_request(h2::FieldSection section, bool end);
// `framing`: of its content.
FrontRequest front_request(h1::RequestHead head, h1::Framing framing);

// The status of the proxy's own answer; 400 is malformed, which HTTP/2 says by RST_STREAM(PROTOCOL_ERROR).
using RefusedWith = int;

struct BehindRequest {
  ProxyHead head;
  std::optional<Dialect> asks;  // what that hop is asked for a channel in; HTTP/1.1's `Upgrade` counts as `upgrade`
};
// `hop`: what an HTTP/2 origin has announced; HTTP/1.1 needs no announcement.
tl::expected<BehindRequest, RefusedWith> carry_request(const ProxyOptions& options, const FrontRequest& request,
                                                       Announced hop, std::string_view fresh_key);

struct FrontAnswer {
  enum class Kind : std::uint8_t { interim, accept, final };
  Kind kind = Kind::final;
  ProxyHead head;
};
tl::expected<FrontAnswer, RefusedWith> carry_answer(const ProxyOptions& options, const FrontRequest& request,
                                                    const BehindRequest& sent, const ProxyHead& answer, bool end);

// An answer of the proxy's own, in the form that the front speaks; it has no content.
ProxyHead own_answer(const ProxyOptions& options, RefusedWith status);

}  // namespace upspec
