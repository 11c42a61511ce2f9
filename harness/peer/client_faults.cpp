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
bool in_none(const Section& request) { return !asked_dialect(request); }

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
constexpr char method[] = ":method";
constexpr char proxy_connection[] = "proxy-connection";
constexpr char transfer_encoding[] = "transfer-encoding";
constexpr char chunked[] = "chunked";

void empty_path(Section& request) {
  if (in_upgrade(request)) set(request, ":path", "");
}
void path_twice(Section& request) {
  if (in_upgrade(request)) request.insert(request.begin(), {":path", "/"});
}

void upgrade_twice(Section& request) {
  if (in_upgrade(request)) request.insert(request.begin(), {":upgrade", *h2::find(request, ":upgrade")});
}
void upgrade_late(Section& request) {
  if (in_upgrade(request)) send_back(request, ":upgrade");
}
void ask_with_connect(Section& request) {
  if (in_upgrade(request)) set(request, ":method", "CONNECT");
}
void name_attribute(Section& request, std::string_view name) {
  set(request, ":upgrade", cat(*h2::find(request, ":upgrade"), "; ", name));
}
void attribute_in_capitals(Section& request) {
  if (!in_upgrade(request)) return;
  request.push_back({"x-note", "1"});
  name_attribute(request, "X-Note");
}
void name_cookie(Section& request) {
  if (!in_upgrade(request)) return;
  request.push_back({"cookie", "a=b"});
  name_attribute(request, "cookie");
}
void name_host(Section& request) {
  if (in_upgrade(request)) name_attribute(request, "host");
}
void name_what_is_not_there(Section& request) {
  if (in_upgrade(request)) name_attribute(request, "x-not-there");
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
void take_any_case_of_digest(ClientAnswer& answer) {
  const auto* value = h2::find(answer.fields, "sec-websocket-accept");
  if (value && equal_folded(*value, right_digest(answer))) take_any_digest(answer);
}
void take_one_of_list(ClientAnswer& answer) {
  const auto* value = h2::find(answer.fields, ":upgrade");
  if (is_101(answer) && value && value->find(',') != value->npos) set(answer.fields, ":upgrade", offered(answer));
}
void take_longer_name(ClientAnswer& answer) {
  const auto* value = h2::find(answer.fields, ":upgrade");
  if (is_101(answer) && value && parse_accepted(*value) && value->starts_with(offered(answer)))
    set(answer.fields, ":upgrade", offered(answer));
}
void take_late_upgrade(ClientAnswer& answer) {
  if (is_101(answer)) bring_forward(answer.fields, ":upgrade"), bring_forward(answer.fields, ":status");
}
// Whatever the answer is, it becomes the accept.
void make_accept(ClientAnswer& answer) {
  answer.end_stream = false;
  if (in_connect(answer.request)) {
    answer.fields = {{":status", "200"}};
  } else {
    answer.fields = {{":status", "101"}, {":upgrade", offered(answer)}, {"sec-websocket-accept", right_digest(answer)}};
  }
}
int final_status(const ClientAnswer& answer) {
  const auto status = status_of(answer.fields).value_or(0);
  return !in_none(answer.request) && status >= 200 ? status : 0;
}
void take_any_final(ClientAnswer& answer) {
  if (final_status(answer) != 0) make_accept(answer);
}
void take_200(ClientAnswer& answer) {
  if (final_status(answer) == 200 && in_upgrade(answer.request) && !h2::find(answer.fields, ":upgrade"))
    make_accept(answer);
}
void take_200_with_upgrade(ClientAnswer& answer) {
  if (final_status(answer) == 200 && h2::find(answer.fields, ":upgrade")) make_accept(answer);
}
void take_interim_for_final(ClientAnswer& answer) {
  if (is_interim(answer.fields) && !is_101(answer)) set(answer.fields, ":status", "200");
}
void take_101_for_final(ClientAnswer& answer) {
  if (is_101(answer) && in_none(answer.request)) answer.fields = {{":status", "200"}};
}
void take_101_for_200(ClientAnswer& answer) {
  if (is_101(answer) && in_connect(answer.request)) answer.fields = {{":status", "200"}};
}

constexpr std::array request_rows = {
    ClientRequestFault{"REQ-01/no-scheme", leave_out<in_upgrade, scheme>},
    ClientRequestFault{"REQ-01/no-path", leave_out<in_upgrade, path>},
    ClientRequestFault{"REQ-01/two-upgrades", upgrade_twice},
    ClientRequestFault{"REQ-01/no-method", leave_out<in_upgrade, method>},
    ClientRequestFault{"REQ-01/empty-path", empty_path},
    ClientRequestFault{"REQ-01/two-paths", path_twice},
    ClientRequestFault{"REQ-02", upgrade_late},
    ClientRequestFault{"REQ-04", ask_with_connect},
    ClientRequestFault{"REQ-05/connection", add<in_upgrade, connection, upgrade>},
    ClientRequestFault{"REQ-05/upgrade", add<in_upgrade, upgrade, websocket>},
    ClientRequestFault{"REQ-05/keep-alive", add<in_upgrade, keep_alive, keep_alive_value>},
    ClientRequestFault{"REQ-05/te", add<in_upgrade, te, gzip>},
    ClientRequestFault{"REQ-05/proxy-connection", add<in_upgrade, proxy_connection, keep_alive>},
    ClientRequestFault{"REQ-05/transfer-encoding", add<in_upgrade, transfer_encoding, chunked>},
    ClientRequestFault{"REQ-05/ordinary", add<in_none, connection, keep_alive>},
    ClientRequestFault{"REQ-14/attribute", attribute_in_capitals},
    ClientRequestFault{"ATT-01", name_cookie},
    ClientRequestFault{"ATT-01/framing", name_host},
    ClientRequestFault{"ATT-01/absent", name_what_is_not_there},
    ClientRequestFault{"XC-06/no-scheme", leave_out<in_connect, scheme>},
    ClientRequestFault{"XC-06/no-path", leave_out<in_connect, path>},
    ClientRequestFault{"XC-09/connection", add<in_connect, connection, upgrade>},
    ClientRequestFault{"XC-09/upgrade", add<in_connect, upgrade, websocket>},
};

constexpr std::array answer_rows = {
    ClientAnswerFault{"REQ-02/taken", take_late_upgrade},
    ClientAnswerFault{"RES-05/no-upgrade", guess_upgrade},
    ClientAnswerFault{"RES-05/list", take_one_of_list},
    ClientAnswerFault{"RES-05/longer-name", take_longer_name},
    ClientAnswerFault{"RES-05/two-upgrades", first_upgrade},
    ClientAnswerFault{"RES-05/grammar", mend_upgrade},
    ClientAnswerFault{"RES-05/unoffered", take_any_protocol},
    ClientAnswerFault{"RES-05/end-stream", overlook_end},
    ClientAnswerFault{"RES-05/connection", overlook_connection_fields},
    ClientAnswerFault{"RES-06/final", take_101_for_final},
    ClientAnswerFault{"RES-07/final", take_interim_for_final},
    ClientAnswerFault{"RES-08/accepted", take_200_with_upgrade},
    ClientAnswerFault{"RES-08/final", overlook_upgrade_in_final},
    ClientAnswerFault{"RES-08/interim", overlook_upgrade_in_interim},
    ClientAnswerFault{"RES-10/accepted", take_any_final},
    ClientAnswerFault{"RES-10/200", take_200},
    ClientAnswerFault{"WS-02/missing", guess_digest},
    ClientAnswerFault{"WS-02/case", take_any_case_of_digest},
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
