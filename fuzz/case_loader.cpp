// Whatever a file of cases holds: its cases, or one line that says where and what is wrong. What loads can be
// described.
#include <algorithm>
#include <filesystem>
#include <string>

#include "base/octets.hpp"
#include "base/text.hpp"
#include "require.hpp"
#include "scenario/match.hpp"
#include "scenario/outcome.hpp"
#include "scenario/suite.hpp"
#include "scenario/xml.hpp"

namespace upspec {
namespace {

// "fuzz.xml:12: what is wrong"
bool is_line_with_place(std::string_view text) {
  constexpr std::string_view file = "fuzz.xml:";
  const bool one_line = std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < ' '; });
  const auto end = text.find(": ");
  if (!one_line || !text.starts_with(file) || end == text.npos) return false;
  const auto line = to_number(text.substr(file.size(), end - file.size()));
  return line && *line > 0 && text.size() > end + 2;
}

std::string describe(const Expectation& expectation, Dialect dialect) {
  const auto* outcome = std::get_if<OutcomeName>(&expectation.what);
  return outcome ? describe(*outcome, dialect) : describe(std::get<std::vector<ExpectPart>>(expectation.what), Scope{});
}

void check(const Case& one) {
  require(!one.id.empty() && !one.checks.empty() && !one.steps.empty(), "a case has an id, requirements and steps");
  for (const auto& step : one.steps)
    if (const auto* expect = std::get_if<Expect>(&step.what))
      for (const auto& alternative : expect->alternatives)
        require(!describe(alternative, one.dialect).empty(), "an expectation can be described");
}

// The registry and the messages: beside the program, where OSS-Fuzz runs it from, or in the source.
std::string shared_file(const std::string& name) {
  const auto beside = std::filesystem::read_symlink("/proc/self/exe").parent_path() / "cases" / name;
  return std::filesystem::exists(beside) ? beside.string() : UPSPEC_CASES "/" + name;
}

}  // namespace
}  // namespace upspec

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  using namespace upspec;
  static const auto messages = read_file(shared_file("messages.xml"));
  static const auto registry = Registry::load(shared_file("requirements.xml")).value();
  const auto cases = load_cases(as_text({octets, size}), "fuzz.xml", messages, registry);
  if (cases) {
    std::ranges::for_each(*cases, check);
  } else {
    require(is_line_with_place(cases.error().text), "an error is one line with its place");
  }
  return 0;
}
