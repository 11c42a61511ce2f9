// Options that several subcommands have.
#include <CLI/App.hpp>
#include <CLI/Option.hpp>
#include <limits>

#include "base/text.hpp"
#include "h2/codes.hpp"
#include "run/cli_commands.hpp"

namespace upspec::cli {

CLI::Option* add_repeated(CLI::App& command, const std::string& name, std::vector<std::string>& to,
                          const std::string& help, char delimiter) {
  CLI::Option* option = command.add_option(name, to, help)->allow_extra_args(false)->take_all();
  if (delimiter != '\0') option->delimiter(delimiter);
  return option;
}

void add_cases_folder(CLI::App& command, std::string& to) {
  command.add_option("--cases", to, "folder of the cases")->type_name("DIR");
}

void add_filter(CLI::App& command, FilterTexts& to) {
  Filter& filter = to.filter;
  add_repeated(command, "--case", filter.cases, "cases whose id matches", ',')->type_name("GLOB");
  add_repeated(command, "--exclude", filter.excludes, "... but not these", ',')->type_name("GLOB");
  add_repeated(command, "--requirement", filter.requirements, "cases that check one of these", ',')->type_name("ID");
  add_repeated(command, "--level", filter.levels, "cases whose requirements are all of these levels: MUST, SHOULD", ',')
      ->type_name("LIST");
  add_repeated(command, "--basis", filter.bases,
               "cases whose requirements all stand on one of these: seed, rfc, profile", ',')
      ->type_name("LIST");
  command.add_option("--shard", to.shard, "the I-th of N parts")->type_name("I/N");
}

Result<Filter> filter_from(const FilterTexts& texts) {
  Filter filter = texts.filter;
  if (!texts.shard.empty()) {
    const auto shard = parse_shard(texts.shard);
    if (!shard) return tl::unexpected(shard.error());
    filter.shard = *shard;
  }
  return filter;
}

void add_negotiation(CLI::App& command, NegotiationTexts& to) {
  add_repeated(command, "--dialect", to.dialects, "upgrade or connect", ',')->type_name("NAME");
  command.add_option("--negotiation", to.negotiation, "how dialect upgrade is announced: setting or none")
      ->type_name("HOW");
  command.add_option("--setting-id", to.setting_id, "the id of SETTINGS_ENABLE_UPGRADE (0xf101)")->type_name("N");
}

Result<NegotiationAsked> negotiation_from(const NegotiationTexts& texts) {
  NegotiationAsked asked;
  for (const std::string& name : texts.dialects) {
    const auto dialect = dialect_from(name);
    if (!dialect) return fail(cat("--dialect ", name, ": no such dialect; upgrade or connect"));
    asked.dialects.push_back(*dialect);
  }
  if (!texts.negotiation.empty()) {
    if (texts.negotiation != "setting" && texts.negotiation != "none")
      return fail(cat("--negotiation ", texts.negotiation, ": setting or none"));
    asked.needs_setting = texts.negotiation == "setting";
  }
  if (!texts.setting_id.empty()) {
    // A name is taken by setting_from too, but only a number says an experiment's id.
    const bool is_number = texts.setting_id.find_first_of("0123456789") == 0;
    const auto id = is_number ? h2::setting_from(texts.setting_id) : std::nullopt;
    if (!id || *id == 0) return fail(cat("--setting-id ", texts.setting_id, ": a number from 1 to 0xffff, as 0xf101"));
    asked.setting_id = id;
  }
  return asked;
}

Result<std::vector<h2::Field>> fields_from(const std::vector<std::string>& texts) {
  std::vector<h2::Field> fields;
  for (const std::string& text : texts) {
    const std::size_t colon = text.find(':');
    const std::string_view name = trim(std::string_view(text).substr(0, colon));
    if (colon == std::string::npos || !is_token(name))
      return fail(cat("--header ", upspec::quoted(text), ": not of the form 'NAME: VALUE'"));
    fields.push_back({lower(name), std::string(trim(std::string_view(text).substr(colon + 1)))});
  }
  return fields;
}

}  // namespace upspec::cli
