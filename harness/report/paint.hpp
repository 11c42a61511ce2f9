// Colours of a terminal, only when asked for.
#pragma once

#include <string>
#include <string_view>

#include "scenario/verdict.hpp"

namespace upspec::report {

enum class Colour { bold, dim, red, green, yellow, magenta, cyan };

// The text as it is without `on`.
std::string paint(std::string_view text, Colour colour, bool on);

Colour colour_of(Verdict verdict);

}  // namespace upspec::report
