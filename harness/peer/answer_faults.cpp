// The faults of an answer: protocol.md section 6, and what sections 4, 8 and 12 say of the accept.
#include <array>
#include <string>

#include "base/text.hpp"
#include "peer/section_edit.hpp"
#include "peer/server_faults.hpp"
#include "upgrade/attributes.hpp"
#include "upgrade/offer.hpp"
#include "upgrade/sections.hpp"
#include "ws/handshake.hpp"

namespace upspec {

namespace {

using Case = AnswerCase;
using Section = h2::FieldSection;

bool accepts_upgrade(const Case& c) { return c.accepts(Dialect::upgrade); }
bool accepts_connect(const Case& c) { return c.accepts(Dialect::connect); }
bool accepts_websocket(const Case& c) { return c.accepts(Dialect::upgrade, ChannelProtocol::websocket); }
bool accepts_any_websocket(const Case& c) { return c.accepts() && c.decision.protocol == ChannelProtocol::websocket; }
bool declines(const Case& c) {
  return c.decision.kind == Decision::Kind::answer && asked_dialect(c.request.fields) == Dialect::upgrade &&
         !c.status("426");
}
bool is_ordinary_get(const Case& c) {
  return c.decision.kind == Decision::Kind::answer && !c.request.asks() && c.request.method() == "GET";
}
bool is_ordinary_head(const Case& c) {
  return c.decision.kind == Decision::Kind::answer && !c.request.asks() && c.request.method() == "HEAD";
}
bool declines_elsewhere(const Case& c) {
  constexpr std::array<std::string_view, 3> known = {"/", "/echo", "/raw"};
  return declines(c) && std::ranges::find(known, c.request.path()) == known.end();
}
bool is_426(const Case& c) { return c.status("426"); }
bool speaks_of_version(const Case& c) {
  return c.decision.kind == Decision::Kind::answer && h2::find(c.decision.fields, "sec-websocket-version");
}

// `change`, where `where` holds.
template <bool (*where)(const Case&), auto change>
void when(Case& c) {
  if (where(c)) change(c);
}

// `name: value` in the answer. Pseudo-headers replace, fields are added.
template <const char* name, const char* value>
void put(Case& c) {
  if (name[0] == ':') return set(c.fields(), name, value);
  c.fields().push_back({name, value});
}

constexpr char upgrade_name[] = ":upgrade";
constexpr char status_name[] = ":status";
constexpr char s101[] = "101";
constexpr char s200[] = "200";
constexpr char websocket[] = "websocket";
constexpr char unoffered[] = "x-unoffered";
constexpr char connection[] = "connection";
constexpr char connection_upgrade[] = "upgrade";
constexpr char upgrade[] = "upgrade";
constexpr char keep_alive[] = "keep-alive";
constexpr char keep_alive_value[] = "timeout=5";
constexpr char proxy_connection[] = "proxy-connection";
constexpr char transfer_encoding[] = "transfer-encoding";
constexpr char chunked[] = "chunked";
constexpr char content_length_name[] = "content-length";
constexpr char zero[] = "0";

// RES-01

void leave_out_upgrade(Case& c) { drop(c.fields(), ":upgrade"); }
void upgrade_twice(Case& c) {
  c.fields().insert(c.fields().begin() + 1, {":upgrade", *h2::find(c.fields(), ":upgrade")});
}
void upgrade_late(Case& c) {
  c.fields().push_back({"server", "upspec"});
  send_back(c.fields(), ":upgrade");
}
void repeat_offers(Case& c) {
  const auto* value = h2::find(c.request.fields, ":upgrade");
  const auto all = parse_offers(*value).value_or(std::vector<Offer>{});
  set(c.fields(), ":upgrade", all.size() > 1 ? *value : cat(*value, ", h2c"));
}
void append_semicolon(Case& c) { set(c.fields(), ":upgrade", *h2::find(c.fields(), ":upgrade") + ";"); }
void end_accept(Case& c) { c.decision.end_stream = true; }

// RES-04, ATT-03: an attribute in the accept that is none.
template <const char* name>
void name_attribute(Case& c) {
  set(c.fields(), ":upgrade", cat(*h2::find(c.fields(), ":upgrade"), "; ", name));
}
constexpr char te[] = "te";
constexpr char trailer[] = "trailer";
constexpr char host[] = "host";
constexpr char set_cookie[] = "set-cookie";
void name_cookie(Case& c) {
  name_attribute<set_cookie>(c);
  c.fields().push_back({"set-cookie", "a=b"});
}
void repeat_names_for_all(Case& c) {
  const auto* value = h2::find(c.request.fields, ":upgrade");
  for (const auto& offer : parse_offers(*value).value_or(std::vector<Offer>{}))
    for (const auto& name : offer.attributes)
      if (is_for_every_recipient(name)) set(c.fields(), ":upgrade", cat(*h2::find(c.fields(), ":upgrade"), "; ", name));
}

// RES-06, XC-16
void send_101_before(Case& c) { c.decision.interim.push_back({{":status", "101"}}); }
void send_101_with_upgrade_before(Case& c) {
  c.decision.interim.push_back({{":status", "101"}, {":upgrade", "websocket"}});
}
void send_101_instead(Case& c) {
  c.decision.kind = Decision::Kind::accept;
  c.decision.protocol = ChannelProtocol::upspec_echo;
  c.fields() = {{":status", "101"}};
}

// RES-08, RES-09
void send_upgrade_in_103(Case& c) { c.decision.interim.push_back({{":status", "103"}, {":upgrade", "websocket"}}); }
void append_comma(Case& c) { set(c.fields(), ":upgrade", *h2::find(c.fields(), ":upgrade") + ","); }
void ask_for_upgrade(Case& c) {
  set(c.fields(), ":status", "426");
  set(c.fields(), ":upgrade", "websocket");
}
bool refuses_version_in_connect(const Case& c) { return speaks_of_version(c) && !c.status("426"); }
bool ordinary_with_version(const Case& c) {
  return is_ordinary_get(c) && h2::find(c.request.fields, "sec-websocket-version") != nullptr;
}
bool ordinary_or_connect_with_version(const Case& c) {
  return ordinary_with_version(c) || refuses_version_in_connect(c);
}

// RES-12
void promise_more(Case& c) {
  const auto* length = h2::find(c.fields(), content_length_name);
  if (length) set(c.fields(), content_length_name, cat(to_number(*length).value_or(0) + 5));
}

// WS-01
constexpr char accept_name[] = "sec-websocket-accept";
void no_digest(Case& c) { drop(c.fields(), accept_name); }
void digest_of_nothing(Case& c) { set(c.fields(), accept_name, ws::accept_for("")); }
void constant_digest(Case& c) { set(c.fields(), accept_name, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="); }
void key_as_digest(Case& c) {
  const auto* key = h2::find(c.request.fields, "sec-websocket-key");
  set(c.fields(), accept_name, key ? *key : "");
}
void unpadded_digest(Case& c) {
  auto digest = *h2::find(c.fields(), accept_name);
  set(c.fields(), accept_name, digest.substr(0, digest.find('=')));
}
void folded_digest(Case& c) { set(c.fields(), accept_name, lower(*h2::find(c.fields(), accept_name))); }

// WS-03: the key that should not have been taken is answered as it came.
void digest_of_key_as_it_came(Case& c) {
  const auto* key = h2::find(c.request.fields, "sec-websocket-key");
  if (key && accepts_websocket(c)) set(c.fields(), accept_name, ws::accept_for(*key));
}

// WS-04
void leave_out_version(Case& c) { drop(c.fields(), "sec-websocket-version"); }
void speak_of_another_version(Case& c) { set(c.fields(), "sec-websocket-version", "8"); }

// WS-05, WS-12
constexpr char protocol_name[] = "sec-websocket-protocol";
bool asks_subprotocols(const Case& c) { return h2::find(c.request.fields, protocol_name) != nullptr; }
void choose_unoffered(Case& c) { set(c.fields(), protocol_name, asks_subprotocols(c) ? "x-unoffered" : "chat"); }
void choose_unasked(Case& c) {
  if (!asks_subprotocols(c)) set(c.fields(), protocol_name, "chat");
}
void choose_when_none_is_known(Case& c) {
  if (asks_subprotocols(c) && !h2::find(c.fields(), protocol_name)) set(c.fields(), protocol_name, "chat");
}
void choose_all(Case& c) {
  if (asks_subprotocols(c)) set(c.fields(), protocol_name, join(asked_by(c.request.fields).subprotocols, ", "));
}
void choose_in_capitals(Case& c) {
  if (h2::find(c.fields(), protocol_name)) set(c.fields(), protocol_name, "Chat");
}
void choose_nothing(Case& c) {
  if (asks_subprotocols(c) && !h2::find(c.fields(), protocol_name)) set(c.fields(), protocol_name, "");
}
void extend(Case& c) {
  if (asked_by(c.request.fields).extensions.empty()) set(c.fields(), "sec-websocket-extensions", "permessage-deflate");
}
void extend_otherwise(Case& c) {
  if (!asked_by(c.request.fields).extensions.empty()) set(c.fields(), "sec-websocket-extensions", "x-unoffered");
}

constexpr std::array rows = {
    AnswerFault{"RES-01/status-200", when<accepts_upgrade, put<status_name, s200>>},
    AnswerFault{"RES-01/no-upgrade", when<accepts_upgrade, leave_out_upgrade>},
    AnswerFault{"RES-01/two-upgrades", when<accepts_upgrade, upgrade_twice>},
    AnswerFault{"RES-01/late", when<accepts_upgrade, upgrade_late>},
    AnswerFault{"RES-01/unoffered", when<accepts_upgrade, put<upgrade_name, unoffered>>},
    AnswerFault{"RES-01/list", when<accepts_upgrade, repeat_offers>},
    AnswerFault{"RES-01/grammar", when<accepts_upgrade, append_semicolon>},
    AnswerFault{"RES-02", when<accepts_upgrade, end_accept>},
    AnswerFault{"RES-03/connection", when<accepts_upgrade, put<connection, connection_upgrade>>},
    AnswerFault{"RES-03/upgrade", when<accepts_upgrade, put<upgrade, websocket>>},
    AnswerFault{"RES-03/keep-alive", when<accepts_upgrade, put<keep_alive, keep_alive_value>>},
    AnswerFault{"RES-03/proxy-connection", when<accepts_upgrade, put<proxy_connection, keep_alive>>},
    AnswerFault{"RES-03/transfer-encoding", when<accepts_upgrade, put<transfer_encoding, chunked>>},
    AnswerFault{"RES-03/content-length", when<accepts_upgrade, put<content_length_name, zero>>},
    AnswerFault{"RES-04/connection", when<accepts_upgrade, name_attribute<connection>>},
    AnswerFault{"RES-04/te", when<accepts_upgrade, name_attribute<te>>},
    AnswerFault{"RES-04/trailer", when<accepts_upgrade, name_attribute<trailer>>},
    AnswerFault{"RES-04/host", when<accepts_upgrade, name_attribute<host>>},
    AnswerFault{"RES-04/content-length", when<accepts_upgrade, name_attribute<content_length_name>>},
    AnswerFault{"RES-04/set-cookie", when<accepts_upgrade, name_cookie>},
    AnswerFault{"RES-04/for-every-recipient", when<accepts_upgrade, repeat_names_for_all>},
    AnswerFault{"RES-06/interim", when<is_ordinary_get, send_101_before>},
    AnswerFault{"RES-06/interim-with-upgrade", when<is_ordinary_get, send_101_with_upgrade_before>},
    AnswerFault{"RES-06/final", when<is_ordinary_get, send_101_instead>},
    AnswerFault{"RES-06/head", when<is_ordinary_head, send_101_before>},
    AnswerFault{"RES-08/decline", when<declines, put<upgrade_name, websocket>>},
    AnswerFault{"RES-08/elsewhere", when<declines_elsewhere, put<upgrade_name, websocket>>},
    AnswerFault{"RES-08/ordinary", when<is_ordinary_get, put<upgrade_name, websocket>>},
    AnswerFault{"RES-08/interim", when<accepts_upgrade, send_upgrade_in_103>},
    AnswerFault{"RES-08/grammar", when<is_426, append_comma>},
    AnswerFault{"RES-08/two", when<is_426, upgrade_twice>},
    AnswerFault{"RES-09/missing", when<is_426, leave_out_upgrade>},
    AnswerFault{"RES-09/unasked", when<ordinary_or_connect_with_version, ask_for_upgrade>},
    AnswerFault{"RES-12/short", when<declines, promise_more>},
    AnswerFault{"WS-01/missing", when<accepts_websocket, no_digest>},
    AnswerFault{"WS-01/of-nothing", when<accepts_websocket, digest_of_nothing>},
    AnswerFault{"WS-01/constant", when<accepts_websocket, constant_digest>},
    AnswerFault{"WS-01/key", when<accepts_websocket, key_as_digest>},
    AnswerFault{"WS-01/unpadded", when<accepts_websocket, unpadded_digest>},
    AnswerFault{"WS-01/folded", when<accepts_websocket, folded_digest>},
    AnswerFault{"WS-03/two-keys", digest_of_key_as_it_came},
    AnswerFault{"WS-03/empty", digest_of_key_as_it_came},
    AnswerFault{"WS-03/size", digest_of_key_as_it_came},
    AnswerFault{"WS-03/not-base64", digest_of_key_as_it_came},
    AnswerFault{"WS-04/unsaid", when<speaks_of_version, leave_out_version>},
    AnswerFault{"WS-04/another", when<speaks_of_version, speak_of_another_version>},
    AnswerFault{"WS-05/unoffered", when<accepts_any_websocket, choose_unoffered>},
    AnswerFault{"WS-05/unasked", when<accepts_any_websocket, choose_unasked>},
    AnswerFault{"WS-05/default", when<accepts_any_websocket, choose_when_none_is_known>},
    AnswerFault{"WS-05/all", when<accepts_any_websocket, choose_all>},
    AnswerFault{"WS-05/capitals", when<accepts_any_websocket, choose_in_capitals>},
    AnswerFault{"WS-05/empty", when<accepts_any_websocket, choose_nothing>},
    AnswerFault{"WS-12/unasked", when<accepts_any_websocket, extend>},
    AnswerFault{"WS-12/unoffered", when<accepts_any_websocket, extend_otherwise>},
    AnswerFault{"XC-08/end-stream", when<accepts_connect, end_accept>},
    AnswerFault{"XC-08/content-length", when<accepts_connect, put<content_length_name, zero>>},
    AnswerFault{"XC-16/accept", when<accepts_connect, put<status_name, s101>>},
    AnswerFault{"XC-16/interim", when<accepts_connect, send_101_before>},
    AnswerFault{"XC-16/ordinary", when<is_ordinary_get, send_101_before>},
};

}  // namespace

std::span<const AnswerFault> answer_faults() { return rows; }

}  // namespace upspec
