#include "run/cli.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "run/case_folder.hpp"
#include "run/cli_commands.hpp"
#include "run/exit_status.hpp"

namespace upspec {
namespace {

// What the documents name and a later issue brings: said as such, for who types it today.
constexpr std::array<std::string_view, 2> not_yet = {"interop", "tap"};

struct Command {
  CLI::App* app;
  cli::MakeCall make;
};

Answered wrong(std::string_view command, std::string_view what) {
  std::string text(what);
  std::ranges::replace(text, '\n', ' ');
  return {exit_status::usage, {}, cat("upspec", command.empty() ? "" : " ", command, ": ", text, "\n")};
}

std::string_view chosen(const std::vector<Command>& commands) {
  for (const Command& one : commands)
    if (one.app->parsed()) return one.app->get_name();
  return {};
}

Answered answer_to(const CLI::ParseError& error, const CLI::App& app, const std::vector<Command>& commands,
                   const std::vector<std::string>& command_line) {
  if (error.get_name() == "CallForHelp" || error.get_name() == "CallForAllHelp") return {0, app.help(), {}};
  if (error.get_name() == "CallForVersion") return {0, cat("upspec ", upspec_version(), "\n"), {}};
  const std::string_view command = chosen(commands);
  if (command.empty() && command_line.size() > 1) {
    const std::string& word = command_line[1];
    if (std::ranges::find(not_yet, word) != not_yet.end())
      return wrong(
          {},
          cat(word,
              " is not there yet; there are run, list, show, serve, connect, proxy, selftest, fuzz, diff, convert"));
    if (!word.starts_with('-'))
      return wrong({},
                   cat(upspec::quoted(word),
                       " is no command; one of run, list, show, serve, connect, proxy, selftest, fuzz, diff, convert"));
  }
  if (command.empty() && command_line.size() <= 1)
    return wrong({},
                 "a command is missing; one of run, list, show, serve, connect, proxy, selftest, fuzz, diff, convert");
  return wrong(command,
               cat(error.what(), "; `upspec ", command, command.empty() ? "" : " ", "--help` shows what there is"));
}

}  // namespace

Call parse_call(const std::vector<std::string>& command_line) {
  CLI::App app("Tests how an HTTP/2 implementation turns a stream into a bidirectional channel.", "upspec");
  app.set_version_flag("--version", upspec_version());
  app.require_subcommand(1);
  const auto add = [&app](const char* name, const char* what) {
    CLI::App* command = app.add_subcommand(name, what);
    command->set_version_flag("--version", upspec_version());
    return command;
  };
  CLI::App* run = add("run", "test an implementation");
  CLI::App* list = add("list", "list the cases, or the requirements");
  CLI::App* show = add("show", "print a case, its requirements and its expansion");
  CLI::App* serve = add("serve", "the reference server by itself");
  CLI::App* connect = add("connect", "the reference client: one exchange, or by hand");
  CLI::App* proxy = add("proxy", "the reference proxy by itself");
  CLI::App* selftest = add("selftest", "break the reference on purpose and see which case notices");
  CLI::App* fuzz = add("fuzz", "fuzz an implementation");
  CLI::App* diff = add("diff", "the same scripts to several implementations, side by side");
  CLI::App* convert = add("convert", "a case becomes a fuzzer's seed, what a fuzzer found a case");
  const std::vector<Command> commands = {
      {run, cli::add_run(*run, command_line)},
      {list, cli::add_list(*list)},
      {show, cli::add_show(*show)},
      {serve, cli::add_serve(*serve)},
      {connect, cli::add_connect(*connect)},
      {proxy, cli::add_proxy(*proxy)},
      {selftest, cli::add_selftest(*selftest)},
      {fuzz, cli::add_fuzz(*fuzz, command_line)},
      {diff, cli::add_diff(*diff, command_line)},
      {convert, cli::add_convert(*convert)},
  };
  try {
    // CLI11 takes them last first, without the program.
    std::vector<std::string> arguments(command_line.rbegin(), command_line.rend());
    if (!arguments.empty()) arguments.pop_back();
    app.parse(arguments);
  } catch (const CLI::ParseError& error) {
    return answer_to(error, app, commands, command_line);
  }
  for (const Command& one : commands) {
    if (!one.app->parsed()) continue;
    auto call = one.make();
    if (call) return *std::move(call);
    return wrong(one.app->get_name(), call.error().text);
  }
  return wrong({}, "a command is missing");
}

}  // namespace upspec
