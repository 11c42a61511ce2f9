// The faults of a handshake that should not have been taken: protocol.md sections 8, 9 and 12.
#include <array>
#include <string>

#include "base/base64.hpp"
#include "base/text.hpp"
#include "peer/section_edit.hpp"
#include "peer/server_faults.hpp"
#include "upgrade/offer.hpp"
#include "ws/handshake.hpp"

namespace upspec {

namespace {

using Case = RequestCase;

constexpr char some_key[] = "AAAAAAAAAAAAAAAAAAAAAA==";

bool offers(Case& c, std::string_view protocol) {
  const auto* value = c.upgrade();
  if (!value) return false;
  const auto all = parse_offers(*value).value_or(std::vector<Offer>{});
  return std::ranges::any_of(all, [&](const Offer& one) { return same_protocol(one.protocol, protocol); });
}

// WS-03, each for one defect of the key.
template <bool (*is_so)(const h2::FieldSection&)>
void take_key(Case& c) {
  if (!offers(c, "websocket") || !is_so(c.fields())) return;
  drop_later(c.fields(), "sec-websocket-key");
  const auto* key = h2::find(c.fields(), "sec-websocket-key");
  if (!key || !ws::is_key(*key)) set(c.fields(), "sec-websocket-key", some_key);
}
bool has_no_key(const h2::FieldSection& fields) { return !h2::find(fields, "sec-websocket-key"); }
bool has_two_keys(const h2::FieldSection& fields) { return h2::count(fields, "sec-websocket-key") > 1; }
bool key_is_empty(const h2::FieldSection& fields) {
  const auto* key = h2::find(fields, "sec-websocket-key");
  return key && key->empty();
}
bool key_has_another_size(const h2::FieldSection& fields) {
  const auto* key = h2::find(fields, "sec-websocket-key");
  return key && !key->empty() && unbase64(*key) && !ws::is_key(*key);
}
bool key_is_no_base64(const h2::FieldSection& fields) {
  const auto* key = h2::find(fields, "sec-websocket-key");
  return key && !unbase64(*key);
}

// WS-04, in both dialects.
bool asks_for_websocket(Case& c) {
  const auto* protocol = h2::find(c.fields(), ":protocol");
  return offers(c, "websocket") || (protocol && equal_folded(*protocol, "websocket"));
}
void take_any_version(Case& c) {
  if (asks_for_websocket(c) && h2::find(c.fields(), "sec-websocket-version"))
    set(c.fields(), "sec-websocket-version", "13");
}
void take_no_version(Case& c) {
  if (asks_for_websocket(c)) set_if_missing(c.fields(), "sec-websocket-version", "13");
}

void take_one_of_the_versions(Case& c) {
  const bool has_13 = std::ranges::find(c.fields(), h2::Field{"sec-websocket-version", "13"}) != c.fields().end();
  if (!asks_for_websocket(c) || !has_13) return;
  drop(c.fields(), "sec-websocket-version");
  set(c.fields(), "sec-websocket-version", "13");
}

void take_leading_zeros(Case& c) {
  const auto* version = h2::find(c.fields(), "sec-websocket-version");
  if (version && asks_for_websocket(c) && to_number(*version) == 13) set(c.fields(), "sec-websocket-version", "13");
}

// WS-07
void take_any_method(Case& c) {
  const auto method = c.request.method();
  if (offers(c, "websocket") && is_token(method) && method != "CONNECT") set(c.fields(), ":method", "GET");
}

// Section 9
void guess_settings(Case& c) {
  if (offers(c, "h2c")) set_if_missing(c.fields(), "http2-settings", "");
}
void first_settings(Case& c) {
  if (offers(c, "h2c")) drop_later(c.fields(), "http2-settings");
}
void read_padded_settings(Case& c) {
  const auto* value = h2::find(c.fields(), "http2-settings");
  if (value && offers(c, "h2c")) set(c.fields(), "http2-settings", value->substr(0, value->find('=')));
}
void read_odd_settings(Case& c) {
  const auto* value = h2::find(c.fields(), "http2-settings");
  if (value && offers(c, "h2c") && !unbase64url(*value)) set(c.fields(), "http2-settings", "");
}
void read_whole_settings(Case& c) {
  const auto* value = h2::find(c.fields(), "http2-settings");
  if (!value || !offers(c, "h2c")) return;
  auto payload = unbase64url(*value);
  if (!payload) return;
  payload->resize(payload->size() / 6 * 6);
  set(c.fields(), "http2-settings", base64url(*payload));
}
void name_settings(Case& c) {
  if (!offers(c, "h2c") || !h2::find(c.fields(), "http2-settings")) return;
  auto all = *parse_offers(*c.upgrade());
  for (auto& offer : all)
    if (same_protocol(offer.protocol, "h2c") && offer.attributes.empty()) offer.attributes = {"http2-settings"};
  *c.upgrade() = print(all);
}

// Section 12

bool extended(Case& c) { return h2::find(c.fields(), ":protocol") != nullptr; }
bool extended_connect(Case& c) { return extended(c) && c.request.method() == "CONNECT"; }
std::string protocol_of(Case& c) { return extended(c) ? *h2::find(c.fields(), ":protocol") : std::string(); }

void take_get_as_connect(Case& c) {
  if (extended(c)) set(c.fields(), ":method", "CONNECT");
}
void ignore_protocol_of_others(Case& c) {
  if (extended(c) && c.request.method() != "CONNECT") drop(c.fields(), ":protocol");
}
void guess_scheme(Case& c) {
  if (extended_connect(c)) set_if_missing(c.fields(), ":scheme", "http");
}
void guess_path(Case& c) {
  if (extended_connect(c)) set_if_missing(c.fields(), ":path", "/echo");
}
void fill_path(Case& c) {
  const auto* path = h2::find(c.fields(), ":path");
  if (extended_connect(c) && path && path->empty()) set(c.fields(), ":path", "/echo");
}
void guess_both(Case& c) {
  if (!extended_connect(c) || h2::find(c.fields(), ":scheme") || h2::find(c.fields(), ":path")) return;
  guess_scheme(c);
  guess_path(c);
}
void first_protocol(Case& c) { drop_later(c.fields(), ":protocol"); }
void fill_protocol(Case& c) {
  if (extended(c) && protocol_of(c).empty()) set(c.fields(), ":protocol", "websocket");
}
void early_protocol(Case& c) { bring_forward(c.fields(), ":protocol"); }
template <const char* name>
void drop_field(Case& c) {
  if (extended(c)) drop(c.fields(), name);
}
constexpr char connection[] = "connection";
constexpr char upgrade[] = "upgrade";
constexpr char keep_alive[] = "keep-alive";
constexpr char proxy_connection[] = "proxy-connection";
constexpr char transfer_encoding[] = "transfer-encoding";
constexpr char te[] = "te";

void want_key(Case& c) {
  const auto* key = h2::find(c.fields(), "sec-websocket-key");
  if (extended_connect(c) && protocol_of(c) == "websocket" && !key) c.forced = plain_answer(400);
}
void check_key(Case& c) {
  const auto* key = h2::find(c.fields(), "sec-websocket-key");
  if (extended_connect(c) && key && !ws::is_key(*key)) c.forced = plain_answer(400);
}

bool unknown_protocol(Case& c) {
  return extended_connect(c) && !protocol_of(c).empty() && !is_known_protocol(protocol_of(c));
}
void take_unknown_as_websocket(Case& c) {
  if (!unknown_protocol(c)) return;
  set(c.fields(), ":protocol", "websocket");
  set(c.fields(), ":path", "/echo");
  set(c.fields(), "sec-websocket-version", "13");
}
template <int status>
void answer_unknown(Case& c) {
  if (unknown_protocol(c)) c.forced = plain_answer(status);
}
template <Decision::Kind kind>
void end_unknown(Case& c) {
  if (unknown_protocol(c)) c.forced = Decision{.kind = kind};
}

void take_h2c(Case& c) {
  if (!extended_connect(c) || protocol_of(c) != "h2c") return;
  c.forced = Decision{
      .kind = Decision::Kind::accept, .protocol = ChannelProtocol::upspec_echo, .fields = {{":status", "200"}}};
}

bool plain_connect(Case& c) { return c.request.method() == "CONNECT" && !extended(c) && !c.upgrade(); }
void take_plain_connect_as_websocket(Case& c) {
  if (plain_connect(c)) {
    c.forced = Decision{
        .kind = Decision::Kind::accept, .protocol = ChannelProtocol::websocket, .fields = {{":status", "200"}}};
  }
}
template <Decision::Kind kind>
void end_plain_connect(Case& c) {
  if (plain_connect(c)) c.forced = Decision{.kind = kind};
}
void guess_authority(Case& c) {
  if (extended_connect(c) && !h2::find(c.fields(), "host")) set_if_missing(c.fields(), ":authority", "guessed");
}

using enum Decision::Kind;

constexpr std::array rows = {
    RequestFault{"WS-03/no-key", take_key<has_no_key>},
    RequestFault{"WS-03/two-keys", take_key<has_two_keys>},
    RequestFault{"WS-03/empty", take_key<key_is_empty>},
    RequestFault{"WS-03/size", take_key<key_has_another_size>},
    RequestFault{"WS-03/not-base64", take_key<key_is_no_base64>},
    RequestFault{"WS-04/accepted", take_any_version},
    RequestFault{"WS-04/missing-accepted", take_no_version},
    RequestFault{"WS-04/one-of-two", take_one_of_the_versions},
    RequestFault{"WS-04/leading-zero", take_leading_zeros},
    RequestFault{"WS-07", take_any_method},
    RequestFault{"H2C-02/none", guess_settings},
    RequestFault{"H2C-02/two", first_settings},
    RequestFault{"H2C-03/padding", read_padded_settings},
    RequestFault{"H2C-03/not-base64", read_odd_settings},
    RequestFault{"H2C-03/length", read_whole_settings},
    RequestFault{"H2C-07", name_settings},
    RequestFault{"XC-05/accepted", take_get_as_connect},
    RequestFault{"XC-05/ignored", ignore_protocol_of_others},
    RequestFault{"XC-06/no-scheme", guess_scheme},
    RequestFault{"XC-06/no-path", guess_path},
    RequestFault{"XC-06/empty-path", fill_path},
    RequestFault{"XC-06/neither", guess_both},
    RequestFault{"XC-07/twice", first_protocol},
    RequestFault{"XC-07/empty", fill_protocol},
    RequestFault{"XC-07/late", early_protocol},
    RequestFault{"XC-08/key-wanted", want_key},
    RequestFault{"XC-08/key-checked", check_key},
    RequestFault{"XC-09/connection", drop_field<connection>},
    RequestFault{"XC-09/upgrade", drop_field<upgrade>},
    RequestFault{"XC-09/keep-alive", drop_field<keep_alive>},
    RequestFault{"XC-09/proxy-connection", drop_field<proxy_connection>},
    RequestFault{"XC-09/transfer-encoding", drop_field<transfer_encoding>},
    RequestFault{"XC-09/te", drop_field<te>},
    RequestFault{"XC-10/as-websocket", take_unknown_as_websocket},
    RequestFault{"XC-10/200", answer_unknown<200>},
    RequestFault{"XC-10/silence", end_unknown<silence>},
    RequestFault{"XC-10/goaway", end_unknown<terminate>},
    RequestFault{"XC-10/h2c", take_h2c},
    RequestFault{"XC-11/websocket", take_plain_connect_as_websocket},
    RequestFault{"XC-11/silence", end_plain_connect<silence>},
    RequestFault{"XC-11/goaway", end_plain_connect<terminate>},
    RequestFault{"XC-17", guess_authority},
    RequestFault{"XC-18/400", answer_unknown<400>},
    RequestFault{"XC-18/404", answer_unknown<404>},
};

}  // namespace

std::span<const RequestFault> handshake_faults() { return rows; }

}  // namespace upspec
