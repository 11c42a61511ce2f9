#include "peer/proxy_translation.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "peer/section_edit.hpp"
#include "upgrade/attributes.hpp"
#include "upgrade/translate.hpp"

namespace upspec {

namespace {

using h2::FieldSection;
using Kind = FrontAnswer::Kind;

constexpr RefusedWith malformed = 400;
constexpr RefusedWith not_implemented = 501;
constexpr RefusedWith bad_gateway = 502;

bool asks_to_upgrade(const h1::RequestHead& head) {
  const auto options = h1::connection_options(head.fields);
  return std::ranges::find(options, "upgrade") != options.end() && h1::find(head.fields, "upgrade") != nullptr;
}

// RFC 9110 7.6.3: each hop adds itself, with the version in which the message came to it.
void add_via(h1::Fields& fields, std::string_view version, const ProxyOptions& options) {
  fields.push_back({"Via", cat(version, " ", options.via)});
}
void add_via(FieldSection& section, std::string_view version, const ProxyOptions& options) {
  section.push_back({"via", cat(version, " ", options.via)});
}

std::string version_of(int minor) { return cat("1.", minor); }

using Carried = tl::expected<BehindRequest, RefusedWith>;

Carried carry_21(const ProxyOptions& options, const FrontRequest& request, std::string_view fresh_key) {
  const auto& section = std::get<FieldSection>(request.head);
  auto asks = request.asks;
  const bool upgrades = options.upgrades || options.violations.breaks("PXY-15/upgraded");
  if (!asks && *h2::find(section, ":method") == "CONNECT") return tl::unexpected(not_implemented);
  if (asks == Dialect::connect && !upgrades) return tl::unexpected(not_implemented);
  auto head = request_21(section, request.end, fresh_key);
  if (head && asks && !upgrades) {  // PXY-15
    asks.reset();
    head = request_21(without_upgrade(section), request.end || request.content == 0, fresh_key);
  }
  if (!head) return tl::unexpected(malformed);
  add_via(head->fields, "2.0", options);
  return BehindRequest{*std::move(head), asks ? std::optional(Dialect::upgrade) : std::nullopt};
}

// What that hop can be asked in; `upgrade` first, for it carries every request as it is.
std::optional<Dialect> dialect_for(const ProxyOptions& options, Announced hop) {
  if (options.upgrade && (hop.upgrade || !options.upgrade_needs_setting)) return Dialect::upgrade;
  return options.connect && hop.connect ? std::optional(Dialect::connect) : std::nullopt;
}

Carried carry_12(const ProxyOptions& options, const FrontRequest& request, Announced hop) {
  const auto& head = std::get<h1::RequestHead>(request.head);
  if (head.method == "CONNECT") return tl::unexpected(not_implemented);
  auto section = request_12(head, options.scheme, dialect_for(options, hop));
  if (!section) return tl::unexpected(malformed);
  add_via(*section, version_of(head.minor), options);
  const auto asks = asked_dialect(*section);
  return BehindRequest{*std::move(section), asks};
}

// ATT-03, ATT-04: only attributes that take effect go on. Elsewhere the translation sees to that.
void keep_effective_attributes(FieldSection& section) {
  const auto* value = h2::find(section, ":upgrade");
  auto offers = value ? parse_offers(*value) : Result<std::vector<Offer>>(std::vector<Offer>{});
  if (!offers || offers->empty()) return;
  for (auto& offer : *offers) offer.attributes = effective_attributes(offer);
  set(section, ":upgrade", print(*offers));
}

Carried carry_22(const ProxyOptions& options, const FrontRequest& request, Announced hop) {
  auto section = std::get<FieldSection>(request.head);
  if (!request.asks && *h2::find(section, ":method") == "CONNECT") return tl::unexpected(not_implemented);
  auto asks = request.asks;
  const bool upgrades = options.upgrades || options.violations.breaks("PXY-15/upgraded");
  if (asks == Dialect::connect && (!hop.connect || !upgrades)) return tl::unexpected(not_implemented);
  if (asks == Dialect::upgrade && ((options.upgrade_needs_setting && !hop.upgrade) || !upgrades)) {  // PXY-15, PXY-16
    section = without_upgrade(section);
    asks.reset();
  }
  keep_effective_attributes(section);
  if (h2::find(section, ":authority")) drop(section, "host");
  drop(section, "te");  // trailers are not carried
  add_via(section, "2.0", options);
  return BehindRequest{std::move(section), asks};
}

tl::expected<FrontAnswer, RefusedWith> answer_21(const ProxyOptions& options, const FrontRequest& request,
                                                 const BehindRequest& sent, const h1::ResponseHead& answer) {
  auto section = response_21(request.asks, std::get<h1::RequestHead>(sent.head), answer);
  if (!section) return tl::unexpected(bad_gateway);
  const auto kind = answer.status == 101 ? Kind::accept : answer.status < 200 ? Kind::interim : Kind::final;
  add_via(*section, version_of(answer.minor), options);
  return FrontAnswer{kind, *std::move(section)};
}

Kind kind_of(const BehindRequest& sent, const FieldSection& answer, bool end) {
  if (sent.asks && is_accept(*sent.asks, answer, end)) return Kind::accept;
  return is_interim(answer) ? Kind::interim : Kind::final;
}

tl::expected<FrontAnswer, RefusedWith> answer_12(const ProxyOptions& options, const FrontRequest& request,
                                                 const BehindRequest& sent, const FieldSection& answer, bool end) {
  auto head = response_12(std::get<h1::RequestHead>(request.head), std::get<FieldSection>(sent.head), answer, end);
  if (!head) return tl::unexpected(bad_gateway);
  add_via(head->fields, "2.0", options);
  return FrontAnswer{kind_of(sent, answer, end), *std::move(head)};
}

tl::expected<FrontAnswer, RefusedWith> answer_22(const ProxyOptions& options, const FrontRequest& request,
                                                 const BehindRequest& sent, const FieldSection& answer, bool end) {
  if (unfit_answer(std::get<FieldSection>(sent.head), answer, end)) return tl::unexpected(bad_gateway);
  auto section = answer;
  // RES-08, PXY-07: 426 has `:upgrade` only for who asked with it.
  if (request.asks != Dialect::upgrade) drop(section, ":upgrade");
  if (*status_of(answer) < 200) drop(section, "content-length");
  keep_effective_attributes(section);
  drop(section, "te");  // RFC 9113 8.2.2: in a request alone
  add_via(section, "2.0", options);
  return FrontAnswer{kind_of(sent, answer, end), std::move(section)};
}

}  // namespace

FrontRequest front_request(FieldSection section, bool end) {
  FrontRequest request;
  request.head = std::move(section);
  request.end = end;
  const auto& fields = std::get<FieldSection>(request.head);
  request.asks = asked_dialect(fields);
  // In an extended CONNECT it means nothing (protocol.md section 12).
  if (request.asks == Dialect::upgrade) request.content = content_length(fields).value_or(0);
  return request;
}

FrontRequest front_request(h1::RequestHead head, h1::Framing framing) {
  const bool asks = asks_to_upgrade(head) && framing.kind != h1::Framing::Kind::chunked;
  const bool end = !asks && (framing.kind == h1::Framing::Kind::none || framing == h1::Framing{framing.kind, 0}) &&
                   framing.kind != h1::Framing::Kind::chunked;
  FrontRequest request;
  request.head = std::move(head);
  request.end = end;
  if (asks) request.asks = Dialect::upgrade;
  if (asks) request.content = framing.length;
  return request;
}

Carried carry_request(const ProxyOptions& options, const FrontRequest& request, Announced hop,
                      std::string_view fresh_key) {
  switch (options.way) {
    case Way::h2_to_h1:
      return carry_21(options, request, fresh_key);
    case Way::h1_to_h2:
      return carry_12(options, request, hop);
    case Way::h2_to_h2:
      break;
  }
  return carry_22(options, request, hop);
}

tl::expected<FrontAnswer, RefusedWith> carry_answer(const ProxyOptions& options, const FrontRequest& request,
                                                    const BehindRequest& sent, const ProxyHead& answer, bool end) {
  switch (options.way) {
    case Way::h2_to_h1:
      return answer_21(options, request, sent, std::get<h1::ResponseHead>(answer));
    case Way::h1_to_h2:
      return answer_12(options, request, sent, std::get<FieldSection>(answer), end);
    case Way::h2_to_h2:
      break;
  }
  return answer_22(options, request, sent, std::get<FieldSection>(answer), end);
}

ProxyHead own_answer(const ProxyOptions& options, RefusedWith status) {
  if (options.way != Way::h1_to_h2) return FieldSection{{":status", cat(status)}, {"content-length", "0"}};
  return h1::ResponseHead{status, h1::reason_for(status), {{"Content-Length", "0"}}, 1};
}

}  // namespace upspec
