#include "base/octets.hpp"

namespace upspec {

std::string_view as_text(OctetView octets) { return {reinterpret_cast<const char*>(octets.data()), octets.size()}; }

OctetView as_octets(std::string_view text) { return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}; }

std::string to_text(OctetView octets) { return std::string(as_text(octets)); }

Octets to_octets(std::string_view text) { return to_octets(as_octets(text)); }

// By pointers: through a span's iterators a sanitizer looks at each octet.
Octets to_octets(OctetView octets) { return {octets.data(), octets.data() + octets.size()}; }

void append(Octets& to, OctetView more) { to.insert(to.end(), more.data(), more.data() + more.size()); }

void append_number(Octets& to, std::uint64_t value, int width) {
  std::uint8_t octets[8];
  for (int i = 0; i < width; ++i) octets[i] = static_cast<std::uint8_t>(value >> (width - 1 - i) * 8);
  append(to, {octets, static_cast<std::size_t>(width)});
}

std::uint64_t read_number(OctetView octets, std::size_t from, int width) {
  std::uint64_t value = 0;
  for (int i = 0; i < width; ++i) value = value << 8 | octets[from + static_cast<std::size_t>(i)];
  return value;
}

}  // namespace upspec
