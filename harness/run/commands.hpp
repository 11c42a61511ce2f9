// One function a subcommand; each gives the exit status.
#pragma once

#include "run/options.hpp"

namespace upspec {

int run_command(const RunOptions& options);
int list_command(const ListOptions& options);
int show_command(const ShowOptions& options);
int selftest_command(const SelftestOptions& options);
int fuzz_command(const FuzzOptions& options);
int diff_command(const DiffOptions& options);
int convert_command(const ConvertOptions& options);
int list_violations(ReferenceRole role);

// "upspec run: ..." on stderr; gives `status`.
int complain(std::string_view command, std::string_view what, int status);

}  // namespace upspec
