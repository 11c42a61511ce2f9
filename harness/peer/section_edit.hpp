// Small changes to a field section, as the faults of the reference make them.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "h2/hpack.hpp"

namespace upspec {

inline void drop(h2::FieldSection& section, std::string_view name) {
  std::erase_if(section, [&](const h2::Field& field) { return field.name == name; });
}

// Keeps the first of that name.
inline void drop_later(h2::FieldSection& section, std::string_view name) {
  bool seen = false;
  std::erase_if(section, [&](const h2::Field& field) { return field.name == name && std::exchange(seen, true); });
}

// Pseudo-headers go to the front, fields to the end; one that is there gets the value in its place.
inline void set(h2::FieldSection& section, std::string_view name, std::string value) {
  const auto found = std::ranges::find(section, name, &h2::Field::name);
  if (found != section.end()) {
    found->value = std::move(value);
    return;
  }
  section.insert(name.starts_with(':') ? section.begin() : section.end(), {std::string(name), std::move(value)});
}

inline void set_if_missing(h2::FieldSection& section, std::string_view name, std::string value) {
  if (!h2::find(section, name)) set(section, name, std::move(value));
}

// To the front, among the other pseudo-headers.
inline void bring_forward(h2::FieldSection& section, std::string_view name) {
  const auto found = std::ranges::find(section, name, &h2::Field::name);
  if (found != section.end()) std::rotate(section.begin(), found, std::next(found));
}

// Behind the regular fields.
inline void send_back(h2::FieldSection& section, std::string_view name) {
  const auto found = std::ranges::find(section, name, &h2::Field::name);
  if (found != section.end()) std::rotate(found, std::next(found), section.end());
}

}  // namespace upspec
