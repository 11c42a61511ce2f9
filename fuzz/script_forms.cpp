// Any octets are a script; its octets and its text are the script again; any text is a script, or one line that says
// where it is wrong; a mutation is a script within its limits.
#include "base/octets.hpp"
#include "base/text.hpp"
#include "require.hpp"
#include "script/mutate.hpp"
#include "script/script.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  using namespace upspec;
  const OctetView input(octets, size);
  const auto script = script::decode(input);
  require(script.steps.size() <= script::most_steps, "a script is bounded");
  const auto again = script::encode(script);
  require(script::decode(again) == script, "octets lose nothing");
  const auto text = script::print(script);
  const auto parsed = script::parse(text);
  require(parsed && *parsed == script, "text loses nothing");
  const auto any = script::parse(as_text(input));
  require(any || (any.error().text.starts_with("line ") && any.error().text.find('\n') == std::string::npos),
          "an error is one line that names its line");
  if (any) require(script::parse(script::print(*any)) == any, "what was parsed is printed");
  const auto changed = script::mutate_octets(input, 4096, size, [](Octets all, std::size_t) { return all; });
  require(changed.size() <= 4096, "a mutation keeps its limit");
  return 0;
}
