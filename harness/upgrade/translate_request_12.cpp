#include <algorithm>

#include "base/text.hpp"
#include "upgrade/attributes.hpp"
#include "upgrade/sections.hpp"
#include "upgrade/translate.hpp"
#include "upgrade/translate_fields.hpp"
#include "ws/handshake.hpp"

namespace upspec {

namespace {

using h1::RequestHead;
using h2::FieldSection;

struct Target {
  std::string authority;
  std::string path;
};

// RFC 9112 3.2: "/path", "*", or "scheme://authority/path", whose authority wins over `Host`.
Translated<Target> target_of(const RequestHead& request) {
  if (request.method == "CONNECT") return refuse("XC-11", "CONNECT has no origin behind");
  const auto hosts = h1::count(request.fields, "host");
  if (hosts > 1 || (hosts == 0 && request.minor == 1)) return refuse("PXY-03", cat(hosts, " Host fields"));
  const auto* host = h1::find(request.fields, "host");
  Target target{host ? *host : "", request.target};
  const auto scheme_end = request.target.find("://");
  if (scheme_end == request.target.npos || !is_token(request.target.substr(0, scheme_end))) return target;
  const auto path = std::min(request.target.find_first_of("/?", scheme_end + 3), request.target.size());
  target.authority = request.target.substr(scheme_end + 3, path - scheme_end - 3);
  target.path = request.target.substr(path);
  if (target.authority.empty()) return refuse("PXY-03", cat("no authority in ", quoted(request.target)));
  if (target.path.empty() && request.method == "OPTIONS") target.path = "*";  // RFC 9113 8.3.1
  if (!target.path.starts_with('/') && target.path != "*") target.path.insert(0, "/");
  return target;
}

// PXY-17: what the request asks for; each offer has all the attributes, for HTTP/1.1 does not say whose they are.
Translated<std::vector<Offer>> offers_in(const RequestHead& request, const std::vector<std::string>& options) {
  std::vector<Offer> offers;
  if (request.minor == 0 || !holds(options, "upgrade")) return offers;
  for (const auto& protocol : h1::members(request.fields, "upgrade")) {
    if (!is_protocol(protocol)) return refuse("REQ-08", cat("Upgrade holds ", quoted(protocol)));
    offers.push_back({protocol, attributes_from(options)});
  }
  for (const auto& option : options)
    if (!offers.empty() && is_for_every_recipient(option))
      return refuse("ATT-03", cat("Connection names ", quoted(option)));
  return offers;
}

// What Connection may not name whether an upgrade is asked for or not: without these fields the request is another one.
Translated<std::vector<std::string>> options_of(const RequestHead& request) {
  auto options = h1::connection_options(request.fields);
  for (const auto& option : options) {
    if (!is_token(option)) return refuse("PXY-13", cat("Connection holds ", quoted(option)));
    if (option == "host" || option == "content-length" || option == "expect") {
      return refuse("ATT-02", cat("Connection names ", quoted(option)));
    }
  }
  return options;
}

// The offers that this hop can carry; none: the request goes on without.
Translated<std::vector<Offer>> carried_over(const RequestHead& request, std::vector<Offer> offers,
                                            std::optional<Dialect> hop) {
  std::vector<Offer> none;
  if (!hop || offers.empty() || h1::find(request.fields, "transfer-encoding")) return none;
  if (*hop == Dialect::upgrade) return offers;
  // RFC 8441 has GET without content, one protocol, no attributes.
  const auto* length = h1::find(request.fields, "content-length");
  if (request.method != "GET" || (length && *length != "0")) return none;
  const auto is_websocket = [](const Offer& offer) { return same_protocol(offer.protocol, "websocket"); };
  const auto websocket = std::ranges::find_if(offers, is_websocket);
  if (websocket == offers.end()) return offers.front().attributes.empty() ? std::vector{offers.front()} : none;
  const auto* key = h1::find(request.fields, "sec-websocket-key");
  if (h1::count(request.fields, "sec-websocket-key") != 1 || !ws::is_key(*key)) {
    return refuse("WS-03", cat("sec-websocket-key is ", key ? quoted(*key) : "missing"));
  }
  return std::vector<Offer>{{websocket->protocol, {}}};
}

FieldSection pseudo_fields(const RequestHead& request, const Target& target, std::string_view scheme,
                           const std::vector<Offer>& offers, std::optional<Dialect> dialect) {
  FieldSection section;
  section.reserve(request.fields.size() + 6);
  section.push_back({":method", dialect == Dialect::connect ? "CONNECT" : request.method});
  if (dialect == Dialect::connect) section.push_back({":protocol", offers.front().protocol});
  section.push_back({":scheme", std::string(scheme)});
  if (!target.authority.empty()) section.push_back({":authority", target.authority});
  section.push_back({":path", target.path});
  if (dialect == Dialect::upgrade) section.push_back({":upgrade", print(offers)});
  return section;
}

// What has a place of its own in HTTP/2, or none. An extended CONNECT has no content (protocol.md 12) and needs no key.
bool stays_in_front(std::string_view name, std::optional<Dialect> dialect) {
  if (is_connection_specific(name) || name == "host" || name == "te") return true;
  return dialect == Dialect::connect && (name == "content-length" || name == "expect" || name == "sec-websocket-key");
}

// PXY-19: what Connection names is an attribute, or is removed.
std::optional<Breach> add_fields_12(const RequestHead& request, const std::vector<std::string>& options,
                                    const std::vector<Offer>& offers, std::optional<Dialect> dialect,
                                    FieldSection& section) {
  const auto attributes = offers.empty() ? std::vector<std::string>{} : offers.front().attributes;
  for (const auto& field : request.fields) {
    auto name = lower(field.name);
    if (auto why = uncarriable(name, field.value)) return Breach{"PXY-13", std::move(*why)};
    if (stays_in_front(name, dialect) || (holds(options, name) && !holds(attributes, name))) continue;
    h2::Field made{std::move(name), field.value};
    if (made.name != "content-length" || std::ranges::find(section, made) == section.end())
      section.push_back(std::move(made));
  }
  const auto codings = h1::members(request.fields, "te");
  const auto is_trailers = [](std::string_view coding) { return equal_folded(coding, "trailers"); };
  if (holds(options, "te") && std::ranges::any_of(codings, is_trailers)) section.push_back({"te", "trailers"});
  return std::nullopt;
}

}  // namespace

Translated<FieldSection> request_12(const RequestHead& request, std::string_view scheme, std::optional<Dialect> hop) {
  const auto target = target_of(request);
  if (!target) return tl::unexpected(target.error());
  const auto options = options_of(request);
  if (!options) return tl::unexpected(options.error());
  const auto asked = offers_in(request, *options);
  if (!asked) return tl::unexpected(asked.error());
  const auto offers = carried_over(request, *asked, hop);
  if (!offers) return tl::unexpected(offers.error());

  const auto dialect = offers->empty() ? std::nullopt : hop;
  auto section = pseudo_fields(request, *target, scheme, *offers, dialect);
  if (auto wrong = add_fields_12(request, *options, *offers, dialect, section))
    return tl::unexpected(std::move(*wrong));
  const auto breaches = check_request(section, {.upgrade = true, .connect = true});
  if (!breaches.empty()) return tl::unexpected(breaches.front());
  return section;
}

}  // namespace upspec
