// What the reference proxy does to answers on purpose: accepts, declines, fields (protocol.md 10 and 12).
#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "peer/proxy_faults.hpp"
#include "peer/section_edit.hpp"
#include "upgrade/attributes.hpp"
#include "upgrade/offer.hpp"
#include "ws/handshake.hpp"

namespace upspec {

namespace {

using Case = ProxyAnswerCase;
using Kind = FrontAnswer::Kind;
using upspec::drop;  // of HTTP/2's sections; HTTP/1.1's fields have their own below

void drop(h1::Fields& fields, std::string_view name) {
  std::erase_if(fields, [&](const h1::Field& field) { return equal_folded(field.name, name); });
}
void replace(h1::Fields& fields, std::string_view name, std::string value) {
  drop(fields, name);
  fields.push_back({std::string(name), std::move(value)});
}

// As it came from an HTTP/1.1 origin
bool is_switch(Case& c) { return c.response() && c.response()->status == 101; }
int came_status(Case& c) { return c.came_response() ? c.came_response()->status : 0; }

std::string offered(Case& c) {
  if (const auto* sent = c.sent_request()) {
    const auto protocols = h1::members(sent->fields, "upgrade");
    return protocols.empty() ? "" : protocols.front();
  }
  return {};
}
std::string right_digest(Case& c) {
  const auto* key = c.sent_request() ? h1::find(c.sent_request()->fields, "sec-websocket-key") : nullptr;
  return key ? ws::accept_for(*key) : "";
}
// Whatever it was, it is the switch that was asked for.
void repair(Case& c) {
  auto& response = *c.response();
  response.status = 101;
  replace(response.fields, "Upgrade", offered(c));
  replace(response.fields, "Connection", "upgrade");
  if (!right_digest(c).empty()) replace(response.fields, "Sec-WebSocket-Accept", right_digest(c));
}

// The accept in front, in dialect `upgrade`
h2::FieldSection* accept_21(Case& c) { return c.accepts() && c.section() && c.came_response() ? c.section() : nullptr; }
template <class Change>
void change_accepted(Case& c, Change change) {
  auto* section = accept_21(c);
  const auto* value = section ? h2::find(*section, ":upgrade") : nullptr;
  auto offer = value ? parse_accepted(*value) : Result<Offer>(fail(""));
  if (!offer) return;
  change(*offer);
  set(*section, ":upgrade", print(*offer));
}

// RES-04, PXY-05

void no_attributes(Case& c) {
  change_accepted(c, [](Offer& offer) { offer.attributes.clear(); });
}
template <std::size_t n>
void smuggle_option(Case& c) {
  static constexpr std::array<std::string_view, 2> names = {"close", "keep-alive"};
  if (!c.came_response()) return;
  const auto options = h1::connection_options(c.came_response()->fields);
  if (std::ranges::find(options, names[n]) == options.end()) return;
  change_accepted(c, [](Offer& offer) { offer.attributes.emplace_back(names[n]); });
}
void every_option(Case& c) {
  if (!c.came_response()) return;
  change_accepted(c, [&](Offer& offer) {
    offer.attributes = h1::connection_options(c.came_response()->fields);
    std::erase(offer.attributes, "upgrade");
  });
}
void keep_connection(Case& c) {
  const auto* value = c.came_response() ? h1::find(c.came_response()->fields, "connection") : nullptr;
  if (auto* section = accept_21(c); section && value) set(*section, "connection", *value);
}
void keep_upgrade(Case& c) {
  const auto* value = c.came_response() ? h1::find(c.came_response()->fields, "upgrade") : nullptr;
  if (auto* section = accept_21(c); section && value) set(*section, "upgrade", *value);
}
void lose_fields(Case& c) {
  auto* section = accept_21(c);
  if (section) std::erase_if(*section, [](const h2::Field& field) { return !field.name.starts_with(':'); });
}
void lose_named(Case& c) {
  auto* section = accept_21(c);
  const auto* value = section ? h2::find(*section, ":upgrade") : nullptr;
  const auto offer = value ? parse_accepted(*value) : Result<Offer>(fail(""));
  if (!offer) return;
  for (const auto& name : offer->attributes) drop(*section, name);
}
void no_upgrade(Case& c) {
  if (auto* section = accept_21(c)) drop(*section, ":upgrade");
}
// PXY-06

bool is_decline(Case& c) { return c.kind == Kind::final && c.request.asks && c.section(); }
void decline_is_502(Case& c) {
  if (is_decline(c)) set(*c.section(), ":status", "502");
}
void decline_is_200(Case& c) {
  if (is_decline(c) && c.request.asks == Dialect::upgrade) set(*c.section(), ":status", "200");
}
void decline_without_fields(Case& c) {
  if (!is_decline(c)) return;
  std::erase_if(*c.section(),
                [](const h2::Field& field) { return !field.name.starts_with(':') && field.name != "content-length"; });
}
template <int least, int most>
void success_switches(Case& c) {
  if (c.response() && c.request.asks && c.response()->status >= least && c.response()->status <= most) repair(c);
}

// PXY-07, XC-13

void name_the_offer(Case& c) {
  if (is_switch(c) && !h1::find(c.response()->fields, "upgrade")) repair(c);
}
void take_unoffered(Case& c) {
  if (is_switch(c) && h1::find(c.response()->fields, "upgrade")) repair(c);
}
// Told to the client as it is.
void name_unoffered(Case& c) {
  const auto* came = c.came_response() ? h1::find(c.came_response()->fields, "upgrade") : nullptr;
  if (came) change_accepted(c, [&](Offer& offer) { offer.protocol = *came; });
}
void take_digest(Case& c) {
  if (is_switch(c) && !right_digest(c).empty()) replace(c.response()->fields, "Sec-WebSocket-Accept", right_digest(c));
}
void take_missing_digest(Case& c) {
  if (is_switch(c) && !h1::find(c.response()->fields, "sec-websocket-accept")) take_digest(c);
}
void take_folded_digest(Case& c) {
  const auto* digest = is_switch(c) ? h1::find(c.response()->fields, "sec-websocket-accept") : nullptr;
  if (digest && equal_folded(*digest, right_digest(c))) take_digest(c);
}
void leak_digest(Case& c) {
  const auto* digest = c.came_response() ? h1::find(c.came_response()->fields, "sec-websocket-accept") : nullptr;
  if (c.accepts() && c.section() && digest) set(*c.section(), "sec-websocket-accept", *digest);
}
// The 101 that nobody asked for passes as an interim answer.
void pass_unasked(Case& c) {
  if (is_switch(c) && !c.request.asks) c.response()->status = 103;
}
void say_unasked(Case& c) {
  if (c.kind == Kind::interim && !c.request.asks && c.section() && came_status(c) == 101)
    set(*c.section(), ":status", "101");
}
void unasked_is_200(Case& c) {
  if (c.section() && c.kind == Kind::interim && came_status(c) == 101) {
    set(*c.section(), ":status", "200");
    c.kind = Kind::final;
  }
}
void lose_426(Case& c) {
  if (c.section() && c.kind == Kind::final) drop(*c.section(), ":upgrade");
}
void upgrade_field_of_426(Case& c) {
  const auto* value = c.section() && c.kind == Kind::final ? h2::find(*c.section(), ":upgrade") : nullptr;
  if (!value) return;
  const auto protocols = *value;
  drop(*c.section(), ":upgrade");
  set(*c.section(), "upgrade", protocols);
}
// Also in 22 and 12, where an origin's accept has no `:upgrade` or another one.
void repair_h2(Case& c) {
  auto* section = c.section();
  const auto* sent = std::get_if<h2::FieldSection>(&c.sent);
  const auto* asked = sent ? h2::find(*sent, ":upgrade") : nullptr;
  const auto* status = section ? h2::find(*section, ":status") : nullptr;
  if (!asked || !status || *status != "101") return;
  const auto offers = parse_offers(*asked);
  if (offers && !offers->empty()) set(*section, ":upgrade", offers->front().protocol);
}

// 12: PXY-18, XC-15

h1::ResponseHead* accept_12(Case& c) { return c.accepts() && c.response() ? c.response() : nullptr; }
void no_connection_12(Case& c) {
  if (auto* head = accept_12(c)) drop(head->fields, "connection");
}
void no_upgrade_12(Case& c) {
  if (auto* head = accept_12(c)) drop(head->fields, "upgrade");
}
void no_attributes_12(Case& c) {
  if (auto* head = accept_12(c)) replace(head->fields, "Connection", "upgrade");
}
void attributes_in_upgrade_12(Case& c) {
  const auto* section = std::get_if<h2::FieldSection>(&c.came);
  const auto* value = section ? h2::find(*section, ":upgrade") : nullptr;
  if (auto* head = accept_12(c); head && value) replace(head->fields, "Upgrade", *value);
}
void status_200_12(Case& c) {
  if (auto* head = accept_12(c)) head->status = 200;
}
void close_12(Case& c) {
  if (auto* head = accept_12(c)) replace(head->fields, "Connection", "upgrade, close");
}
template <std::size_t n>
void digest_12(Case& c) {
  auto* head = accept_12(c);
  if (!head || !h1::find(head->fields, "sec-websocket-accept")) return;
  if (n == 0) drop(head->fields, "sec-websocket-accept");
  if (n == 1) replace(head->fields, "Sec-WebSocket-Accept", ws::accept_for("dGhlIHNhbXBsZSBub25jZQ=="));
  if (n == 2) replace(head->fields, "Sec-WebSocket-Accept", ws::accept_for(""));
}

// PXY-21, PXY-23

template <std::size_t n>
void keep_field(Case& c) {
  static constexpr std::array<std::string_view, 4> names = {"keep-alive", "proxy-connection", "transfer-encoding",
                                                            "connection"};
  const auto* value = c.came_response() ? h1::find(c.came_response()->fields, names[n]) : nullptr;
  if (c.section() && value && !c.accepts()) set(*c.section(), names[n], *value);
}
void keep_named(Case& c) {
  if (!c.section() || !c.came_response() || c.accepts()) return;
  for (const auto& option : h1::connection_options(c.came_response()->fields))
    if (const auto* value = h1::find(c.came_response()->fields, option); value && !is_framing_name(option))
      set_if_missing(*c.section(), option, *value);
}
template <std::size_t n>
void keep_framing(Case& c) {
  static constexpr std::array<std::string_view, 2> names = {"content-length", "transfer-encoding"};
  const auto* value = c.came_response() ? h1::find(c.came_response()->fields, names[n]) : nullptr;
  if (auto* section = accept_21(c); section && value) set(*section, names[n], *value);
}

// XC-14, XC-16

bool asks_connect(Case& c) { return c.request.asks == Dialect::connect; }
void success_looks_like_accept(Case& c) {
  if (asks_connect(c) && c.response() && c.response()->status / 100 == 2) repair(c);
}
void accept_is_101(Case& c) {
  if (asks_connect(c) && c.accepts() && c.section()) set(*c.section(), ":status", "101");
}
void interim_101(Case& c) {
  if (asks_connect(c) && c.kind == Kind::interim && c.section()) set(*c.section(), ":status", "101");
}
void decline_of_connect_is_502(Case& c) {
  if (asks_connect(c)) decline_is_502(c);
}
void unknown_accepted(Case& c) {
  const auto* section = std::get_if<h2::FieldSection>(&c.request.head);
  const auto* protocol = section ? h2::find(*section, ":protocol") : nullptr;
  if (protocol && !same_protocol(*protocol, "websocket") && c.response() && c.response()->status >= 200) repair(c);
}

constexpr auto table = std::to_array<ProxyAnswerFault>({
    {"RES-04/every-option", nullptr, every_option},
    {"PXY-05/no-attributes", nullptr, no_attributes},
    {"PXY-05/close", nullptr, smuggle_option<0>},
    {"PXY-05/keep-alive", nullptr, smuggle_option<1>},
    {"PXY-05/connection", nullptr, keep_connection},
    {"PXY-05/upgrade", nullptr, keep_upgrade},
    {"PXY-05/no-fields", nullptr, lose_fields},
    {"PXY-05/no-named-fields", nullptr, lose_named},
    {"PXY-05/no-upgrade", nullptr, no_upgrade},
    {"PXY-06/502", nullptr, decline_is_502},
    {"PXY-06/200", nullptr, decline_is_200},
    {"PXY-06/fields", nullptr, decline_without_fields},
    {"PXY-06/switch-200", success_switches<200, 200>, nullptr},
    {"PXY-06/switch-404", success_switches<400, 499>, nullptr},
    {"PXY-07/no-upgrade", name_the_offer, nullptr},
    {"PXY-07/unoffered", take_unoffered, nullptr},
    {"PXY-07/unoffered-named", take_unoffered, name_unoffered},
    {"PXY-07/h2-origin", repair_h2, nullptr},
    {"PXY-07/unasked", pass_unasked, say_unasked},
    {"PXY-07/unasked-200", pass_unasked, unasked_is_200},
    {"PXY-07/426", nullptr, lose_426},
    {"PXY-07/426-field", nullptr, upgrade_field_of_426},
    {"PXY-18/no-connection", nullptr, no_connection_12},
    {"PXY-18/no-upgrade", nullptr, no_upgrade_12},
    {"PXY-18/no-attributes", nullptr, no_attributes_12},
    {"PXY-18/in-upgrade", nullptr, attributes_in_upgrade_12},
    {"PXY-18/200", nullptr, status_200_12},
    {"PXY-18/close", nullptr, close_12},
    {"PXY-21/keep-alive", nullptr, keep_field<0>},
    {"PXY-21/proxy-connection", nullptr, keep_field<1>},
    {"PXY-21/transfer-encoding", nullptr, keep_field<2>},
    {"PXY-21/connection", nullptr, keep_field<3>},
    {"PXY-21/named", nullptr, keep_named},
    {"PXY-23/content-length-kept", nullptr, keep_framing<0>},
    {"PXY-23/transfer-encoding-kept", nullptr, keep_framing<1>},
    {"XC-10/accepted", unknown_accepted, nullptr},
    {"XC-13/digest", take_digest, nullptr},
    {"XC-13/no-digest", take_missing_digest, nullptr},
    {"XC-13/folded-digest", take_folded_digest, nullptr},
    {"XC-13/leaked", nullptr, leak_digest},
    {"XC-14/2xx", success_looks_like_accept, nullptr},
    {"XC-14/declined-502", nullptr, decline_of_connect_is_502},
    {"XC-15/no-digest", nullptr, digest_12<0>},
    {"XC-15/constant-digest", nullptr, digest_12<1>},
    {"XC-15/digest-of-nothing", nullptr, digest_12<2>},
    {"XC-16/accept", nullptr, accept_is_101},
    {"XC-16/interim", nullptr, interim_101},
});

}  // namespace

std::span<const ProxyAnswerFault> proxy_answer_faults() { return table; }

}  // namespace upspec
