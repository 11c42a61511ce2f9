// `upspec fuzz` and `upspec diff`: their options.
#include <CLI/App.hpp>
#include <CLI/Option.hpp>
#include <cmath>
#include <memory>

#include "base/text.hpp"
#include "run/cli_commands.hpp"

namespace upspec::cli {
namespace {

struct FuzzTexts {
  FuzzOptions options;
  NegotiationTexts negotiation;
  std::vector<std::string> headers;
  std::string target, websocket, raw;
  bool tls = false, cleartext = false;
};

void add_target(CLI::App& command, FuzzTexts& to) {
  RunOptions& run = to.options.run;
  command
      .add_option("--target", to.target, "where it listens (HOST:PORT or unix:/PATH); default: the reference server")
      ->type_name("ADDRESS");
  command.add_option("--implementation", run.implementation, "what it offers and how to start it, as XML")
      ->type_name("FILE");
  command.add_flag("--tls", to.tls, "TLS with ALPN h2");
  command.add_flag("--cleartext", to.cleartext, "prior knowledge (default)");
  command.add_option("--ca", run.ca, "whom to trust, PEM")->type_name("FILE");
  command.add_flag("--insecure", run.insecure, "trust anybody");
  command.add_option("--server-name", run.server_name, "for SNI and the certificate's check")->type_name("NAME");
  add_negotiation(command, to.negotiation);
  command.add_option("--websocket", to.websocket, "where it offers a websocket echo (/echo)")->type_name("PATH");
  command.add_option("--raw", to.raw, "where it offers upspec-echo")->type_name("PATH");
  add_repeated(command, "--header", to.headers, "added to right requests")->type_name("'NAME: VALUE'");
  command.add_option("--authority", run.authority, "of right requests")->type_name("NAME");
}

void add_campaign(CLI::App& command, FuzzOptions& to) {
  command.add_option("--time", to.seconds, "how long (60)")->type_name("SECONDS");
  command.add_option("--jobs", to.run.jobs, "instances of the target side by side (1)")->type_name("N");
  add_repeated(command, "--corpus", to.corpora, "a folder of scripts; the first is added to, the others are read")
      ->type_name("DIR");
  command.add_flag("--regressions", to.regressions, "play seeds and corpora once, and nothing else");
  command.add_option("--timeout", to.run.timeout, "the end of a hang (2)")->type_name("SECONDS");
  command.add_option("--seed", to.run.seed, "of all random choices (1)")->type_name("N");
  command.add_option("--baseline", to.run.baseline, "known findings, which do not fail the run")->type_name("FILE");
  command.add_option("--write-baseline", to.run.write_baseline, "write the findings of this run")->type_name("FILE");
  command.add_option("--out", to.run.out, "where findings and reports go (reports/out)")->type_name("DIR");
  add_cases_folder(command, to.run.cases);
}

Result<void> take_target(FuzzTexts& texts) {
  RunOptions& run = texts.options.run;
  if (texts.target.starts_with("unix:")) {
    run.target = Address{texts.target, 1};
  } else if (!texts.target.empty()) {
    const auto address = parse_address(texts.target);
    if (!address) return fail("--target " + address.error().text);
    if (address->port == 0) return fail(cat("--target ", texts.target, ": a port from 1 to 65535"));
    run.target = *address;
  }
  if (texts.tls && texts.cleartext) return fail("--tls and --cleartext: one of them");
  if (texts.tls || texts.cleartext) run.tls = texts.tls;
  return {};
}

Result<void> take_offer(const CLI::App& command, FuzzTexts& texts) {
  RunOptions& run = texts.options.run;
  const auto negotiation = negotiation_from(texts.negotiation);
  if (!negotiation) return tl::unexpected(negotiation.error());
  run.dialects = negotiation->dialects;
  run.upgrade_needs_setting = negotiation->needs_setting;
  run.setting_id = negotiation->setting_id;
  const auto fields = fields_from(texts.headers);
  if (!fields) return tl::unexpected(fields.error());
  run.fields = *fields;
  if (command.get_option("--websocket")->count() != 0) run.websocket = texts.websocket;
  if (command.get_option("--raw")->count() != 0) run.raw = texts.raw;
  return {};
}

Result<Call> make_fuzz(const CLI::App& command, FuzzTexts& texts) {
  FuzzOptions& options = texts.options;
  if (options.run.jobs < 1 || options.run.jobs > 64) return fail("--jobs: 1 to 64");
  if (!std::isfinite(options.seconds) || options.seconds <= 0) return fail("--time: more than 0 seconds");
  if (!std::isfinite(options.run.timeout) || options.run.timeout <= 0 || options.run.timeout > 600)
    return fail("--timeout: more than 0 seconds, at most 600");
  if (auto ok = take_target(texts); !ok) return tl::unexpected(ok.error());
  if (auto ok = take_offer(command, texts); !ok) return tl::unexpected(ok.error());
  return Call{std::move(options)};
}

}  // namespace

MakeCall add_fuzz(CLI::App& command, const std::vector<std::string>& command_line) {
  auto texts = std::make_shared<FuzzTexts>();
  texts->options.run.command_line = command_line;
  texts->options.run.jobs = 1;
  texts->options.run.timeout = 2;
  add_target(command, *texts);
  add_campaign(command, texts->options);
  return [texts, &command] { return make_fuzz(command, *texts); };
}

MakeCall add_diff(CLI::App& command, const std::vector<std::string>& command_line) {
  struct Texts {
    DiffOptions options;
    NegotiationTexts negotiation;
    bool without_reference = false, tls = false;
  };
  auto texts = std::make_shared<Texts>();
  DiffOptions& options = texts->options;
  options.run.command_line = command_line;
  options.run.timeout = 2;
  command.add_option("implementations", options.implementations, "what each offers and how to start it, as XML")
      ->type_name("FILE")
      ->required();
  command.add_flag("--without-reference", texts->without_reference, "compare the files alone, with the first of them");
  command.add_flag("--tls", texts->tls, "TLS with ALPN h2");
  add_negotiation(command, texts->negotiation);
  command.add_option("--time", options.seconds, "how long, after all cases were played (30)")->type_name("SECONDS");
  command.add_option("--timeout", options.run.timeout, "the end of a hang (2)")->type_name("SECONDS");
  command.add_option("--seed", options.run.seed, "of all random choices (1)")->type_name("N");
  command.add_flag("--write-known", options.write_known, "write the differences of each to FILE.differences.xml");
  command.add_option("--out", options.run.out, "where the table and the reports go (reports/out)")->type_name("DIR");
  add_cases_folder(command, options.run.cases);
  return [texts]() -> Result<Call> {
    DiffOptions& filled = texts->options;
    filled.with_reference = !texts->without_reference;
    if (texts->tls) filled.run.tls = true;
    if (filled.implementations.size() + (filled.with_reference ? 1 : 0) < 2) return fail("one is no comparison");
    if (!std::isfinite(filled.seconds) || filled.seconds < 0) return fail("--time: 0 seconds or more");
    if (!std::isfinite(filled.run.timeout) || filled.run.timeout <= 0 || filled.run.timeout > 600)
      return fail("--timeout: more than 0 seconds, at most 600");
    const auto negotiation = negotiation_from(texts->negotiation);
    if (!negotiation) return tl::unexpected(negotiation.error());
    filled.run.dialects = negotiation->dialects;
    filled.run.upgrade_needs_setting = negotiation->needs_setting;
    filled.run.setting_id = negotiation->setting_id;
    return Call{std::move(filled)};
  };
}

}  // namespace upspec::cli
