// A case as a value: what the files of cases/ say, with every `<each>` row and dialect spelled out.
// Text here is a Template: `${...}` is filled when the case is played, escapes are already octets.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/octets.hpp"
#include "base/result.hpp"
#include "h2/frame.hpp"
#include "h2/hpack.hpp"
#include "scenario/template.hpp"
#include "upgrade/dialect.hpp"

namespace upspec {

struct Place {
  std::string file;
  int line = 0;
};

// ---- Parts of `<send>` ----------------------------------------------------------------------------------------

struct FieldLine {
  enum class Change { set, add, last, remove };  // "name: v", "+name: v", ">name: v", "-name"
  Change change = Change::set;
  Template name;
  Template value;
};

struct SendHeaders {
  std::uint32_t stream = 1;
  std::vector<FieldLine> like;   // of the message that `like=` names
  std::vector<FieldLine> lines;  // the case's own difference
  bool end = false;
  Template cut;   // fragment sizes, "10 1"; the rest goes into a last CONTINUATION. Empty: as few frames as need be
  Template form;  // words of parse_form
  std::optional<std::uint8_t> padding;
};
struct SendData {
  std::uint32_t stream = 1;
  Template octets;
  std::optional<std::uint8_t> padding;
  bool end = false;
  bool exact = true;    // one DATA frame as it is; false (`<octets>`): as many as windows and frame sizes ask for
  bool beyond = false;  // the octets again and again, until the frame is one octet too large for the peer
  std::size_t largest = SIZE_MAX;  // octets of each frame, where they are many
};
struct SendWs {
  std::uint32_t stream = 1;
  std::uint8_t opcode = 1;
  bool fin = true;
  bool masked = true;
  std::uint8_t rsv = 0;
  std::optional<std::uint16_t> code;  // of Close
  Template payload;
  std::optional<std::uint8_t> padding;  // of each DATA frame
  std::size_t largest = SIZE_MAX;       // octets of each
};
// `op="message"`: text or binary, as the client has chosen for its own.
inline constexpr std::uint8_t any_message = 0xff;
struct SendFrame {  // the escape hatch: any frame
  std::uint8_t type = 0;
  std::uint8_t flags = 0;
  std::uint32_t stream = 0;
  Octets payload;
};
struct SendHead {  // of HTTP/1.1, as it is written; an empty line follows
  std::vector<Template> lines;
  std::optional<std::size_t> most;  // so many octets of it, and no more
};
struct SendChunk {  // of HTTP/1.1 content; empty: the last one
  Template octets;
};
struct SendAccept {  // behind a proxy: the accept of the request that the step's name is bound to, in its own form
  std::uint32_t stream = 1;
  std::vector<FieldLine> lines;  // beside
};
struct SendRaw {
  Octets octets;
};
struct SendEnd {
  std::uint32_t stream = 1;
};
struct SettingLine {
  std::uint16_t id = 0;  // 0xf101 stands for the run's SETTINGS_ENABLE_UPGRADE
  Template value;
};
struct SendSettings {
  std::vector<SettingLine> list;
};
struct SendPush {  // PUSH_PROMISE, for the request that the lines spell
  std::uint32_t stream = 1;
  std::uint32_t promised = 2;
  std::vector<FieldLine> like;
  std::vector<FieldLine> lines;
};
struct SendGoaway {
  std::uint32_t last = 0x7fffffff;
  std::uint32_t code = 0;
};
using SendPart = std::variant<SendHeaders, SendData, SendWs, SendFrame, SendRaw, SendEnd, SendSettings, SendPush,
                              SendGoaway, SendHead, SendChunk, SendAccept>;

// ---- Parts of `<expect>` --------------------------------------------------------------------------------------

struct Pattern {
  enum class Kind { exact, any, regex, list };
  Kind kind = Kind::exact;
  Template text;                    // exact: the value; regex: the expression
  std::vector<Template> members;    // list
  std::vector<Template> forbidden;  // list: "!member"
  bool others = false;              // list: `*` was among them
  std::string capture;              // the name that takes the value (`${x:=*}` is `any` with a name)
};

struct FieldExpectation {
  bool absent = false;  // "!name"
  std::string name;
  Pattern pattern;
};

struct ExpectHeaders {
  std::uint32_t stream = 1;
  std::vector<FieldExpectation> fields;
  std::optional<bool> end;  // END_STREAM on it: yes, no, or not looked at
};
struct ExpectHead {  // of HTTP/1.1
  std::uint32_t stream = 1;
  std::vector<Pattern> start;  // a word each
  std::vector<FieldExpectation> fields;
};
struct ExpectContent {  // all of an HTTP/1.1 message's
  std::uint32_t stream = 1;
  Template octets;
};
struct ExpectAborted {
  std::uint32_t stream = 1;
};
struct ExpectOctets {
  std::uint32_t stream = 1;
  Template octets;
};
struct ExpectAmount {  // so many octets, whatever they are; none is taken
  std::uint32_t stream = 1;
  std::size_t least = 0;
};
struct ExpectWs {  // a whole message, or a control frame; frame borders and Pings between mean nothing
  std::uint32_t stream = 1;
  std::uint8_t opcode = 1;
  std::optional<std::uint16_t> code;
  Template payload;
};
struct ExpectEnd {
  std::uint32_t stream = 1;
  bool past_octets = false;  // octets before it are passed over
};
struct ExpectInner {  // the header and payload of one HTTP/2 frame, in the octets of the channel
  std::uint32_t stream = 1;
  std::uint8_t type = 0;
};
struct ExpectReset {
  std::uint32_t stream = 1;
  bool past_octets = false;
  std::optional<std::uint32_t> code;
};
struct ExpectGoaway {
  std::optional<std::uint32_t> code;
};
struct ExpectClosed {};
struct ExpectRequest {  // the client asks for what the case is about, in its dialect; `key` takes its key
  std::uint32_t stream = 1;
};
struct ExpectSettingsAck {};  // of every SETTINGS that the case has sent
using ExpectPart =
    std::variant<ExpectHeaders, ExpectOctets, ExpectAmount, ExpectWs, ExpectEnd, ExpectReset, ExpectGoaway,
                 ExpectClosed, ExpectSettingsAck, ExpectRequest, ExpectHead, ExpectContent, ExpectAborted, ExpectInner>;

// ---- Steps ----------------------------------------------------------------------------------------------------

// A row of protocol.md section 1, by name, with its error code where it has one.
struct OutcomeName {
  std::string name;  // "accept", "malformed", "decline", "refused", "stream-error", "connection-error"; of a client
                     // also "fails-handshake", "gives-up"
  std::uint32_t code = 0;
  std::uint32_t stream = 1;
};

struct Expectation {
  // not_testable: right, but the case ends here as a skip. ends: right, and nothing is left to be tried.
  enum class Met { plainly, with_note, not_testable, ends };
  std::variant<OutcomeName, std::vector<ExpectPart>> what;
  Met met = Met::plainly;
  std::string about = {};  // why there is a note, or nothing to test
  std::string at = {};     // where, when it is not where the step is
};

struct Send {
  std::vector<SendPart> parts;
  std::size_t split = 0;  // octets a write; 0: one write
  std::size_t times = 1;
};
struct Expect {  // `<expect>` and `<outcome>` have one alternative, `<any-of>` several
  std::vector<Expectation> alternatives;
  // Of a request behind a proxy: on another connection than all before it, or on one of those.
  enum class On { any, fresh, same };
  On connection = On::any;
};
struct Quiet {
  std::uint32_t stream = 1;
  bool not_reset = false;  // a RST_STREAM breaks it too
};
struct Never {  // these octets have not come on that stream, in DATA, so far
  std::uint32_t stream = 1;
  Template octets;
};
struct Alive {};
struct Flow {  // octets of a pattern, from one end of the bound channel to the other
  std::string from, to;
  std::uint64_t octets = 0;
  bool press = false;  // first nobody reads: `octets` is the most that may be written until it stops
};
struct Refuse {  // behind a proxy
  enum class How {
    fin,         // a connection is ended as soon as a request has come on it
    reset,       // likewise
    connection,  // no connection is taken any more (ECONNREFUSED); a request on an old one meets a reset
  };
  How how = How::fin;
};
struct Let {
  std::string name;
  Template value;
};
struct Connect {                      // a further connection, named by the step's `at`
  std::vector<SettingLine> settings;  // in its first SETTINGS, beside the harness's own
  bool keeps_windows = false;         // the harness gives no window back by itself
};
struct Cut {
  bool reset = false;  // a TCP reset, or FIN
};
struct Report {  // the client's program ends, and says so by its exit status
  bool success = false;
};

struct Step {
  std::variant<Send, Expect, Quiet, Never, Alive, Let, Connect, Cut, Report, Refuse, Flow> what;
  std::string at = "client";  // the link's name: "client" (ours, that connects), "server", "origin" (ours, that waits)
  int line = 0;
};

// The connections that a case of this role has from its beginning: those that we make, then those that we wait for.
struct FirstLink {
  std::string_view role;
  std::string_view name;
  bool accepts;
};
inline constexpr std::array first_links = {FirstLink{"server", "client", false}, FirstLink{"client", "server", true},
                                           FirstLink{"proxy", "client", false}, FirstLink{"proxy", "origin", true}};

struct Case {
  std::string id;        // with its dialect in front where it runs in both: "connect.channel/half-close", and a proxy's
                         // way before all: "21.connect.channel/half-close"
  std::string short_id;  // without them
  std::string role;      // of the implementation under test: "server", "client", "proxy"
  std::string way;       // of a proxy: "21", "12", "22" (protocol.md section 10); else empty
  Dialect dialect = Dialect::upgrade;
  std::string subject;
  std::vector<std::string> checks;  // requirement ids
  std::vector<std::string> needs;   // of "websocket raw h2c setting"; a client's says one of them, or "none"
  std::string message = "hello";    // what the client is told to send once it has its channel
  std::string stands_on;            // short id of a control; empty for none
  bool control = false;
  // A server: played only where it has not announced the dialect (NEG-05, XC-07). A client: we do not announce it.
  bool unannounced = false;
  // What a server must have announced before the first step; it may do so in a later SETTINGS frame (RFC 9113 6.5).
  enum class Awaits : std::uint8_t { nothing, its_dialect, any_dialect } awaits = Awaits::nothing;
  std::map<std::string, Template> values;  // of the `<each>` rows
  // In the first SETTINGS on the connections that a case has from its beginning, beside the harness's own; by their
  // names.
  std::map<std::string, std::vector<SettingLine>, std::less<>> settings;
  bool keeps_windows = false;  // on those connections
  std::vector<Step> steps;
  Place place;
  std::string source;  // the case's XML as it stands in the file
};

// The protocol that a client is told to ask for: "websocket", "upspec-echo", "h2c", or "none" for an ordinary GET.
std::string_view protocol_of(const Case& one);

}  // namespace upspec
