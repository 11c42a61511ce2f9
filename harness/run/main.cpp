// The program `upspec`: a command line in, an exit status out.
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "run/cli.hpp"
#include "run/commands.hpp"
#include "run/exit_status.hpp"

namespace {

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};

int run_call(const upspec::Call& call) {
  using namespace upspec;
  return std::visit(Overloaded{
                        [](const Answered& answer) {
                          std::fputs(answer.out.c_str(), stdout);
                          std::fputs(answer.err.c_str(), stderr);
                          return answer.status;
                        },
                        [](const RunOptions& options) { return run_command(options); },
                        [](const ListOptions& options) { return list_command(options); },
                        [](const ShowOptions& options) { return show_command(options); },
                        [](const ServeOptions& options) { return serve(options); },
                        [](const ConnectOptions& options) { return connect(options); },
                        [](const ProxyCommandOptions& options) { return proxy(options); },
                        [](const ListViolations& options) { return list_violations(options.role); },
                        [](const SelftestOptions& options) { return selftest_command(options); },
                        [](const FuzzOptions& options) { return fuzz_command(options); },
                        [](const DiffOptions& options) { return diff_command(options); },
                        [](const ConvertOptions& options) { return convert_command(options); },
                    },
                    call);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run_call(upspec::parse_call(std::vector<std::string>(argv, argv + argc)));
  } catch (const std::exception& error) {
    // A fault of the harness: never a verdict on anybody.
    std::fprintf(stderr, "upspec: harness error: %s\n", error.what());
    return upspec::exit_status::unjudged;
  }
}
