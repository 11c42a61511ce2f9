#include "run/case_folder.hpp"

#include <cstdlib>
#include <filesystem>
#include <vector>

#include "base/text.hpp"

// All from cmake/install.cmake.
#ifndef UPSPEC_VERSION
#define UPSPEC_VERSION "unknown"
#endif
#ifndef UPSPEC_CASES_FROM_PROGRAM
#define UPSPEC_CASES_FROM_PROGRAM "../share/upspec/cases"
#endif

#ifndef UPSPEC_CASES_OF_SOURCE
#define UPSPEC_CASES_OF_SOURCE "cases"
#endif

namespace upspec {
namespace {

namespace fs = std::filesystem;

bool holds_cases(const fs::path& folder) {
  std::error_code ignored;
  return fs::exists(folder / "requirements.xml", ignored);
}

}  // namespace

Result<std::string> find_case_folder(const std::string& asked) {
  const char* variable = std::getenv("UPSPEC_CASES");
  const bool by_variable = asked.empty() && variable != nullptr && *variable != '\0';
  if (!asked.empty() || by_variable) {
    const fs::path folder = by_variable ? fs::path(variable) : fs::path(asked);
    if (holds_cases(folder)) return folder.string();
    return fail(cat(by_variable ? "UPSPEC_CASES " : "--cases ", folder.string(),
                    ": holds no requirements.xml; it has to be a folder of cases"));
  }
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error).parent_path();
  // Installed; built by a preset (build/release/upspec), maybe moved since; built elsewhere.
  const std::vector<fs::path> places = {program / UPSPEC_CASES_FROM_PROGRAM, program / "../../cases",
                                        UPSPEC_CASES_OF_SOURCE};
  for (const fs::path& place : places)
    if (!error && holds_cases(place)) return place.lexically_normal().string();
  return fail(cat("no cases found in ", places[0].lexically_normal().string(), " and ",
                  places[1].lexically_normal().string(), "; --cases DIR says where they are"));
}

std::string upspec_version() { return UPSPEC_VERSION; }

}  // namespace upspec
