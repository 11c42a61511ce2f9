#include "report/paint.hpp"

#include <array>

#include "base/text.hpp"

namespace upspec::report {

namespace {

// ECMA-48 SGR, in the order of Colour.
constexpr std::array<std::string_view, 7> codes = {"1", "2", "31", "32", "33", "35", "36"};
// In the order of Verdict.
constexpr std::array<Colour, 5> verdict_colours = {Colour::green, Colour::yellow, Colour::red, Colour::yellow,
                                                   Colour::magenta};

}  // namespace

std::string paint(std::string_view text, Colour colour, bool on) {
  if (!on || text.empty()) return std::string(text);
  return cat("\x1b[", codes.at(static_cast<std::size_t>(colour)), "m", text, "\x1b[0m");
}

Colour colour_of(Verdict verdict) { return verdict_colours.at(static_cast<std::size_t>(verdict)); }

}  // namespace upspec::report
