#include "upgrade/sections.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "upgrade/attributes.hpp"
#include "ws/handshake.hpp"

namespace upspec {

namespace {

using h2::Field;
using h2::FieldSection;

using Breaches = std::vector<Breach>;

void add(Breaches& to, std::string_view requirement, std::string text) {
  to.push_back({std::string(requirement), std::move(text), 0});
}

bool is_pseudo(const Field& field) { return field.name.starts_with(':'); }

// RFC 9113 8.2.1: no NUL, CR, LF anywhere, no white space at either end.
bool is_value(std::string_view value) {
  const auto is_wrong = [](char c) { return c == '\0' || c == '\r' || c == '\n'; };
  return std::ranges::none_of(value, is_wrong) && trim(value).size() == value.size();
}

// What a pseudo-header's value can never hold, whichever it is: white space and controls.
bool has_control_or_space(std::string_view value) {
  return std::ranges::any_of(value, [](char c) { return static_cast<std::uint8_t>(c) <= 0x20 || c == 0x7f; });
}

// Names and values of regular fields, whatever the section (RFC 9113 8.2).
void check_regular(const Field& field, std::string_view connection_id, Breaches& out) {
  if (!is_lower(field.name)) {
    add(out, "REQ-14", cat("field name ", quoted(field.name), " is not in lower case"));
  } else if (!is_token(field.name)) {
    add(out, "ATT-10", cat("field name ", quoted(field.name), " is no token"));
  }
  if (!is_value(field.value)) add(out, "ATT-10", cat("value of ", quoted(field.name), " is ", quoted(field.value)));
  if (is_connection_specific(field.name)) {
    add(out, connection_id, cat("connection-specific field ", quoted(field.name), " in HTTP/2"));
  }
  if (equal_folded(field.name, "te") && !equal_folded(field.value, "trailers")) {
    add(out, "REQ-05", cat("te: ", quoted(field.value), ", only \"trailers\" is allowed"));
  }
}

// A pseudo-header of a request and the requirement that speaks of its place and number.
struct RequestPseudo {
  std::string_view name;
  std::string_view late;   // broken when it comes after a regular field
  std::string_view twice;  // broken when it comes twice
};
enum Pseudo : std::uint8_t { method, scheme, authority, path, upgrade, protocol, pseudos };
constexpr std::array<RequestPseudo, pseudos> request_pseudos = {{{":method", "REQ-01", "REQ-01"},
                                                                 {":scheme", "REQ-01", "REQ-01"},
                                                                 {":authority", "REQ-01", "REQ-01"},
                                                                 {":path", "REQ-01", "REQ-01"},
                                                                 {":upgrade", "REQ-02", "REQ-01"},
                                                                 {":protocol", "XC-07", "XC-07"}}};

// The first value of each, or null.
using PseudoValues = std::array<const std::string*, pseudos>;

PseudoValues check_pseudo_order(const FieldSection& section, Breaches& out) {
  PseudoValues values{};
  std::array<bool, pseudos> twice{};
  bool regular_seen = false;
  for (const auto& field : section) {
    if (!is_pseudo(field)) {
      regular_seen = true;
      continue;
    }
    const auto known = std::ranges::find(request_pseudos, field.name, &RequestPseudo::name);
    if (known == request_pseudos.end()) {
      add(out, "REQ-01", cat("undefined pseudo-header ", quoted(field.name), " (RFC 9113 8.3)"));
      continue;
    }
    if (regular_seen) add(out, known->late, cat(field.name, " after a regular field"));
    const auto at = static_cast<std::size_t>(known - request_pseudos.begin());
    twice[at] = values[at] != nullptr;
    if (!twice[at]) values[at] = &field.value;
  }
  for (std::size_t at = 0; at < pseudos; ++at)
    if (twice[at]) add(out, request_pseudos[at].twice, cat(request_pseudos[at].name, " more than once"));
  return values;
}

void check_target(const PseudoValues& values, Breaches& out) {
  const bool connect = values[method] && *values[method] == "CONNECT";
  const bool extended = values[protocol] != nullptr;
  if (!values[method] || !is_token(*values[method]))
    add(out, "REQ-01", cat(":method is ", values[method] ? quoted(*values[method]) : "missing"));
  if (connect && !extended && !values[upgrade]) {
    // RFC 9113 8.5: an ordinary CONNECT has an authority, no scheme and no path.
    if (!values[authority]) add(out, "REQ-01", "CONNECT without :authority");
    if (values[scheme] || values[path]) add(out, "REQ-01", "CONNECT with :scheme or :path");
    return;
  }
  const std::string_view requirement = extended ? "XC-06" : "REQ-01";
  for (const auto one : {scheme, path})
    if (!values[one] || values[one]->empty())
      add(out, requirement, cat(request_pseudos[one].name, values[one] ? " is empty" : " is missing"));
  const bool asterisk = values[path] && *values[path] == "*" && values[method] && *values[method] == "OPTIONS";
  if (values[path] && !values[path]->empty() && !values[path]->starts_with('/') && !asterisk)
    add(out, requirement, cat(":path is ", quoted(*values[path]), ", it starts with \"/\""));
  for (const auto one : {scheme, path, authority})
    if (values[one] && has_control_or_space(*values[one]))
      add(out, requirement, cat(request_pseudos[one].name, " is ", quoted(*values[one])));
}

void check_attributes(const std::vector<Offer>& offers, Breaches& out) {
  for (const auto& offer : offers)
    for (const auto& attribute : offer.attributes)
      if (is_framing_name(attribute)) add(out, "ATT-02", cat("attribute ", quoted(attribute), " is a framing field"));
}

void check_ask(const PseudoValues& values, Announced announced, Breaches& out) {
  const bool connect = values[method] && *values[method] == "CONNECT";
  if (values[upgrade]) {
    if (!announced.upgrade) add(out, "NEG-05", ":upgrade, but the server has not announced it");
    if (connect) add(out, "REQ-04", ":upgrade with CONNECT");
    const auto offers = parse_offers(*values[upgrade]);
    if (!offers) add(out, "REQ-08", cat(":upgrade is ", quoted(*values[upgrade]), ": ", offers.error().text));
    if (offers) check_attributes(*offers, out);
  }
  if (const auto* value = values[protocol]) {
    if (!announced.connect) add(out, "XC-07", ":protocol, but the server has not announced it");
    if (value->empty() || !is_value(*value)) add(out, "XC-07", cat(":protocol is ", quoted(*value)));
    if (!connect) add(out, "XC-05", ":protocol without CONNECT");
  }
}

void check_content_length(const FieldSection& section, Breaches& out) {
  const std::string* first = nullptr;
  for (const auto& field : section) {
    if (field.name != "content-length") continue;
    if (field.value.find_first_not_of("0123456789") != field.value.npos || !to_number(field.value)) {
      add(out, "BODY-08", cat("content-length is ", quoted(field.value)));
    } else if (first && *first != field.value) {
      add(out, "BODY-08", cat("content-length is both ", *first, " and ", field.value));
    }
    if (!first) first = &field.value;
  }
}

std::vector<std::string> list_members(const FieldSection& section, std::string_view name) {
  std::vector<std::string> members;
  for (const auto& field : section) {
    if (field.name != name) continue;
    for (const auto member : split(field.value, ','))
      if (!trim(member).empty()) members.emplace_back(trim(member));
  }
  return members;
}

std::vector<std::string> extension_names(const FieldSection& section) {
  auto names = list_members(section, "sec-websocket-extensions");
  for (auto& name : names) name = std::string(trim(split(name, ';').front()));
  return names;
}

// The WebSocket fields of an accept (protocol.md section 8), in either dialect.
void check_websocket_accept(const FieldSection& section, const Asked& asked, bool with_digest, Breaches& out) {
  if (with_digest && asked.websocket_key) {
    const auto* digest = h2::find(section, "sec-websocket-accept");
    const auto right = ws::accept_for(*asked.websocket_key);
    if (!digest || *digest != right || h2::count(section, "sec-websocket-accept") > 1) {
      add(out, "WS-01",
          cat("sec-websocket-accept is ", digest ? quoted(*digest) : "missing", ", the key's digest is ", right));
    }
  }
  const auto chosen = list_members(section, "sec-websocket-protocol");
  for (const auto& name : chosen)
    if (std::ranges::find(asked.subprotocols, name) == asked.subprotocols.end())
      add(out, "WS-05", cat("subprotocol ", quoted(name), " was not offered"));
  for (const auto& field : section)
    if (field.name == "sec-websocket-protocol" && trim(field.value).empty())
      add(out, "WS-05", "an empty subprotocol in the answer");
  if (chosen.size() > 1) add(out, "WS-05", cat(chosen.size(), " subprotocols in the answer"));
  for (const auto& name : extension_names(section))
    if (std::ranges::find(asked.extensions, name) == asked.extensions.end())
      add(out, "WS-12", cat("extension ", quoted(name), " was not offered"));
}

void check_101_upgrade(const FieldSection& section, bool end_stream, const Asked& asked, Breaches& out) {
  if (end_stream) add(out, "RES-02", "101 with END_STREAM");
  for (const auto* name : {"content-length", "transfer-encoding", "te"})
    if (h2::find(section, name)) add(out, "RES-03", cat(name, " in 101"));
  if (h2::count(section, ":upgrade") != 1) {
    return add(out, "RES-01", cat("101 with ", h2::count(section, ":upgrade"), " :upgrade pseudo-headers"));
  }
  const auto& value = *h2::find(section, ":upgrade");
  const auto accepted = parse_accepted(value);
  if (!accepted) return add(out, "RES-01", cat(":upgrade in 101 is ", quoted(value), ": ", accepted.error().text));
  for (const auto& attribute : accepted->attributes) {
    if (is_framing_name(attribute))
      add(out, "RES-04", cat("attribute ", quoted(attribute), " in 101 is a framing field"));
    if (is_for_every_recipient(attribute))
      add(out, "RES-04", cat("attribute ", quoted(attribute), " in 101 is no connection's own field"));
    if (!is_lower(attribute)) add(out, "RES-04", cat("attribute ", quoted(attribute), " in 101 is not in lower case"));
  }
  const auto offered = [&](const Offer& offer) { return same_protocol(offer.protocol, accepted->protocol); };
  if (asked.offers_known && std::ranges::none_of(asked.offers, offered)) {
    add(out, "RES-01", cat("101 names ", quoted(accepted->protocol), ", the request offered ", print(asked.offers)));
  }
  if (same_protocol(accepted->protocol, "websocket")) check_websocket_accept(section, asked, true, out);
}

void check_upgrade_elsewhere(const FieldSection& section, int status, const Asked& asked, Breaches& out) {
  const auto* value = h2::find(section, ":upgrade");
  const bool asked_here = asked.dialect == Dialect::upgrade;
  if (value && status != 426) add(out, "RES-08", cat(":upgrade in a ", status));
  if (status != 426) return;
  if (value && !asked_here) add(out, "RES-09", "426 with :upgrade in answer to a request without");
  if (!value && asked_here) add(out, "RES-09", "426 without :upgrade");
  if (!value) return;
  if (h2::count(section, ":upgrade") > 1) add(out, "RES-08", "426 with several :upgrade pseudo-headers");
  if (const auto offers = parse_offers(*value); !offers) {
    add(out, "RES-08", cat(":upgrade in 426 is ", quoted(*value), ": ", offers.error().text));
  }
}

void check_response_field(const Field& field, Breaches& out) {
  if (is_connection_specific(field.name)) {
    add(out, "RES-03", cat("connection-specific field ", quoted(field.name), " in a response (RFC 9113 8.2.2)"));
  }
  if (!is_lower(field.name) || !is_token(field.name))
    add(out, "RES-01", cat("field name ", quoted(field.name), " in a response (RFC 9113 8.2.1)"));
  if (!is_value(field.value))
    add(out, "RES-01", cat("value of ", quoted(field.name), " is ", quoted(field.value), " (RFC 9113 8.2.1)"));
}

void check_response_shape(const FieldSection& section, Breaches& out) {
  bool regular_seen = false;
  for (const auto& field : section) {
    if (!is_pseudo(field)) {
      regular_seen = true;
      check_response_field(field, out);
    } else if (regular_seen) {
      add(out, "RES-01", cat(field.name, " after a regular field (RFC 9113 8.3)"));
    } else if (field.name != ":status" && field.name != ":upgrade") {
      add(out, "RES-01", cat("pseudo-header ", quoted(field.name), " in a response (RFC 9113 8.3)"));
    }
  }
  if (h2::count(section, ":status") != 1 || !status_of(section)) {
    add(out, "RES-01", "a response has exactly one :status of three digits (RFC 9113 8.3.2)");
  }
}

}  // namespace

std::vector<Breach> check_request(const FieldSection& section, Announced announced) {
  Breaches out;
  const auto values = check_pseudo_order(section, out);
  check_target(values, out);
  check_ask(values, announced, out);
  const std::string_view connection_id = values[protocol] ? "XC-09" : "REQ-05";
  for (const auto& field : section)
    if (!is_pseudo(field)) check_regular(field, connection_id, out);
  if (!values[protocol]) check_content_length(section, out);  // in an extended CONNECT it means nothing (section 12)
  return out;
}

std::vector<Breach> check_trailers(const FieldSection& section) {
  Breaches out;
  for (const auto& field : section) {
    if (is_pseudo(field)) {
      add(out, "REQ-06", cat("pseudo-header ", quoted(field.name), " in a trailer section"));
    } else {
      check_regular(field, "REQ-05", out);
    }
  }
  return out;
}

Asked asked_by(const FieldSection& request) {
  Asked asked;
  asked.dialect = asked_dialect(request);
  if (h2::count(request, ":upgrade") == 1) {
    if (auto offers = parse_offers(*h2::find(request, ":upgrade"))) {
      asked.offers = std::move(*offers);
      asked.offers_known = true;
    }
  }
  if (h2::count(request, "sec-websocket-key") == 1) asked.websocket_key = *h2::find(request, "sec-websocket-key");
  asked.subprotocols = list_members(request, "sec-websocket-protocol");
  asked.extensions = extension_names(request);
  return asked;
}

std::vector<Breach> check_response(const FieldSection& section, bool end_stream, const Asked& asked) {
  Breaches out;
  check_response_shape(section, out);
  const auto status = status_of(section);
  if (!status) return out;
  if (*status != 101) {
    check_upgrade_elsewhere(section, *status, asked, out);
    if (asked.dialect == Dialect::connect && is_accept(Dialect::connect, section, end_stream)) {
      check_websocket_accept(section, asked, false, out);
    }
  } else if (!asked.dialect) {
    add(out, "RES-06", "101 in answer to a request that asked for no upgrade");
  } else if (*asked.dialect == Dialect::connect) {
    add(out, "XC-16", "101 in answer to an extended CONNECT (RFC 9113 8.6)");
  } else {
    check_101_upgrade(section, end_stream, asked, out);
  }
  return out;
}

std::optional<std::uint64_t> response_length(std::string_view method, const FieldSection& final_response) {
  const auto status = status_of(final_response);
  const bool tunnel = method == "CONNECT" && status && *status / 100 == 2;
  if (method.empty() || method == "HEAD" || tunnel || status == 204 || status == 304) return std::nullopt;
  return h2::count(final_response, "content-length") == 1 ? content_length(final_response) : std::nullopt;
}

std::optional<std::uint64_t> content_length(const FieldSection& section) {
  const auto* value = h2::find(section, "content-length");
  if (!value || value->find_first_not_of("0123456789") != value->npos) return std::nullopt;
  return to_number(*value);
}

}  // namespace upspec
