// Octets that must not reach HTTP/1.1, copied there on purpose (PXY-13, SEC-06): the request is judged without them,
// and they are put back behind.
#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "peer/proxy_faults.hpp"
#include "peer/section_edit.hpp"

namespace upspec {

namespace {

using namespace std::string_view_literals;
using Case = ProxyRequestCase;

enum class Place : std::uint8_t { name, value, path, authority, method, upgrade };
enum class Evil : std::uint8_t { cr, lf, nul, line, space };

constexpr std::array<std::string_view, 5> octets_of = {"\r"sv, "\n"sv, "\0"sv, "\r\n"sv, " \t"sv};

template <Evil evil>
std::string without_evil(std::string_view text) {
  std::string rest(text);
  std::erase_if(rest,
                [](char c) { return octets_of[static_cast<std::size_t>(evil)].find(c) != std::string_view::npos; });
  return rest;
}

// A value may hold white space, but not at its ends.
template <Place place, Evil evil>
std::string cleaned(std::string_view text) {
  if constexpr (place == Place::value && evil == Evil::space) return std::string(trim(text));
  return without_evil<evil>(text);
}

// The pseudo-header of a place; empty for regular fields.
constexpr std::string_view pseudo_of(Place place) {
  constexpr std::array<std::string_view, 6> names = {"", "", ":path", ":authority", ":method", ":upgrade"};
  return names[static_cast<std::size_t>(place)];
}

template <Place place, Evil evil>
void hide(Case& c) {
  if (!c.section()) return;
  for (auto& field : *c.section()) {
    const bool regular = !field.name.starts_with(':');
    if (place == Place::name && regular) field.name = cleaned<place, evil>(field.name);
    if (place == Place::value && regular) field.value = cleaned<place, evil>(field.value);
    if (field.name == pseudo_of(place)) field.value = cleaned<place, evil>(field.value);
  }
}

void put_back_pseudo(h1::RequestHead& head, Place place, std::string_view clean, const std::string& came) {
  if (place == Place::path) head.target = came;
  if (place == Place::method) head.method = came;
  for (auto& field : head.fields) {
    if (place == Place::authority && equal_folded(field.name, "host")) field.value = came;
    // Protocols stand before the first attribute.
    if (place == Place::upgrade && equal_folded(field.name, "upgrade") && clean.starts_with(field.value))
      field.value = came.substr(0, came.find(';'));
  }
}

template <Place place, Evil evil>
void put_back(Case& c) {
  auto* head = c.request();
  if (!head || !c.came_section()) return;
  for (const auto& came : *c.came_section()) {
    const auto name = place == Place::name ? cleaned<place, evil>(came.name) : came.name;
    const auto value = place == Place::name ? came.value : cleaned<place, evil>(came.value);
    if (name == came.name && value == came.value) continue;
    if (came.name == pseudo_of(place)) {
      put_back_pseudo(*head, place, value, came.value);
    } else if (!came.name.starts_with(':') && (place == Place::name || place == Place::value)) {
      const auto at = std::ranges::find(head->fields, h1::Field{name, value});
      if (at != head->fields.end()) *at = {came.name, came.value};
    }
  }
}

template <Place place, Evil evil>
constexpr ProxyRequestFault copied(std::string_view id) {
  return {id, hide<place, evil>, put_back<place, evil>};
}

constexpr std::array table = {
    copied<Place::value, Evil::cr>("PXY-13/value-cr"),
    copied<Place::value, Evil::lf>("PXY-13/value-lf"),
    copied<Place::value, Evil::nul>("PXY-13/value-nul"),
    copied<Place::value, Evil::line>("PXY-13/value-crlf"),
    copied<Place::value, Evil::space>("PXY-13/value-space"),
    copied<Place::name, Evil::cr>("PXY-13/name-cr"),
    copied<Place::name, Evil::lf>("PXY-13/name-lf"),
    copied<Place::name, Evil::nul>("PXY-13/name-nul"),
    copied<Place::name, Evil::line>("PXY-13/name-crlf"),
    copied<Place::name, Evil::space>("PXY-13/name-space"),
    copied<Place::path, Evil::line>("PXY-13/path-crlf"),
    copied<Place::path, Evil::nul>("PXY-13/path-nul"),
    copied<Place::path, Evil::space>("PXY-13/path-space"),
    copied<Place::authority, Evil::line>("PXY-13/authority-crlf"),
    copied<Place::authority, Evil::space>("PXY-13/authority-space"),
    copied<Place::method, Evil::line>("PXY-13/method-crlf"),
    copied<Place::method, Evil::space>("PXY-13/method-space"),
    copied<Place::upgrade, Evil::line>("PXY-13/upgrade-crlf"),
    copied<Place::upgrade, Evil::nul>("PXY-13/upgrade-nul"),
    copied<Place::path, Evil::line>("SEC-06/path"),
    copied<Place::value, Evil::line>("SEC-06/value"),
    copied<Place::value, Evil::lf>("SEC-06/bare-lf"),
    copied<Place::upgrade, Evil::line>("SEC-06/upgrade"),
};

}  // namespace

std::span<const ProxyRequestFault> proxy_smuggling_faults() { return table; }

}  // namespace upspec
