// Violations of the reference client.
#include <array>

#include "peer/violations_tables.hpp"

namespace upspec {

namespace {

constexpr auto C = ReferenceRole::client;

// In the order of protocol.md. What an id does stands in the tables of *_faults.cpp, or where `breaks` names it.
constexpr auto table = std::to_array<Violation>({
    // 2. Negotiation
    {"NEG-02", C, "asks with :upgrade before the setting has come"},
    {"NEG-03", C, "takes a value above 1 for 1"},
    {"NEG-07", C, "minds the first SETTINGS only"},
    // 3. Request
    {"REQ-01/no-scheme", C, "asks with :upgrade and without :scheme"},
    {"REQ-01/no-path", C, "asks with :upgrade and without :path"},
    {"REQ-01/two-upgrades", C, "asks with two :upgrade"},
    {"REQ-02", C, "sends :upgrade behind the regular fields"},
    {"REQ-04", C, "sends :upgrade with CONNECT"},
    {"REQ-05/connection", C, "sends a connection field beside :upgrade"},
    {"REQ-05/upgrade", C, "sends an upgrade field beside :upgrade"},
    {"REQ-05/keep-alive", C, "sends a keep-alive field beside :upgrade"},
    {"REQ-05/te", C, "sends te: gzip beside :upgrade"},
    {"REQ-06", C, "sends :upgrade in a trailer section, behind an ordinary GET"},
    {"REQ-07", C, "ignores PUSH_PROMISE"},
    {"REQ-14/field", C, "sends a field name in capitals"},
    {"REQ-14/attribute", C, "sends an attribute in capitals"},
    // 4. Attributes
    {"ATT-01", C, "names cookie as an attribute"},
    // 5. Request content
    {"BODY-04", C, "sends octets of the channel with the request"},
    // 6. Response
    {"RES-05/no-upgrade", C, "takes 101 without :upgrade"},
    {"RES-05/two-upgrades", C, "takes the first of two :upgrade in 101"},
    {"RES-05/grammar", C, "takes 101 with a value outside the grammar"},
    {"RES-05/unoffered", C, "takes 101 with a protocol that was not offered"},
    {"RES-05/end-stream", C, "ignores END_STREAM on 101"},
    {"RES-05/connection", C, "ignores connection-specific fields in 101"},
    {"RES-06", C, "takes 101 to an ordinary request for an accept"},
    {"RES-07", C, "resets the stream at any other 1xx"},
    {"RES-08/final", C, "ignores :upgrade in a final response"},
    {"RES-08/interim", C, "ignores :upgrade in another 1xx"},
    {"RES-10/open", C, "leaves its side open after a decline"},
    {"RES-10/octets", C, "sends octets after a decline"},
    {"RES-11/ignored", C, "ignores HEADERS on a channel"},
    {"RES-11/sent", C, "ends the channel by a trailer section"},
    // 8. WebSocket
    {"WS-02/missing", C, "takes 101 without sec-websocket-accept"},
    {"WS-02/wrong", C, "takes any sec-websocket-accept"},
    {"WS-06/subprotocol", C, "takes a subprotocol that was not offered"},
    {"WS-06/extension", C, "takes an extension that was not offered"},
    // 12. Dialect connect
    {"XC-02", C, "sends :protocol before the setting has come"},
    {"XC-03", C, "takes a value above 1 for 1"},
    {"XC-06/no-scheme", C, "sends :protocol without :scheme"},
    {"XC-06/no-path", C, "sends :protocol without :path"},
    {"XC-09/connection", C, "sends a connection field beside :protocol"},
    {"XC-09/upgrade", C, "sends an upgrade field beside :protocol"},
    {"XC-12", C, "ends a channel by RST_STREAM(CANCEL)"},
    {"XC-16", C, "takes 101 for the accept"},
});

}  // namespace

std::span<const Violation> client_violations() { return table; }

}  // namespace upspec
