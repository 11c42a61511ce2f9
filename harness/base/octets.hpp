// Octets and text, and the only doors between them.
// Octets are what stands on a wire; text is what people read. Neither becomes the other without a named function.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace upspec {

using Octets = std::vector<std::uint8_t>;
using OctetView = std::span<const std::uint8_t>;

// The view lives as long as what it looks at.
std::string_view as_text(OctetView octets);
OctetView as_octets(std::string_view text);

std::string to_text(OctetView octets);
Octets to_octets(std::string_view text);
Octets to_octets(OctetView octets);

void append(Octets& to, OctetView more);

// Big-endian numbers of `width` octets (1 to 8).
void append_number(Octets& to, std::uint64_t value, int width);
// Needs at least `width` octets at `from`.
std::uint64_t read_number(OctetView octets, std::size_t from, int width);

}  // namespace upspec
