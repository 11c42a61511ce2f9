// `upspec selftest`: the table on stdout, and in the report folder.
#include <chrono>
#include <cstdio>
#include <filesystem>

#include "base/text.hpp"
#include "report/file.hpp"
#include "report/numbers.hpp"
#include "run/case_folder.hpp"
#include "run/commands.hpp"
#include "run/exit_status.hpp"
#include "run/selftest.hpp"
#include "run/selftest_table.hpp"

namespace upspec {

int selftest_command(const SelftestOptions& options) {
  const auto begin = std::chrono::steady_clock::now();
  const auto folder = find_case_folder(options.cases);
  if (!folder) return complain("selftest", folder.error().text, exit_status::usage);
  const auto suite = load_suite(*folder);
  if (!suite) return complain("selftest", suite.error().text, exit_status::usage);

  using Breadth = SelftestWork::Breadth;
  const auto breadth = options.all ? Breadth::all : options.first ? Breadth::first : Breadth::citing;
  const SelftestResult result = selftest(*suite, {options.role, options.violations, breadth});
  if (result.rows.empty() && !options.violations.empty())
    return complain("selftest", "--violation: no such violation; `upspec serve --list-violations` lists them",
                    exit_status::usage);
  const std::string text = selftest_text(result, options.verbose);
  std::fputs(text.c_str(), stdout);
  const std::filesystem::path out = options.out;
  for (const auto& [name, content] :
       {std::pair{"selftest.txt", text}, std::pair{"selftest.json", selftest_json(result)}})
    if (auto ok = report::write_atomically(out / name, content); !ok)
      return complain("selftest", ok.error().text, exit_status::usage);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  std::fputs(cat("role ", name_of(options.role), ", in ", report::fixed(took.count(), 2), " s; the table is in ",
                 (out / "selftest.txt").string(), "\n")
                 .c_str(),
             stdout);
  return result.ok() ? exit_status::ok : exit_status::failed;
}

}  // namespace upspec
