#include "base/octets.hpp"

namespace upspec {

std::string_view as_text(OctetView octets) { return {reinterpret_cast<const char*>(octets.data()), octets.size()}; }

OctetView as_octets(std::string_view text) { return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}; }

std::string to_text(OctetView octets) { return std::string(as_text(octets)); }

Octets to_octets(std::string_view text) { return to_octets(as_octets(text)); }

Octets to_octets(OctetView octets) { return {octets.begin(), octets.end()}; }

void append(Octets& to, OctetView more) { to.insert(to.end(), more.begin(), more.end()); }

void append_number(Octets& to, std::uint64_t value, int width) {
  for (int shift = (width - 1) * 8; shift >= 0; shift -= 8) to.push_back(static_cast<std::uint8_t>(value >> shift));
}

std::uint64_t read_number(OctetView octets, std::size_t from, int width) {
  std::uint64_t value = 0;
  for (int i = 0; i < width; ++i) value = value << 8 | octets[from + static_cast<std::size_t>(i)];
  return value;
}

}  // namespace upspec
