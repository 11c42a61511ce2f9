// An implementation under test as its file describes it (cases/targets/README.md): what it offers, how to start it.
// Text in, values out. Starts nothing: run/supervisor.hpp does.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "upgrade/dialect.hpp"

namespace upspec {

// Texts of these values may hold ${name}; the Supervisor fills them once it has chosen ports and a folder.
struct Implementation {
  // A named piece of text, maybe of one transport alone:  <let name="bind" when="tls">ssl crt ${pem} alpn h2</let>
  struct Piece {
    std::string name;
    std::string text;
    std::optional<bool> tls;  // `when`: nothing is always, true "tls", false "cleartext"
    int line = 0;
  };
  struct File {
    std::string name;  // in ${dir}
    std::string text;
  };
  // One process. Those of a file start in its order, each when the one before is ready; the last is the one under test.
  struct Start {
    std::string id;                    // names its log, and its port: ${id.port}; "server" for the last unless given
    std::vector<std::string> command;  // split already; ${...} is filled afterwards, so that a path may hold spaces
    std::vector<std::pair<std::string, std::string>> environment;
    std::vector<File> files;
    std::vector<std::string> logs;  // files that it writes itself: their ends belong to its last output
    std::string ready_line;         // ready when its output holds this; empty: when its port accepts
    double within = 20;             // seconds until it must be ready
    int line = 0;
  };

  std::string file;                          // as it was given, for messages
  std::string name;                          // "HAProxy"
  std::string role;                          // "server", "proxy", "client"
  std::vector<std::string> packages;         // of Debian: named when a program is missing
  std::vector<std::string> version_command;  // its first line of output is the version; may be empty
  std::vector<Piece> pieces;
  std::vector<Start> starts;  // empty: it runs already, at host:port

  std::string host = "127.0.0.1";
  std::optional<std::uint16_t> port;  // nothing: a free one is chosen
  bool cleartext = true;              // can be tested so
  bool tls = false;
  std::string ca;  // a CA's file, where its certificate is not ${cert}
  bool insecure = false;
  std::string server_name;

  std::vector<std::string> client_command;    // of a client: run once a case; empty: what is started plays our page
  std::vector<std::string> client_protocols;  // of a client: as of --client-protocols

  bool upgrades = true;                            // of a proxy: to its origin
  double origin_timeout = 0;                       // of a proxy: seconds that it waits for a silent origin
  std::vector<std::string> ways;                   // of a proxy: 21, 12, 22
  std::vector<Dialect> dialects;                   // empty: those that it announces
  std::optional<std::string> websocket, raw, h2c;  // paths; nothing: not offered
  bool upgrade_needs_setting = true;               // false: negotiation="none"
  std::optional<std::uint16_t> setting_id;

  std::string authority;  // empty: the harness's choice
  std::vector<std::pair<std::string, std::string>> headers;
  std::optional<int> restart_every;  // <restart every="N"/>: also after each N cases; 1 is each case. Nothing: on death
  std::string known_failures;        // a baseline's file, found from the description's folder; empty: none
};

// Names to texts:  {"port", "20123"}, {"origin.port", "20124"}, {"bind", "ssl crt ..."}
using Values = std::map<std::string, std::string, std::less<>>;
// "a ${x} b" with the value of x in its place; "$${x}" is the text "${x}". The error names what is open or unknown.
Result<std::string> fill(std::string_view text, const Values& values);

// The names that the Supervisor gives a value, whatever the file says: transport ("tls" or
// "cleartext"), port, host, dir, here, cert, key, pem, ca, and
// ID.port of each process; of a proxy origin.port, too, where the harness listens behind it; of a client url, the page
// that it is to open, and spki, the hash of the certificate's key.
std::vector<std::string> given_names(const Implementation& implementation);
// Those and the file's pieces for this transport; a piece may use what stands before it.
Result<Values> with_pieces(Values given, const Implementation& implementation, bool tls);

// The error is one line: "FILE:LINE: what is wrong, what would be right".
Result<Implementation> load_implementation(const std::string& file);
// The same for a text; `name` stands in errors, and files named in the text are looked for beside it.
Result<Implementation> parse_implementation(std::string_view text, const std::string& name);

}  // namespace upspec
