#include "peer/client_faults.hpp"

#include <array>
#include <string>

#include "base/text.hpp"
#include "peer/section_edit.hpp"
#include "upgrade/attributes.hpp"
#include "upgrade/offer.hpp"
#include "upgrade/sections.hpp"
#include "ws/handshake.hpp"

namespace upspec {

namespace {

using Section = h2::FieldSection;

bool in_upgrade(const Section& request) { return asked_dialect(request) == Dialect::upgrade; }
bool in_connect(const Section& request) { return asked_dialect(request) == Dialect::connect; }

// As sender. `where` says in which dialect.

template <bool (*where)(const Section&), const char* name>
void leave_out(Section& request) {
  if (where(request)) drop(request, name);
}
template <bool (*where)(const Section&), const char* name, const char* value>
void add(Section& request) {
  if (where(request)) request.push_back({name, value});
}
constexpr char scheme[] = ":scheme";
constexpr char path[] = ":path";
constexpr char connection[] = "connection";
constexpr char upgrade[] = "upgrade";
constexpr char websocket[] = "websocket";
constexpr char keep_alive[] = "keep-alive";
constexpr char keep_alive_value[] = "timeout=5";
constexpr char te[] = "te";
constexpr char gzip[] = "gzip";

void upgrade_twice(Section& request) {
  if (in_upgrade(request)) request.insert(request.begin(), {":upgrade", *h2::find(request, ":upgrade")});
}
void upgrade_late(Section& request) {
  if (in_upgrade(request)) send_back(request, ":upgrade");
}
void ask_with_connect(Section& request) {
  if (in_upgrade(request)) set(request, ":method", "CONNECT");
}
void attribute_in_capitals(Section& request) {
  if (!in_upgrade(request)) return;
  request.push_back({"x-note", "1"});
  set(request, ":upgrade", cat(*h2::find(request, ":upgrade"), "; X-Note"));
}
void name_cookie(Section& request) {
  if (!in_upgrade(request)) return;
  request.push_back({"cookie", "a=b"});
  set(request, ":upgrade", cat(*h2::find(request, ":upgrade"), "; cookie"));
}

// As receiver: what a client that forgives makes of the answer.

bool is_101(const ClientAnswer& answer) { return status_of(answer.fields) == 101; }
std::string offered(const ClientAnswer& answer) {
  const auto asked = asked_by(answer.request);
  return asked.offers.empty() ? std::string() : asked.offers.front().protocol;
}

void guess_upgrade(ClientAnswer& answer) {
  if (is_101(answer) && !offered(answer).empty()) set_if_missing(answer.fields, ":upgrade", offered(answer));
}
void first_upgrade(ClientAnswer& answer) {
  if (is_101(answer)) drop_later(answer.fields, ":upgrade");
}
void mend_upgrade(ClientAnswer& answer) {
  const auto* value = h2::find(answer.fields, ":upgrade");
  if (is_101(answer) && value && !parse_accepted(*value)) set(answer.fields, ":upgrade", offered(answer));
}
void take_any_protocol(ClientAnswer& answer) {
  const auto* value = h2::find(answer.fields, ":upgrade");
  if (is_101(answer) && value && parse_accepted(*value)) set(answer.fields, ":upgrade", offered(answer));
}
void overlook_end(ClientAnswer& answer) {
  if (is_101(answer)) answer.end_stream = false;
}
void overlook_connection_fields(ClientAnswer& answer) {
  if (is_101(answer))
    std::erase_if(answer.fields, [](const auto& field) { return is_connection_specific(field.name); });
}
void overlook_upgrade_in_final(ClientAnswer& answer) {
  const auto status = status_of(answer.fields).value_or(0);
  if (status >= 200 && status != 426) drop(answer.fields, ":upgrade");
}
void overlook_upgrade_in_interim(ClientAnswer& answer) {
  if (is_interim(answer.fields)) drop(answer.fields, ":upgrade");
}
std::string right_digest(const ClientAnswer& answer) {
  const auto* key = h2::find(answer.request, "sec-websocket-key");
  return key ? ws::accept_for(*key) : std::string();
}
void guess_digest(ClientAnswer& answer) {
  if (is_101(answer)) set_if_missing(answer.fields, "sec-websocket-accept", right_digest(answer));
}
void take_any_digest(ClientAnswer& answer) {
  if (h2::find(answer.fields, "sec-websocket-accept")) set(answer.fields, "sec-websocket-accept", right_digest(answer));
}
void take_any_subprotocol(ClientAnswer& answer) { drop(answer.fields, "sec-websocket-protocol"); }
void take_any_extension(ClientAnswer& answer) { drop(answer.fields, "sec-websocket-extensions"); }
void take_101_for_200(ClientAnswer& answer) {
  if (is_101(answer) && in_connect(answer.request)) set(answer.fields, ":status", "200");
}

constexpr std::array request_rows = {
    ClientRequestFault{"REQ-01/no-scheme", leave_out<in_upgrade, scheme>},
    ClientRequestFault{"REQ-01/no-path", leave_out<in_upgrade, path>},
    ClientRequestFault{"REQ-01/two-upgrades", upgrade_twice},
    ClientRequestFault{"REQ-02", upgrade_late},
    ClientRequestFault{"REQ-04", ask_with_connect},
    ClientRequestFault{"REQ-05/connection", add<in_upgrade, connection, upgrade>},
    ClientRequestFault{"REQ-05/upgrade", add<in_upgrade, upgrade, websocket>},
    ClientRequestFault{"REQ-05/keep-alive", add<in_upgrade, keep_alive, keep_alive_value>},
    ClientRequestFault{"REQ-05/te", add<in_upgrade, te, gzip>},
    ClientRequestFault{"REQ-14/attribute", attribute_in_capitals},
    ClientRequestFault{"ATT-01", name_cookie},
    ClientRequestFault{"XC-06/no-scheme", leave_out<in_connect, scheme>},
    ClientRequestFault{"XC-06/no-path", leave_out<in_connect, path>},
    ClientRequestFault{"XC-09/connection", add<in_connect, connection, upgrade>},
    ClientRequestFault{"XC-09/upgrade", add<in_connect, upgrade, websocket>},
};

constexpr std::array answer_rows = {
    ClientAnswerFault{"RES-05/no-upgrade", guess_upgrade},
    ClientAnswerFault{"RES-05/two-upgrades", first_upgrade},
    ClientAnswerFault{"RES-05/grammar", mend_upgrade},
    ClientAnswerFault{"RES-05/unoffered", take_any_protocol},
    ClientAnswerFault{"RES-05/end-stream", overlook_end},
    ClientAnswerFault{"RES-05/connection", overlook_connection_fields},
    ClientAnswerFault{"RES-08/final", overlook_upgrade_in_final},
    ClientAnswerFault{"RES-08/interim", overlook_upgrade_in_interim},
    ClientAnswerFault{"WS-02/missing", guess_digest},
    ClientAnswerFault{"WS-02/wrong", take_any_digest},
    ClientAnswerFault{"WS-06/subprotocol", take_any_subprotocol},
    ClientAnswerFault{"WS-06/extension", take_any_extension},
    ClientAnswerFault{"XC-16", take_101_for_200},
};

}  // namespace

std::span<const ClientRequestFault> client_request_faults() { return request_rows; }
std::span<const ClientAnswerFault> client_answer_faults() { return answer_rows; }

void spoil(Section& request, const Violations& violations) {
  for (const auto& fault : request_rows)
    if (violations.breaks(fault.id)) fault.apply(request);
}

void forgive(ClientAnswer& answer, const Violations& violations) {
  for (const auto& fault : answer_rows)
    if (violations.breaks(fault.id)) fault.apply(answer);
}

}  // namespace upspec
