// What a call of `upspec` asks for, as values. Made by cli.hpp from a command line; nothing here reads one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "endpoint/connect.hpp"
#include "endpoint/proxy.hpp"
#include "endpoint/serve.hpp"
#include "h2/hpack.hpp"
#include "net/address.hpp"
#include "run/selection.hpp"
#include "upgrade/dialect.hpp"

namespace upspec {

struct RunOptions {
  std::vector<std::string> command_line;  // as it was given, the program first

  std::string role;  // of the implementation under test; empty: as --implementation or --target says, else every role

  std::optional<Address> target;
  std::optional<bool> tls;
  std::string ca;
  bool insecure = false;
  std::string server_name;
  std::string implementation;

  std::vector<Dialect> dialects;
  std::optional<bool> upgrade_needs_setting;  // `--negotiation`
  std::optional<std::uint16_t> setting_id;
  std::optional<std::string> websocket, raw, h2c;  // paths
  std::vector<h2::Field> fields;
  std::string authority;

  std::vector<std::string> ways;              // role proxy: of 21, 12, 22
  std::optional<Address> origin;              // role proxy: where we listen behind it
  double origin_timeout = 0;                  // role proxy: seconds it waits for a silent origin; 0: not said
  std::string client_command;                 // role client; empty: the embedded reference
  std::vector<std::string> client_protocols;  // empty: what is usual
  std::string ca_out;
  std::optional<Address> listen;  // wait for clients that are not started by the harness

  std::string cases;  // folder; empty: found beside the program
  Filter filter;
  bool strict = false;
  std::size_t jobs = 16;
  double timeout = 5;  // seconds
  std::size_t repeat = 1;
  bool until_fail = false;
  std::uint64_t seed = 1;
  bool verbose = false;
  std::string baseline, write_baseline;
  std::string out = "reports/out";
};

struct FuzzOptions {
  // Where it is, what it offers, where reports go, seed, jobs, patience (`timeout`): as of `upspec run`.
  RunOptions run;
  double seconds = 60;
  std::vector<std::string> corpora;  // the first is written, the others are read
  bool regressions = false;          // seeds and corpora once, and nothing else
};

struct DiffOptions {
  RunOptions run;                            // dialects, transport, seed, patience, where reports go
  std::vector<std::string> implementations;  // their files
  bool with_reference = true;                // the built-in server is the first
  double seconds = 30;
  bool write_known = false;  // each file's differences go beside it
};

struct ListOptions {
  std::string cases;
  std::string role;  // empty: all
  Filter filter;
  bool json = false;
  bool requirements = false;
};

struct ShowOptions {
  std::string cases;
  std::string id;
};

struct SelftestOptions {
  ReferenceRole role = ReferenceRole::server;
  std::string cases;
  bool all = false;    // every case against every violation
  bool first = false;  // until one notices
  bool verbose = false;
  std::vector<std::string> violations;  // globs; empty: all
  std::string out = "reports/out";
};

struct ConvertOptions {
  enum class To : std::uint8_t { seed, script, case_file };
  std::string cases;
  To to = To::seed;
  std::string in;   // a file, or a case's id
  std::string out;  // empty: stdout
  // Of the case that is written.
  std::string id = "found";
  std::string checks = "TUN-01";
  std::string about;
};

struct ListViolations {
  ReferenceRole role;
};

// The call is answered already: help, version, or what is wrong with it.
struct Answered {
  int status = 0;
  std::string out;
  std::string err;
};

using Call =
    std::variant<Answered, RunOptions, ListOptions, ShowOptions, ServeOptions, ConnectOptions, ProxyCommandOptions,
                 ListViolations, SelftestOptions, FuzzOptions, DiffOptions, ConvertOptions>;

}  // namespace upspec
