#include <algorithm>

#include "base/text.hpp"
#include "upgrade/sections.hpp"
#include "upgrade/translate.hpp"
#include "upgrade/translate_fields.hpp"

namespace upspec {

namespace {

using h1::RequestHead;
using h2::FieldSection;

// What a checked section asks for, in either dialect; empty: nothing.
Translated<std::vector<Offer>> offers_in(const FieldSection& request) {
  if (const auto* value = h2::find(request, ":upgrade")) return parse_offers(*value).value_or(std::vector<Offer>{});
  const auto* protocol = h2::find(request, ":protocol");
  if (!protocol) return std::vector<Offer>{};
  if (!is_protocol(*protocol)) return refuse("XC-07", cat(":protocol is ", quoted(*protocol)));
  return std::vector<Offer>{{*protocol, {}}};
}

// PXY-03: `Host` is `:authority`; a `host` field gives way to it. Where neither is there, HTTP/1.1 wants an empty one.
Translated<std::string> host_for(const FieldSection& request) {
  if (const auto* authority = h2::find(request, ":authority")) return *authority;
  if (h2::count(request, "host") > 1) return refuse("PXY-03", "several host fields, and no :authority");
  const auto* host = h2::find(request, "host");
  if (host && (!h1::is_field_value(*host) || host->find_first_of(" \t") != host->npos)) {
    return refuse("PXY-13", cat("host is ", quoted(*host)));
  }
  return host ? *host : "";
}

// An extended CONNECT has no content (protocol.md 12), and a key that is the intermediary's own.
bool stays_in_front(std::string_view name, std::optional<Dialect> dialect) {
  if (is_pseudo(name) || name == "host") return true;
  return dialect == Dialect::connect && (name == "content-length" || name == "expect" || name == "sec-websocket-key");
}

// The regular fields; PXY-20: one `cookie`; BODY-08: one `content-length`, for they are all the same.
Translated<h1::Fields> fields_21(const FieldSection& request, std::optional<Dialect> dialect) {
  h1::Fields fields;
  fields.reserve(request.size());
  for (const auto& field : request) {
    if (stays_in_front(field.name, dialect)) continue;
    if (auto why = uncarriable(field.name, field.value)) return refuse("PXY-13", std::move(*why));
    const auto earlier = std::ranges::find(fields, field.name, &h1::Field::name);
    if (field.name == "cookie" && earlier != fields.end()) {
      earlier->value += cat("; ", field.value);
    } else if (field.name != "content-length" || earlier == fields.end()) {
      fields.push_back({field.name, field.value});
    }
  }
  return fields;
}

bool asks_for_websocket(const std::vector<Offer>& offers) {
  return !offers.empty() && same_protocol(offers.front().protocol, "websocket");
}

}  // namespace

Translated<RequestHead> request_21(const FieldSection& request, bool end_stream, std::string_view fresh_key) {
  const auto breaches = check_request(request, {.upgrade = true, .connect = true});
  if (!breaches.empty()) return tl::unexpected(breaches.front());
  const auto dialect = asked_dialect(request);
  const auto& method = *h2::find(request, ":method");
  if (!dialect && method == "CONNECT") return refuse("XC-11", "an ordinary CONNECT has no origin behind");
  const auto offers = offers_in(request);
  if (!offers) return tl::unexpected(offers.error());
  auto host = host_for(request);
  if (!host) return tl::unexpected(host.error());
  auto fields = fields_21(request, dialect);
  if (!fields) return tl::unexpected(fields.error());

  RequestHead head{dialect == Dialect::connect ? "GET" : method, *h2::find(request, ":path"), {}};
  head.fields.reserve(request.size() + 4);  // those below, and `via`
  head.fields.push_back({"Host", *std::move(host)});
  std::string connection = offers->empty() ? "" : connection_for(*offers);
  if (!offers->empty()) head.fields.push_back({"Upgrade", protocols_of(*offers)});
  // PXY-20: `te` is this connection's own in HTTP/1.1.
  if (h1::find(*fields, "te")) connection += connection.empty() ? "te" : ", te";
  if (!connection.empty()) head.fields.push_back({"Connection", connection});
  if (dialect == Dialect::connect && asks_for_websocket(*offers)) {
    head.fields.push_back({"Sec-WebSocket-Key", std::string(fresh_key)});
  }
  // BODY-03: without `content-length` the content of a request for an upgrade is empty.
  if (!dialect && !end_stream && !h1::find(*fields, "content-length"))
    fields->push_back({"Transfer-Encoding", "chunked"});
  std::ranges::move(*fields, std::back_inserter(head.fields));
  return head;
}

FieldSection without_upgrade(const FieldSection& request) {
  std::vector<std::string> named;
  if (const auto* value = h2::find(request, ":upgrade")) {
    for (const auto& offer : parse_offers(*value).value_or(std::vector<Offer>{}))
      for (auto& name : attributes_from(offer.attributes)) named.push_back(std::move(name));
  }
  FieldSection rest;
  std::ranges::remove_copy_if(request, std::back_inserter(rest), [&](const h2::Field& field) {
    return field.name == ":upgrade" || holds(named, field.name);
  });
  return rest;
}

}  // namespace upspec
