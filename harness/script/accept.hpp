// "${accept}" in a script stands for the `sec-websocket-accept` of a key that only the implementation knows.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "h2/hpack.hpp"

namespace upspec::script {

inline constexpr std::string_view accept_hole = "${accept}";

// Of the last section that has one; empty for none.
std::string key_of(const std::vector<h2::FieldSection>& sections);
// Every hole filled with the accept for that key; without a key, with nothing.
std::string fill_accept(std::string text, const std::string& key);

}  // namespace upspec::script
