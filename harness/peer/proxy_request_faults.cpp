// What the reference proxy does to requests on purpose: offers, fields, keys (protocol.md 10 and 12).
#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "peer/proxy_faults.hpp"
#include "peer/proxy_request_edit.hpp"
#include "peer/section_edit.hpp"
#include "upgrade/attributes.hpp"
#include "upgrade/offer.hpp"

namespace upspec {

namespace {

using namespace proxy_edit;

// 10. PXY-01 to PXY-04

void drop_connection(Case& c) {
  if (auto* head = upgrade_21(c)) drop(head->fields, "connection");
}
void drop_upgrade_option(Case& c) {
  if (auto* head = upgrade_21(c)) *find(head->fields, "connection") = join(attributes_of(*head), ", ");
}
void drop_all_attributes(Case& c) {
  change_attributes(c, [](Names& names) { names.clear(); });
}
void keep_first_attribute(Case& c) {
  change_attributes(c, [](Names& names) { names.resize(std::min<std::size_t>(names.size(), 1)); });
}
void name_every_field(Case& c) {
  change_attributes(c, [&](Names& names) {
    for (const auto& field : c.request()->fields)
      if (!is_framing_name(field.name) && std::ranges::find(names, lower(field.name)) == names.end())
        names.push_back(lower(field.name));
  });
}
void add_unknown(Case& c) {
  change_attributes(c, [](Names& names) { names.emplace_back("x-unknown"); });
}
void attributes_in_upgrade(Case& c) {
  auto* head = upgrade_21(c);
  if (!head) return;
  *find(head->fields, "upgrade") = print(offers_of(c.came_section()));
}
template <class Choose>
void choose_offers(Case& c, Choose choose) {
  auto* head = upgrade_21(c);
  auto protocols = head ? h1::members(head->fields, "upgrade") : Names{};
  if (protocols.size() < 2) return;
  choose(protocols);
  *find(head->fields, "upgrade") = join(protocols, ", ");
}
void last_offer(Case& c) {
  choose_offers(c, [](Names& protocols) { protocols.erase(protocols.begin(), protocols.end() - 1); });
}
void reversed_offers(Case& c) {
  choose_offers(c, [](Names& protocols) { std::ranges::reverse(protocols); });
}
void first_offer_all_attributes(Case& c) {
  choose_offers(c, [](Names& protocols) { protocols.resize(1); });
}
void attributes_of_first(Case& c) {
  const auto offers = offers_of(c.came_section());
  if (offers.size() > 1) change_attributes(c, [&](Names& names) { names = effective_attributes(offers.front()); });
}

void drop_named(Case& c) {
  if (auto* head = upgrade_21(c))
    for (const auto& name : attributes_of(*head)) drop(head->fields, name);
}
void drop_first_named(Case& c) {
  auto* head = upgrade_21(c);
  const auto names = head ? attributes_of(*head) : Names{};
  if (!names.empty()) drop(head->fields, names.front());
}
template <class Change>
void change_named(Case& c, Change change) {
  auto* head = upgrade_21(c);
  if (!head) return;
  for (const auto& name : attributes_of(*head))
    if (auto* value = find(head->fields, name)) change(*value);
}
void empty_named(Case& c) {
  change_named(c, [](std::string& value) { value.clear(); });
}
void fold_named(Case& c) {
  change_named(c, [](std::string& value) { value = lower(value); });
}

void always_get(Case& c) {
  if (auto* head = c.request()) head->method = "GET";
}
void drop_query(Case& c) {
  if (auto* head = c.request()) head->target.resize(std::min(head->target.find('?'), head->target.size()));
}
void decode_path(Case& c) {
  auto* head = c.request();
  if (!head) return;
  for (auto at = head->target.find('%'); at != std::string::npos; at = head->target.find('%', at + 1))
    if (const auto octet = unhex(std::string_view(head->target).substr(at + 1, 2)); octet && octet->size() == 1)
      head->target.replace(at, 3, 1, static_cast<char>(octet->front()));
}
void own_host(Case& c) {
  if (auto* head = c.request()) set(head->fields, "host", "origin.internal");
}
void host_field_wins(Case& c) {
  const auto* host = c.came_section() ? h2::find(*c.came_section(), "host") : nullptr;
  if (host && c.request()) set(c.request()->fields, "host", *host);
}
void no_host(Case& c) {
  if (auto* head = c.request()) drop(head->fields, "host");
}
template <std::size_t n>
void leak_pseudo(Case& c) {
  static constexpr std::array<std::string_view, 3> names = {":scheme", ":authority", ":upgrade"};
  const auto* value = c.came_section() ? h2::find(*c.came_section(), names[n]) : nullptr;
  if (value && c.request()) c.request()->fields.push_back({std::string(names[n]), *value});
}

void only_websocket(Case& c) {
  refuse_if(c, has_offer(c.section(), [](const Offer& offer) { return !is_websocket(offer.protocol); }));
}
void known_attributes_only(Case& c) {
  change_attributes(
      c, [](Names& names) { std::erase_if(names, [](const std::string& name) { return name != "http2-settings"; }); });
}
void known_fields_only(Case& c) {
  auto* head = upgrade_21(c);
  if (!head) return;
  for (const auto& name : attributes_of(*head))
    if (name != "http2-settings") drop(head->fields, name);
}
void all_is_websocket(Case& c) {
  if (auto* head = upgrade_21(c)) *find(head->fields, "upgrade") = "websocket";
}
void drop_unknown(Case& c) {
  auto* head = upgrade_21(c);
  if (!head || is_websocket(*find(head->fields, "upgrade"))) return;
  drop(head->fields, "upgrade");
  drop(head->fields, "connection");
}

// 12: PXY-17, PXY-19; and what both directions share

void drop_attributes_12(Case& c) {
  if (c.came_request()) drop_attributes(c.section(), [](const std::string&) { return true; });
}
template <std::size_t n>
void smuggle_option_12(Case& c) {
  static constexpr std::array<std::string_view, 2> names = {"close", "keep-alive"};
  const auto* from = c.came_request();
  if (!from) return;
  const auto options = h1::connection_options(from->fields);
  if (std::ranges::find(options, names[n]) == options.end()) return;
  change_offers(c.section(), [](std::vector<Offer>& offers) {
    for (auto& offer : offers) offer.attributes.emplace_back(names[n]);
  });
}
void upgrade_without_option(Case& c) {
  auto* head = c.request();
  if (!head || !c.came_request() || !find(head->fields, "upgrade")) return;
  const auto options = h1::connection_options(head->fields);
  if (std::ranges::find(options, "upgrade") == options.end()) head->fields.push_back({"Connection", "upgrade"});
}
void keep_named_12(Case& c) {
  const auto* from = c.came_request();
  if (!from || !c.section()) return;
  for (const auto& option : h1::connection_options(from->fields))
    if (const auto* value = h1::find(from->fields, option); value && !is_framing_name(option))
      set_if_missing(*c.section(), option, *value);
}

// PXY-12, PXY-15, PXY-20

void lose_length(Case& c) {
  if (auto* head = c.request()) drop(head->fields, "content-length");
}
void add_chunked(Case& c) {
  auto* head = c.request();
  if (head && find(head->fields, "content-length")) head->fields.push_back({"Transfer-Encoding", "chunked"});
}
void another_length(Case& c) {
  auto* head = c.request();
  auto* length = head ? find(head->fields, "content-length") : nullptr;
  if (length) *length = cat(to_number(*length).value_or(0) + 1);
}
void lose_expect(Case& c) {
  if (auto* head = c.request()) drop(head->fields, "expect");
}
void keep_fields_without_upgrade(Case& c) {
  if (c.request() && !find(c.request()->fields, "upgrade"))
    for (const auto& offer : offers_of(c.came_section()))
      for (const auto& name : offer.attributes)
        if (const auto* value = h2::find(*c.came_section(), name)) set(c.request()->fields, name, *value);
  if (!c.section() || h2::find(*c.section(), ":upgrade")) return;
  for (const auto& offer : offers_of(c.came_section()))
    for (const auto& name : offer.attributes)
      if (const auto* value = h2::find(*c.came_section(), name)) set_if_missing(*c.section(), name, *value);
}
void several_cookies(Case& c) {
  if (!c.request() || !c.came_section() || !find(c.request()->fields, "cookie")) return;
  drop(c.request()->fields, "cookie");
  for (const auto& field : *c.came_section())
    if (field.name == "cookie") c.request()->fields.push_back({"cookie", field.value});
}
void first_cookie(Case& c) {
  if (c.section()) drop_later(*c.section(), "cookie");
}
void cookies_by_comma(Case& c) {
  auto* cookie = c.request() ? find(c.request()->fields, "cookie") : nullptr;
  if (!cookie) return;
  for (auto at = cookie->find("; "); at != std::string::npos; at = cookie->find("; ")) cookie->replace(at, 1, ",");
}
void te_without_connection(Case& c) {
  auto* head = c.request();
  if (!head || !find(head->fields, "te")) return;
  auto names = attributes_of(*head);
  if (find(head->fields, "upgrade")) return set_attributes(*head, names);
  drop(head->fields, "connection");
}

// 12. Dialect connect

h1::RequestHead* websocket_21(Case& c) {
  const bool asks = c.came_section() && h2::find(*c.came_section(), ":protocol");
  auto* head = upgrade_21(c);
  return asks && head && find(head->fields, "sec-websocket-key") ? head : nullptr;
}
template <std::size_t n>
void wrong_key(Case& c) {
  static constexpr std::array<std::string_view, 3> keys = {
      "dGhlIHNhbXBsZSBub25jZQ==", "c2hvcnQ=", "not base64 at all!"};
  if (auto* head = websocket_21(c)) *find(head->fields, "sec-websocket-key") = keys[n];
}
void no_key(Case& c) {
  if (auto* head = websocket_21(c)) drop(head->fields, "sec-websocket-key");
}
void two_keys(Case& c) {
  if (auto* head = websocket_21(c)) head->fields.push_back({"Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAA=="});
}
void clients_key(Case& c) {
  const auto* key = c.came_section() ? h2::find(*c.came_section(), "sec-websocket-key") : nullptr;
  if (auto* head = websocket_21(c); head && key) *find(head->fields, "sec-websocket-key") = *key;
}
void connect_stays(Case& c) {
  if (websocket_21(c)) c.request()->method = "CONNECT";
}
void no_upgrade_behind(Case& c) {
  auto* head = websocket_21(c);
  if (!head) return;
  drop(head->fields, "upgrade");
  drop(head->fields, "connection");
}
void unknown_is_websocket(Case& c) {
  if (c.section() && h2::find(*c.section(), ":protocol")) set(*c.section(), ":protocol", "websocket");
}

constexpr auto table = std::to_array<ProxyRequestFault>({
    {"PXY-01/no-connection", nullptr, drop_connection},
    {"PXY-01/no-upgrade-option", nullptr, drop_upgrade_option},
    {"PXY-01/no-attributes", nullptr, drop_all_attributes},
    {"PXY-01/first-attribute", nullptr, keep_first_attribute},
    {"PXY-01/every-field", nullptr, name_every_field},
    {"PXY-01/added", nullptr, add_unknown},
    {"PXY-01/in-upgrade", nullptr, attributes_in_upgrade},
    {"PXY-01/last-offer", nullptr, last_offer},
    {"PXY-01/reversed", nullptr, reversed_offers},
    {"PXY-01/cut", nullptr, first_offer_all_attributes},
    {"PXY-01/attributes-of-first", nullptr, attributes_of_first},
    {"PXY-02/dropped", nullptr, drop_named},
    {"PXY-02/first-dropped", nullptr, drop_first_named},
    {"PXY-02/emptied", nullptr, empty_named},
    {"PXY-02/lower-case", nullptr, fold_named},
    {"PXY-03/get", nullptr, always_get},
    {"PXY-03/query", nullptr, drop_query},
    {"PXY-03/decoded", nullptr, decode_path},
    {"PXY-03/host-of-origin", nullptr, own_host},
    {"PXY-03/host-field", nullptr, host_field_wins},
    {"PXY-03/no-host", nullptr, no_host},
    {"PXY-03/scheme", nullptr, leak_pseudo<0>},
    {"PXY-03/authority", nullptr, leak_pseudo<1>},
    {"PXY-03/upgrade", nullptr, leak_pseudo<2>},
    {"PXY-04/websocket-only", only_websocket, nullptr},
    {"PXY-04/known-attributes", nullptr, known_attributes_only},
    {"PXY-04/known-fields", nullptr, known_fields_only},
    {"PXY-04/as-websocket", nullptr, all_is_websocket},
    {"PXY-04/dropped", nullptr, drop_unknown},
    {"PXY-12/no-length", nullptr, lose_length},
    {"PXY-12/chunked-too", nullptr, add_chunked},
    {"PXY-12/another-length", nullptr, another_length},
    {"PXY-12/expect", nullptr, lose_expect},
    {"PXY-15/with-fields", nullptr, keep_fields_without_upgrade},
    {"PXY-17/no-attributes", nullptr, drop_attributes_12},
    {"PXY-17/close", nullptr, smuggle_option_12<0>},
    {"PXY-17/keep-alive", nullptr, smuggle_option_12<1>},
    {"PXY-17/without-option", upgrade_without_option, nullptr},
    {"PXY-19/kept", nullptr, keep_named_12},
    {"PXY-20/several", nullptr, several_cookies},
    {"PXY-20/first", first_cookie, nullptr},
    {"PXY-20/comma", nullptr, cookies_by_comma},
    {"PXY-20/te", nullptr, te_without_connection},
    {"XC-10/as-websocket", unknown_is_websocket, nullptr},
    {"XC-13/constant-key", nullptr, wrong_key<0>},
    {"XC-13/short-key", nullptr, wrong_key<1>},
    {"XC-13/not-base64", nullptr, wrong_key<2>},
    {"XC-13/no-key", nullptr, no_key},
    {"XC-13/two-keys", nullptr, two_keys},
    {"XC-13/clients-key", nullptr, clients_key},
    {"XC-13/method", nullptr, connect_stays},
    {"XC-13/no-upgrade", nullptr, no_upgrade_behind},
});

}  // namespace

std::span<const ProxyRequestFault> proxy_request_faults() { return table; }

}  // namespace upspec
