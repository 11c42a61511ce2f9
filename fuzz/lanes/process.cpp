// The lane "process with coverage": the implementation is a program of its own, built with fuzz/runtime/, and gets each
// connection as a descriptor. Run as any libFuzzer program; what stands behind `--` starts the implementation:
//
//   process_lane -max_total_time=60 corpus seeds -- ./server --its-own options
//
// libFuzzer's extra counters carry its coverage, so progress shows as `ft:`. It refuses to run blind.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>

#include "base/text.hpp"
#include "child.hpp"
#include "hand_over.hpp"
#include "lane.hpp"
#include "net/process.hpp"
#include "net/sanitizer.hpp"
#include "script/script.hpp"

// Scanned after, and cleared before, each execution.
__attribute__((section("__libfuzzer_extra_counters"),
               aligned(64))) static std::uint8_t extra_counters[UPSPEC_MAP_SLOTS];

namespace upspec::lanes {
namespace {

constexpr const char* program_variable = "UPSPEC_PROGRAM";
constexpr int milliseconds_to_start = 20'000;
// A fresh process now and then: what one connection leaves behind is to be found, but not to be fuzzed for ever.
constexpr std::size_t connections_a_process = 100'000;

std::chrono::milliseconds patience() {
  const char* asked = std::getenv("UPSPEC_PATIENCE_MS");
  return std::chrono::milliseconds(asked != nullptr ? std::atoi(asked) : 5000);
}

[[noreturn]] void refuse(const std::string& why) {
  std::fprintf(stderr, "upspec: %s\n", why.c_str());
  std::exit(3);
}

class Sent final : public HandOver {
 public:
  Sent(Child& child, const Watch& watch) : HandOver(watch), child_(child) {}
  bool gone() const { return gone_; }

 private:
  void give(std::vector<Descriptor> theirs) override {
    std::vector<int> fds;
    fds.reserve(theirs.size());
    for (const auto& one : theirs) fds.push_back(one.get());
    gone_ = !child_.hand_over(fds);
  }
  Child& child_;
  bool gone_ = false;
};

class Process {
 public:
  explicit Process(std::vector<std::string> command) : child_(std::move(command)) { start(); }

  void play(const script::Script& script, std::uint8_t* counters) {
    if (++connections_ % connections_a_process == 0) start();
    auto run = once(script, counters);
    if (run.end == End::hang) {
      start();  // once more, before anybody is accused: the machine may just be busy
      run = once(script, counters);
    }
    if (run.end == End::death) return died(script);
    if (run.end == End::hang) return hung(script);
    lane().judge(script, run.driven);
  }
  // ... without judging it.
  void look(const script::Script& script, std::uint8_t* counters) {
    if (once(script, counters).end != End::done) start();
  }

  bool has_edges() { return child_.map().edges > 0; }
  bool is_proxy() { return child_.map().descriptors > 1; }

 private:
  void start() {
    if (auto started = child_.start(milliseconds_to_start); !started) refuse(started.error().text);
    watch_.emplace(cat(child_.pid()), child_.pid());
  }

  enum class End : std::uint8_t { done, hang, death };
  struct Run {
    End end;
    Driven driven;
  };
  Run once(const script::Script& script, std::uint8_t* counters) {
    Sent dialer(child_, *watch_);
    Run run{End::death, lane().drive(script, dialer, patience())};
    if (!dialer.gone()) run.end = wait_until_done();
    child_.take_counts(counters);
    if (run.end == End::done && !run.driven.owed.requirement.empty()) run.end = End::hang;
    return run;
  }

  End wait_until_done() {
    const auto word = child_.take_word(static_cast<int>(patience().count()));
    return word == Child::Word::done ? End::done : word == Child::Word::none ? End::hang : End::death;
  }

  void died(const script::Script& script) {
    const auto how = child_.how_it_ended();
    const auto output = child_.output();
    const auto report = sanitizer_report(output);
    start();
    lane().found(script, "death", report ? report->headline.substr(0, report->headline.find(" on ")) : how,
                 cat(how, "\n", output));
  }

  void hung(const script::Script& script) {
    const auto output = child_.output();
    start();
    lane().found(script, "hang", "alive", cat("a connection is not over although its client has gone\n", output));
  }

  Child child_;
  std::optional<Watch> watch_;
  std::size_t connections_ = 0;
};

std::unique_ptr<Process> process;

// Two talks that differ must count differently, or the fuzzer would see nothing.
void check_sight() {
  std::vector<std::uint8_t> one(UPSPEC_MAP_SLOTS), other(UPSPEC_MAP_SLOTS);
  process->look(lane().script_of({}), one.data());
  if (!process->has_edges())
    refuse("the program shows no edges: build it with -fsanitize-coverage=trace-pc-guard, and link fuzz/runtime/");
  process->look(lane().talk(1), other.data());
  const auto taken = [](const auto& map) {
    return std::ranges::count_if(map, [](std::uint8_t count) { return count != 0; });
  };
  std::fprintf(stderr, "upspec: two connections take %td and %td edges\n", taken(one), taken(other));
  if (taken(other) == 0 || one == other) refuse("the program's counters do not change from one connection to the next");
}

// Behind `--`; libFuzzer's own processes (-fork, -minimize_crash) read it from the environment.
std::string take_program(int& argc, char**& argv) {
  for (int i = 1; i < argc; ++i) {
    if (std::string_view(argv[i]) != "--") continue;
    std::string command;
    for (int k = i + 1; k < argc; ++k) command += cat(k == i + 1 ? "" : " ", "'", argv[k], "'");
    argc = i;
    argv[i] = nullptr;
    setenv(program_variable, command.c_str(), 1);
  }
  const char* program = std::getenv(program_variable);
  if (program == nullptr) refuse("which program? process_lane [libFuzzer's options] CORPUS -- PROGRAM [ARGUMENTS]");
  return program;
}

}  // namespace
}  // namespace upspec::lanes

extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
  using namespace upspec::lanes;
  const auto command = upspec::split_command(take_program(*argc, *argv));
  if (!command || command->empty()) refuse("the program's command line cannot be read");
  pin_to_one_core();
  process = std::make_unique<Process>(*command);
  if (process->is_proxy()) lane().serves_proxy();
  check_sight();
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace upspec::lanes;
  process->play(lane().script_of({data, size}), extra_counters);
  return 0;
}
