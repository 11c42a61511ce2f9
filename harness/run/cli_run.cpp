// `upspec run`: its options.
#include <CLI/App.hpp>
#include <CLI/Option.hpp>
#include <cmath>
#include <memory>

#include "base/text.hpp"
#include "peer/reference_proxy.hpp"
#include "run/cli_commands.hpp"

namespace upspec::cli {
namespace {

// What CLI11 fills; what needs a look of ours stays text until then.
struct RunTexts {
  RunOptions options;
  FilterTexts filter;
  NegotiationTexts negotiation;
  std::vector<std::string> headers;
  std::string role, target, listen, origin, websocket, raw, h2c;
  bool tls = false, cleartext = false;
};

void add_target(CLI::App& command, RunTexts& to) {
  RunOptions& options = to.options;
  command
      .add_option("--role", to.role,
                  "role of the implementation under test: server, client or proxy; default: server with --target, "
                  "without it every role of the embedded reference")
      ->type_name("ROLE");
  command.add_option("--target", to.target, "where it listens; default: the embedded reference")
      ->type_name("HOST:PORT");
  command.add_option("--implementation", options.implementation, "all of this, and how to start it, as XML")
      ->type_name("FILE");
  command.add_flag("--tls", to.tls, "TLS with ALPN h2");
  command.add_flag("--cleartext", to.cleartext, "prior knowledge (default)");
  command.add_option("--ca", options.ca, "whom to trust, PEM")->type_name("FILE");
  command.add_flag("--insecure", options.insecure, "trust anybody");
  command.add_option("--server-name", options.server_name, "for SNI and the certificate's check")->type_name("NAME");
}

void add_client(CLI::App& command, RunTexts& to) {
  RunOptions& options = to.options;
  command.add_option("--origin", to.origin, "role proxy: where we listen as the origin behind it")
      ->type_name("HOST:PORT");
  add_repeated(command, "--way", options.ways, "role proxy: 21 (default), 12 or 22", ',')->type_name("WAY");
  command.add_option("--origin-timeout", options.origin_timeout, "role proxy: how long it waits for a silent origin")
      ->type_name("SECONDS");
  command.add_option("--listen", to.listen, "role client: wait for clients that come by themselves")
      ->type_name("HOST:PORT");
  command
      .add_option("--client-command", options.client_command,
                  "role client: run once a case, with {url} {dialect} {protocol} {message} {ca} filled")
      ->type_name("'CMD ...'");
  add_repeated(command, "--client-protocols", options.client_protocols,
               "role client: what it can do, of websocket, upspec-echo, h2c, none (websocket,none)", ',')
      ->type_name("LIST");
  command.add_option("--ca-out", options.ca_out, "role client: where the CA of the harness's certificate goes")
      ->type_name("FILE");
}

void add_offer(CLI::App& command, RunTexts& to) {
  add_negotiation(command, to.negotiation);
  command.add_option("--websocket", to.websocket, "where it offers a websocket echo (/echo)")->type_name("PATH");
  command.add_option("--raw", to.raw, "where it offers upspec-echo")->type_name("PATH");
  command.add_option("--h2c", to.h2c, "where it offers h2c")->type_name("PATH");
  add_repeated(command, "--header", to.headers, "added to every request")->type_name("'NAME: VALUE'");
  command.add_option("--authority", to.options.authority, "of every request")->type_name("NAME");
}

void add_running(CLI::App& command, RunOptions& options) {
  command.add_flag("--strict", options.strict, "notes count as failures");
  command.add_option("--jobs", options.jobs, "cases side by side (16)")->type_name("N");
  command.add_option("--timeout", options.timeout, "the longest wait for one awaited event (5)")->type_name("SECONDS");
  command.add_option("--repeat", options.repeat, "rounds")->type_name("N");
  command.add_flag("--until-fail", options.until_fail, "stop at the first round that fails; without --repeat: no end");
  command.add_option("--seed", options.seed, "of keys and masks (1)")->type_name("N");
  command.add_flag("-v,--verbose", options.verbose, "show every frame");
}

void add_reports(CLI::App& command, RunOptions& options) {
  command.add_option("--baseline", options.baseline, "known failures, which do not fail the run")->type_name("FILE");
  command.add_option("--write-baseline", options.write_baseline, "write the failures of this run")->type_name("FILE");
  command.add_option("--out", options.out, "where the reports go (reports/out)")->type_name("DIR");
}

Result<void> check_role(const std::string& role) {
  if (role.empty() || role == "server" || role == "client" || role == "proxy") return {};
  return fail(cat("--role ", role, ": no such role; there are server, client and proxy"));
}

Result<void> check_numbers(const RunOptions& options, bool repeat_given) {
  if (options.jobs < 1) return fail("--jobs: at least 1");
  if (!std::isfinite(options.timeout) || options.timeout <= 0 || options.timeout > 86400)
    return fail("--timeout: more than 0 seconds, at most a day");
  if (repeat_given && options.repeat < 1) return fail("--repeat: at least 1");
  return {};
}

Result<std::optional<std::string>> path_from(const CLI::App& command, const char* option, const std::string& path) {
  if (command.get_option(option)->count() == 0) return std::nullopt;
  if (!path.empty() && path.front() != '/')
    return fail(cat(option, " ", path, ": a path begins with '/'; '' says that it is not offered"));
  return path;
}

Result<void> take_target(RunTexts& texts) {
  RunOptions& options = texts.options;
  if (!texts.target.empty()) {
    const auto address = parse_address(texts.target);
    if (!address) return fail("--target " + address.error().text);
    if (address->port == 0) return fail(cat("--target ", texts.target, ": a port from 1 to 65535"));
    options.target = *address;
  }
  if (!texts.origin.empty()) {
    const auto address = parse_address(texts.origin);
    if (!address) return fail("--origin " + address.error().text);
    if (address->port == 0) return fail(cat("--origin ", texts.origin, ": a port from 1 to 65535"));
    options.origin = *address;
  }
  if (!texts.listen.empty()) {
    const auto address = parse_address(texts.listen);
    if (!address) return fail("--listen " + address.error().text);
    options.listen = *address;
  }
  if (texts.tls && texts.cleartext) return fail("--tls and --cleartext: one of them");
  if (texts.tls || texts.cleartext) options.tls = texts.tls;
  return {};
}

Result<void> take_offer(const CLI::App& command, RunTexts& texts) {
  RunOptions& options = texts.options;
  const auto negotiation = negotiation_from(texts.negotiation);
  if (!negotiation) return tl::unexpected(negotiation.error());
  options.dialects = negotiation->dialects;
  options.upgrade_needs_setting = negotiation->needs_setting;
  options.setting_id = negotiation->setting_id;
  const auto fields = fields_from(texts.headers);
  if (!fields) return tl::unexpected(fields.error());
  options.fields = *fields;
  const auto websocket = path_from(command, "--websocket", texts.websocket);
  const auto raw = path_from(command, "--raw", texts.raw);
  const auto h2c = path_from(command, "--h2c", texts.h2c);
  for (const auto* path : {&websocket, &raw, &h2c})
    if (!*path) return tl::unexpected(path->error());
  options.websocket = *websocket;
  options.raw = *raw;
  options.h2c = *h2c;
  return {};
}

Result<void> check_proxy(const RunOptions& options) {
  if (options.role != "proxy" && options.implementation.empty() &&
      (!options.ways.empty() || options.origin || options.origin_timeout != 0))
    return fail("--way, --origin and --origin-timeout are for --role proxy");
  for (const auto& way : options.ways)
    if (!way_from(way)) return fail(cat("--way ", way, ": 21, 12 or 22"));
  if (!std::isfinite(options.origin_timeout) || options.origin_timeout < 0) return fail("--origin-timeout: seconds");
  return {};
}

Result<Call> make_run(const CLI::App& command, RunTexts& texts) {
  const bool repeat_given = command.get_option("--repeat")->count() != 0;
  if (auto ok = check_role(texts.role); !ok) return tl::unexpected(ok.error());
  if (auto ok = check_numbers(texts.options, repeat_given); !ok) return tl::unexpected(ok.error());
  if (auto ok = take_target(texts); !ok) return tl::unexpected(ok.error());
  if (auto ok = take_offer(command, texts); !ok) return tl::unexpected(ok.error());
  const auto& options = texts.options;
  if (!texts.role.empty()) texts.options.role = texts.role;
  const bool for_clients =
      !options.client_command.empty() || !options.client_protocols.empty() || !options.ca_out.empty() || options.listen;
  if (for_clients && options.role != "client" && options.implementation.empty())
    return fail("--client-command, --client-protocols, --listen and --ca-out are for --role client");
  if (const auto ok = check_proxy(options); !ok) return tl::unexpected(ok.error());
  auto filter = filter_from(texts.filter);
  if (!filter) return tl::unexpected(filter.error());
  texts.options.filter = *std::move(filter);
  if (texts.options.until_fail && !repeat_given) texts.options.repeat = 0;
  return Call{std::move(texts.options)};
}

}  // namespace

MakeCall add_run(CLI::App& command, const std::vector<std::string>& command_line) {
  auto texts = std::make_shared<RunTexts>();
  texts->options.command_line = command_line;
  add_target(command, *texts);
  add_client(command, *texts);
  add_offer(command, *texts);
  add_cases_folder(command, texts->options.cases);
  add_filter(command, texts->filter);
  add_running(command, texts->options);
  add_reports(command, texts->options);
  return [texts, &command] { return make_run(command, *texts); };
}

}  // namespace upspec::cli
