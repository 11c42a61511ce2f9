// One function a subcommand: declares its options, and gives what makes the call of them once they are parsed.
// For cli*.cpp only.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "run/options.hpp"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace upspec::cli {

using MakeCall = std::function<Result<Call>()>;

MakeCall add_run(CLI::App& command, const std::vector<std::string>& command_line);
MakeCall add_list(CLI::App& command);
MakeCall add_show(CLI::App& command);
MakeCall add_serve(CLI::App& command);
MakeCall add_connect(CLI::App& command);
MakeCall add_proxy(CLI::App& command);
MakeCall add_selftest(CLI::App& command);
MakeCall add_fuzz(CLI::App& command, const std::vector<std::string>& command_line);
MakeCall add_diff(CLI::App& command, const std::vector<std::string>& command_line);
MakeCall add_convert(CLI::App& command);

// Options that several subcommands have.

// May be given more than once, each time with one value, or with a list of them after `delimiter`.
CLI::Option* add_repeated(CLI::App& command, const std::string& name, std::vector<std::string>& to,
                          const std::string& help, char delimiter = '\0');
void add_cases_folder(CLI::App& command, std::string& to);

struct FilterTexts {
  Filter filter;
  std::string shard;
};
void add_filter(CLI::App& command, FilterTexts& to);
Result<Filter> filter_from(const FilterTexts& texts);

struct NegotiationTexts {
  std::vector<std::string> dialects;
  std::string negotiation;  // "setting", "none"
  std::string setting_id;
};
void add_negotiation(CLI::App& command, NegotiationTexts& to);
struct NegotiationAsked {
  std::vector<Dialect> dialects;
  std::optional<bool> needs_setting;
  std::optional<std::uint16_t> setting_id;
};
Result<NegotiationAsked> negotiation_from(const NegotiationTexts& texts);

// "NAME: VALUE"
Result<std::vector<h2::Field>> fields_from(const std::vector<std::string>& texts);

}  // namespace upspec::cli
