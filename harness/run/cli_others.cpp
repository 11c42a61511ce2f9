// The options of the small commands: list, show, serve, connect, proxy, selftest.
#include <CLI/App.hpp>
#include <CLI/Option.hpp>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <memory>

#include "base/text.hpp"
#include "run/cli_commands.hpp"
#include "run/selftest.hpp"

namespace upspec::cli {
namespace {

struct ViolationTexts {
  std::vector<std::string> ids;
  bool list = false;
};

void add_violations(CLI::App& command, ViolationTexts& to) {
  add_repeated(command, "--violate", to.ids, "break exactly this requirement; may be repeated", ',')
      ->type_name("ID[/VARIANT]");
  command.add_flag("--list-violations", to.list, "which requirements it can break, and how");
}

// What `serve` and `proxy` say of TLS.
template <class Options>
Result<void> check_files(const Options& options) {
  const bool own_files = !options.certificate_file.empty() || !options.key_file.empty();
  if (options.certificate_file.empty() != options.key_file.empty()) return fail("--cert and --key: both or neither");
  if (!options.tls && (own_files || !options.ca_out.empty()))
    return fail("--cert, --key and --ca-out are for --tls: add it");
  return {};
}

// Which dialects they announce, and how.
template <class Options>
Result<void> take_dialects(const NegotiationTexts& texts, Options& to) {
  const auto negotiation = negotiation_from(texts);
  if (!negotiation) return tl::unexpected(negotiation.error());
  const auto offers = [&](Dialect dialect) {
    return negotiation->dialects.empty() ||
           std::ranges::find(negotiation->dialects, dialect) != negotiation->dialects.end();
  };
  to.upgrade = offers(Dialect::upgrade);
  to.connect = offers(Dialect::connect);
  to.upgrade_needs_setting = negotiation->needs_setting.value_or(true);
  if (negotiation->setting_id) to.upgrade_setting = *negotiation->setting_id;
  return {};
}

Result<std::chrono::nanoseconds> seconds_from(std::string_view option, double seconds) {
  if (!std::isfinite(seconds) || seconds <= 0 || seconds > 86400)
    return fail(cat(option, ": more than 0 seconds, at most a day"));
  return std::chrono::nanoseconds(static_cast<std::int64_t>(seconds * 1e9));
}

struct ServeTexts {
  ServeOptions options;
  std::string listen;
  NegotiationTexts negotiation;
  ViolationTexts violations;
};

Result<Call> make_serve(ServeTexts& texts) {
  if (texts.violations.list) return Call{ListViolations{ReferenceRole::server}};
  ServeOptions& options = texts.options;
  if (!texts.listen.empty()) {
    const auto address = parse_address(texts.listen);
    if (!address) return fail("--listen " + address.error().text);
    options.listen = *address;
  }
  if (auto ok = check_files(options); !ok) return tl::unexpected(ok.error());
  if (auto ok = take_dialects(texts.negotiation, options.server); !ok) return tl::unexpected(ok.error());
  auto violations = Violations::of(texts.violations.ids, ReferenceRole::server);
  if (!violations) return fail("--violate " + violations.error().text);
  options.server.violations = *std::move(violations);
  return Call{std::move(options)};
}

struct ProxyTexts {
  ProxyCommandOptions options;
  std::string listen, origin, origin_protocol = "h1", front;
  double origin_timeout = 30;
  bool no_upgrades = false;
  NegotiationTexts negotiation;
  ViolationTexts violations;
};

Result<void> take_sides(ProxyTexts& texts) {
  ProxyCommandOptions& options = texts.options;
  if (!texts.listen.empty()) {
    const auto address = parse_address(texts.listen);
    if (!address) return fail("--listen " + address.error().text);
    options.listen = *address;
  }
  if (texts.origin.empty()) return fail("--origin is missing, as in `upspec proxy --origin 127.0.0.1:8080`");
  const auto origin = parse_address(texts.origin);
  if (!origin) return fail("--origin " + origin.error().text);
  options.origin = *origin;
  options.origin_h2 = texts.origin_protocol == "h2";
  if (!texts.front.empty()) options.front_h2 = texts.front == "h2";
  if (!options.origin_h2 && texts.front == "h1") return fail("--front h1 is for --origin-protocol h2");
  if (options.tls && texts.front == "h1") return fail("--tls is for HTTP/2 in front (ALPN h2)");
  if (options.tls) options.front_h2 = true;
  return {};
}

Result<Call> make_proxy(ProxyTexts& texts) {
  if (texts.violations.list) return Call{ListViolations{ReferenceRole::proxy}};
  ProxyCommandOptions& options = texts.options;
  if (auto ok = take_sides(texts); !ok) return tl::unexpected(ok.error());
  if (auto ok = check_files(options); !ok) return tl::unexpected(ok.error());
  const auto timeout = seconds_from("--origin-timeout", texts.origin_timeout);
  if (!timeout) return tl::unexpected(timeout.error());
  options.origin_timeout = *timeout;
  if (auto ok = take_dialects(texts.negotiation, options.proxy); !ok) return tl::unexpected(ok.error());
  options.proxy.upgrades = !texts.no_upgrades;
  auto violations = Violations::of(texts.violations.ids, ReferenceRole::proxy);
  if (!violations) return fail("--violate " + violations.error().text);
  options.proxy.violations = *std::move(violations);
  return Call{std::move(options)};
}

struct ConnectTexts {
  ConnectOptions options;
  std::string message;
  double timeout = 5;
  std::vector<std::string> headers;
  NegotiationTexts negotiation;
  ViolationTexts violations;
};

Result<void> take_negotiation(ConnectTexts& texts) {
  const auto negotiation = negotiation_from(texts.negotiation);
  if (!negotiation) return tl::unexpected(negotiation.error());
  if (negotiation->dialects.size() > 1) return fail("--dialect: one at most; default: what the server announces");
  ClientOptions& client = texts.options.client;
  if (!negotiation->dialects.empty()) client.dialect = negotiation->dialects.front();
  client.upgrade_needs_setting = negotiation->needs_setting.value_or(true);
  if (negotiation->setting_id) client.upgrade_setting = *negotiation->setting_id;
  return {};
}

Result<Call> make_connect(const CLI::App& command, ConnectTexts& texts) {
  if (texts.violations.list) return Call{ListViolations{ReferenceRole::client}};
  ConnectOptions& options = texts.options;
  if (options.url.empty()) return fail("a URL is missing, as in `upspec connect http://127.0.0.1:8080/echo`");
  if (command.get_option("--message")->count() != 0) options.message = texts.message;
  const auto timeout = seconds_from("--timeout", texts.timeout);
  if (!timeout) return tl::unexpected(timeout.error());
  options.timeout = *timeout;
  if (auto ok = take_negotiation(texts); !ok) return tl::unexpected(ok.error());
  auto fields = fields_from(texts.headers);
  if (!fields) return tl::unexpected(fields.error());
  options.client.fields = *std::move(fields);
  auto violations = Violations::of(texts.violations.ids, ReferenceRole::client);
  if (!violations) return fail("--violate " + violations.error().text);
  options.client.violations = *std::move(violations);
  return Call{std::move(options)};
}

template <class Options>
void add_tls(CLI::App& command, Options& options) {
  command.add_flag("--tls", options.tls, "TLS with ALPN h2; default cleartext with prior knowledge");
  command.add_option("--cert", options.certificate_file, "with --key; default: a certificate of its own")
      ->type_name("FILE");
  command.add_option("--key", options.key_file, "the certificate's private key")->type_name("FILE");
  command.add_option("--ca-out", options.ca_out, "where the CA of its own certificate goes")->type_name("FILE");
  command.add_option("--key-log", options.key_log_file, "TLS secrets, for Wireshark")->type_name("FILE");
}

}  // namespace

MakeCall add_list(CLI::App& command) {
  auto options = std::make_shared<ListOptions>();
  auto filter = std::make_shared<FilterTexts>();
  add_cases_folder(command, options->cases);
  add_filter(command, *filter);
  command.add_option("--role", options->role, "cases for a server, client or proxy (all)")->type_name("ROLE");
  command.add_flag("--json", options->json, "for programs");
  command.add_flag("--requirements", options->requirements, "the requirements, and how many cases check each");
  return [options, filter]() -> Result<Call> {
    const auto& role = options->role;
    if (!role.empty() && role != "server" && role != "client" && role != "proxy")
      return fail(cat("--role ", role, ": no such role; there are server, client and proxy"));
    auto settled = filter_from(*filter);
    if (!settled) return tl::unexpected(settled.error());
    options->filter = *std::move(settled);
    return Call{*options};
  };
}

MakeCall add_show(CLI::App& command) {
  auto options = std::make_shared<ShowOptions>();
  add_cases_folder(command, options->cases);
  command.add_option("id", options->id, "a case's id, with or without its dialect")->required();
  return [options]() -> Result<Call> { return Call{*options}; };
}

MakeCall add_serve(CLI::App& command) {
  auto texts = std::make_shared<ServeTexts>();
  ServeOptions& options = texts->options;
  command.add_option("--listen", texts->listen, "where (127.0.0.1, a free port)")->type_name("HOST:PORT");
  add_tls(command, options);
  add_negotiation(command, texts->negotiation);
  add_violations(command, texts->violations);
  return [texts] { return make_serve(*texts); };
}

MakeCall add_proxy(CLI::App& command) {
  auto texts = std::make_shared<ProxyTexts>();
  const auto protocols = CLI::IsMember({"h1", "h2"});
  command.add_option("--listen", texts->listen, "where (127.0.0.1, a free port)")->type_name("HOST:PORT");
  command.add_option("--origin", texts->origin, "what is behind, in cleartext")->type_name("HOST:PORT");
  command.add_option("--origin-protocol", texts->origin_protocol, "what it speaks: h1 (default) or h2")
      ->check(protocols);
  command.add_option("--front", texts->front, "h1 or h2; default: h2, or with h2 behind by the first octets")
      ->check(protocols);
  command.add_option("--origin-timeout", texts->origin_timeout, "how long it may be silent before 504 (30)")
      ->type_name("SECONDS");
  command.add_flag("--no-upgrades", texts->no_upgrades, "announce them, and upgrade to no origin");
  add_tls(command, texts->options);
  add_negotiation(command, texts->negotiation);
  add_violations(command, texts->violations);
  return [texts] { return make_proxy(*texts); };
}

MakeCall add_connect(CLI::App& command) {
  auto texts = std::make_shared<ConnectTexts>();
  ConnectOptions& options = texts->options;
  command.add_option("url", options.url, "http, https, ws or wss");
  command.add_option("--protocol", options.client.protocol, "websocket, upspec-echo, h2c, or none: an ordinary GET")
      ->check(CLI::IsMember({"websocket", "upspec-echo", "h2c", "none"}));
  command.add_option("--message", texts->message, "sent once, its echo is printed; default: stdin to stdout");
  command.add_option("--ca", options.tls.ca_file, "whom to trust, PEM")->type_name("FILE");
  command.add_flag("--insecure", options.tls.insecure, "trust anybody");
  command.add_option("--server-name", options.tls.server_name, "for SNI and the certificate's check")
      ->type_name("NAME");
  command.add_option("--key-log", options.tls.key_log_file, "TLS secrets, for Wireshark")->type_name("FILE");
  add_repeated(command, "--header", texts->headers, "added to the request")->type_name("'NAME: VALUE'");
  command.add_option("--authority", options.client.authority, "of the request")->type_name("NAME");
  command.add_option("--timeout", texts->timeout, "the longest wait for one awaited event (5)")->type_name("SECONDS");
  command.add_option("--seed", options.client.seed, "of key and masks")->type_name("N");
  add_negotiation(command, texts->negotiation);
  add_violations(command, texts->violations);
  return [texts, &command] { return make_connect(command, *texts); };
}

MakeCall add_convert(CLI::App& command) {
  struct Texts {
    ConvertOptions options;
    std::string to;
  };
  auto texts = std::make_shared<Texts>();
  ConvertOptions& options = texts->options;
  add_cases_folder(command, options.cases);
  command.add_option("--to", texts->to, "seed: for a fuzzer; script: to read; case: for `upspec run`")
      ->required()
      ->check(CLI::IsMember({"seed", "script", "case"}));
  command.add_option("in", options.in, "a file of cases, a seed or a script; or a case's id, or `all`")->required();
  command.add_option("out", options.out, "a file or a folder; default: stdout");
  command.add_option("--id", options.id, "of the case that is written (found)");
  command.add_option("--checks", options.checks, "the requirements it cites (TUN-01)")->type_name("IDS");
  command.add_option("--about", options.about, "a comment in it");
  return [texts]() -> Result<Call> {
    using To = ConvertOptions::To;
    texts->options.to = texts->to == "seed" ? To::seed : texts->to == "script" ? To::script : To::case_file;
    return Call{texts->options};
  };
}

MakeCall add_selftest(CLI::App& command) {
  auto options = std::make_shared<SelftestOptions>();
  auto role = std::make_shared<std::string>("server");
  command.add_option("--role", *role, "role of the reference that is broken: server, client, proxy")->type_name("ROLE");
  add_cases_folder(command, options->cases);
  auto* all = command.add_flag("--all", options->all, "every case against every violation");
  command.add_flag("--first", options->first, "only until a case notices")->excludes(all);
  command.add_flag("-v,--verbose", options->verbose, "what each case that noticed said");
  add_repeated(command, "--violation", options->violations, "only these", ',')->type_name("GLOB");
  command.add_option("--out", options->out, "where the table goes (reports/out)")->type_name("DIR");
  return [options, role]() -> Result<Call> {
    for (const auto one : {ReferenceRole::server, ReferenceRole::client, ReferenceRole::proxy}) {
      if (name_of(one) != *role || !has_selftest(one)) continue;
      options->role = one;
      return Call{*options};
    }
    return fail(cat("--role ", *role, ": there is no self-test of that role"));
  };
}

}  // namespace upspec::cli
