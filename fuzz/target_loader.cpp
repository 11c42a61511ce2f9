// Whatever a description of an implementation holds: the description, or one line that says where and what is wrong;
// and what it names can be filled in, or one line says why not.
#include <algorithm>

#include "base/octets.hpp"
#include "base/text.hpp"
#include "require.hpp"
#include "run/implementation.hpp"

namespace upspec {
namespace {

bool is_line(std::string_view text) {
  return !text.empty() && std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < ' '; });
}

void check(const Implementation& implementation) {
  Values given;
  for (const auto& name : given_names(implementation)) given.emplace(name, "x");
  for (const bool tls : {false, true}) {
    const auto values = with_pieces(given, implementation, tls);
    require(values || is_line(values.error().text), "an error of a piece is one line");
    if (!values) continue;
    for (const auto& start : implementation.starts)
      for (const auto& word : start.command) {
        const auto filled = fill(word, *values);
        require(filled || is_line(filled.error().text), "an error of a hole is one line");
      }
  }
}

}  // namespace
}  // namespace upspec

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  using namespace upspec;
  const auto read = parse_implementation(as_text({octets, size}), "fuzz.xml");
  if (read) {
    check(*read);
  } else {
    require(read.error().text.starts_with("fuzz.xml:") && is_line(read.error().text),
            "an error is one line with its place");
  }
  return 0;
}
