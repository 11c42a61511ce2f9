#include "base/text.hpp"
#include "upgrade/attributes.hpp"
#include "upgrade/translate.hpp"
#include "upgrade/translate_fields.hpp"
#include "ws/handshake.hpp"

namespace upspec {

namespace {

using h1::RequestHead;
using h1::ResponseHead;
using h2::FieldSection;

// PXY-07: the protocol that the origin switched to: one, and one that was offered.
Translated<std::string> switched_to(const RequestHead& sent, const ResponseHead& answer) {
  const auto protocols = h1::members(answer.fields, "upgrade");
  if (protocols.size() != 1) return refuse("PXY-07", cat("101 with ", protocols.size(), " protocols in Upgrade"));
  if (!holds(h1::connection_options(answer.fields), "upgrade")) {
    return refuse("PXY-07", "101 without the upgrade option in Connection");
  }
  for (const auto& offered : h1::members(sent.fields, "upgrade"))
    if (same_protocol(offered, protocols.front())) return protocols.front();
  return refuse("PXY-07", cat("101 names ", quoted(protocols.front()), ", which was not offered"));
}

// XC-13: the digest is this intermediary's to check, for the key is its own.
std::optional<Breach> wrong_digest(const RequestHead& sent, const ResponseHead& answer) {
  const auto* key = h1::find(sent.fields, "sec-websocket-key");
  const auto* digest = h1::find(answer.fields, "sec-websocket-accept");
  const bool right =
      key && digest && h1::count(answer.fields, "sec-websocket-accept") == 1 && *digest == ws::accept_for(*key);
  if (right) return std::nullopt;
  return Breach{"XC-13", cat("Sec-WebSocket-Accept is ", digest ? quoted(*digest) : "missing")};
}

// A field of the answer, in lower case, that HTTP/2 may have (PXY-21). In a switch that `:upgrade` speaks of, fields
// that Connection names stay: they are attributes', or meant for every recipient (ATT-03).
bool stays(std::string_view name, int status, const std::vector<std::string>& options, bool named_stay) {
  if (is_connection_specific(name) || name == "te") return false;
  if (name == "content-length" && status < 200) return false;  // RES-03; PXY-23; RFC 9110 8.6
  return !holds(options, name) || (named_stay && !is_framing_name(name));
}

Translated<FieldSection> fields_21(const ResponseHead& answer, bool named_stay) {
  const auto options = h1::connection_options(answer.fields);
  FieldSection fields;
  fields.reserve(answer.fields.size());
  for (const auto& field : answer.fields) {
    auto name = lower(field.name);
    if (auto why = uncarriable(name, field.value)) return refuse("PXY-22", std::move(*why));
    if (stays(name, answer.status, options, named_stay)) fields.push_back({std::move(name), field.value});
  }
  return fields;
}

// PXY-05: `:upgrade` of the 101.
Translated<std::string> accepted_offer(const ResponseHead& answer, const std::string& protocol) {
  const auto options = h1::connection_options(answer.fields);
  for (const auto& option : options)
    if (!is_token(option)) return refuse("PXY-22", cat("Connection holds ", quoted(option)));
  return print(Offer{protocol, attributes_from(options)});
}

Translated<FieldSection> with_pseudo(FieldSection pseudo, Translated<FieldSection> fields) {
  if (!fields) return fields;
  pseudo.reserve(pseudo.size() + fields->size() + 1);  // and `via`
  std::ranges::move(*fields, std::back_inserter(pseudo));
  return pseudo;
}

Translated<FieldSection> switch_21(Dialect asked, const RequestHead& sent, const ResponseHead& answer) {
  const auto protocol = switched_to(sent, answer);
  if (!protocol) return tl::unexpected(protocol.error());
  if (asked == Dialect::upgrade) {
    const auto offer = accepted_offer(answer, *protocol);
    if (!offer) return tl::unexpected(offer.error());
    return with_pseudo({{":status", "101"}, {":upgrade", *offer}}, fields_21(answer, true));
  }
  auto fields = fields_21(answer, false);
  if (same_protocol(*protocol, "websocket")) {
    if (auto wrong = wrong_digest(sent, answer)) return tl::unexpected(std::move(*wrong));
    if (fields) std::erase_if(*fields, [](const h2::Field& field) { return field.name == "sec-websocket-accept"; });
  }
  return with_pseudo({{":status", "200"}}, std::move(fields));
}

// PXY-07: what the origin would accept, where it says so in the grammar.
void add_upgrade_of_426(const ResponseHead& answer, FieldSection& pseudo) {
  const auto protocols = h1::members(answer.fields, "upgrade");
  if (!protocols.empty() && std::ranges::all_of(protocols, is_protocol)) {
    pseudo.push_back({":upgrade", join(protocols, ", ")});
  }
}

}  // namespace

Translated<FieldSection> response_21(std::optional<Dialect> asked, const RequestHead& sent,
                                     const ResponseHead& answer) {
  if (answer.status < 100 || answer.status > 999) return refuse("PXY-22", cat("a status of ", answer.status));
  if (answer.status == 101) {
    if (!asked) return refuse("PXY-07", "101 in answer to a request that asked for no upgrade");
    return switch_21(*asked, sent, answer);
  }
  if (asked == Dialect::connect && answer.status >= 200 && answer.status < 300) {
    return refuse("XC-14", cat(answer.status, " that did not switch would look like an accept"));
  }
  FieldSection pseudo = {{":status", cat(answer.status)}};
  if (asked == Dialect::upgrade && answer.status == 426) add_upgrade_of_426(answer, pseudo);
  return with_pseudo(std::move(pseudo), fields_21(answer, false));
}

}  // namespace upspec
