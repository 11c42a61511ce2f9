// `upspec convert`: a case becomes a fuzzer's seed, what a fuzzer found becomes a case, and either a text to read.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <utility>

#include "base/text.hpp"
#include "report/file.hpp"
#include "run/case_folder.hpp"
#include "run/commands.hpp"
#include "run/exit_status.hpp"
#include "scenario/suite.hpp"
#include "script/convert.hpp"

namespace upspec {
namespace {

namespace fs = std::filesystem;

struct Named {
  std::string name;
  script::Script script;
};
using Scripts = std::vector<Named>;

Result<void> add(Scripts& to, const Case& one) {
  auto made = script::script_of(one, script::role_of(one));
  if (!made) return tl::unexpected(made.error());
  to.push_back({one.id, *std::move(made)});
  return {};
}

Result<Scripts> from_cases(const std::vector<const Case*>& cases) {
  Scripts all;
  for (const Case* one : cases)
    if (auto ok = add(all, *one); !ok) return tl::unexpected(ok.error());
  return all;
}

Result<Scripts> from_file(const ConvertOptions& options, const std::string& text) {
  if (!trim_lines(text).starts_with('<')) {
    auto read = script::read(as_octets(text));
    if (!read) return fail(cat(options.in, ": ", read.error().text));
    return Scripts{{fs::path(options.in).stem().string(), *std::move(read)}};
  }
  const auto folder = find_case_folder(options.cases);
  if (!folder) return tl::unexpected(folder.error());
  const auto messages = report::read_file(*folder + "/messages.xml");
  if (!messages) return tl::unexpected(messages.error());
  const auto registry = Registry::load(*folder + "/requirements.xml");
  if (!registry) return tl::unexpected(registry.error());
  const auto cases = load_cases(text, options.in, *messages, *registry);
  if (!cases) return tl::unexpected(cases.error());
  std::vector<const Case*> all;
  for (const auto& one : *cases) all.push_back(&one);
  return from_cases(all);
}

// A case's id, whole or as the start of others: "channel/half-close", "channel".
Result<Scripts> from_suite(const ConvertOptions& options) {
  const auto folder = find_case_folder(options.cases);
  if (!folder) return tl::unexpected(folder.error());
  const auto suite = load_suite(*folder);
  if (!suite) return tl::unexpected(suite.error());
  std::vector<const Case*> chosen;
  const auto within = cat(options.in, "/");
  for (const auto& one : suite->cases)
    if (options.in == "all" || one.id == options.in || one.short_id == options.in || one.id.starts_with(within) ||
        one.short_id.starts_with(within))
      chosen.push_back(&one);
  if (chosen.empty())
    return fail(cat(upspec::quoted(options.in), " is no file and no case; `upspec list` shows the cases"));
  return from_cases(chosen);
}

std::string written(const Named& one, const ConvertOptions& options) {
  if (options.to == ConvertOptions::To::script) return print(one.script);
  if (options.to == ConvertOptions::To::seed) return to_text(encode(one.script));
  return case_of(one.script, {options.id, "findings", options.checks, options.about});
}

std::string file_name(const Named& one, ConvertOptions::To to) {
  std::string name = one.name;
  std::ranges::replace(name, '/', '.');
  return cat(name, to == ConvertOptions::To::seed ? "" : to == ConvertOptions::To::script ? ".script" : ".xml");
}

}  // namespace

int convert_command(const ConvertOptions& options) {
  std::error_code error;
  const bool file = fs::is_regular_file(options.in, error);
  const auto text = file ? report::read_file(options.in) : Result<std::string>(std::string());
  if (!text) return complain("convert", text.error().text, exit_status::usage);
  const auto scripts = file ? from_file(options, *text) : from_suite(options);
  if (!scripts) return complain("convert", scripts.error().text, exit_status::usage);
  const bool folder = fs::is_directory(options.out, error) || options.out.ends_with('/');
  if (scripts->size() > 1 && !folder && !options.out.empty())
    return complain("convert", cat(scripts->size(), " cases: OUT has to be a folder"), exit_status::usage);
  for (const auto& one : *scripts) {
    const auto octets = written(one, options);
    if (options.out.empty()) {
      std::fwrite(octets.data(), 1, octets.size(), stdout);
      continue;
    }
    const auto path = folder ? fs::path(options.out) / file_name(one, options.to) : fs::path(options.out);
    if (auto ok = report::write_atomically(path, octets); !ok)
      return complain("convert", ok.error().text, exit_status::unjudged);
  }
  return exit_status::ok;
}

}  // namespace upspec
