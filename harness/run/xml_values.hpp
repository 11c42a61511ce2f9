// Attributes and texts of a description as values, or a line that says what would be right (a LoadError of
// scenario/xml).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "scenario/xml.hpp"

namespace upspec {

// As `quoted`, under a name that std's own cannot take.
std::string shown(std::string_view value);

// "\n    a\n      b\n  "  is  "a\n  b\n": a template may be indented with the XML around it.
std::string without_indent(std::string_view text);

// "" where it is not there; fails where it is there and empty.
std::string attribute_of(const XmlReader& xml, pugi::xml_node node, const char* name);
bool yes_or_no_of(const XmlReader& xml, pugi::xml_node node, const char* name, bool otherwise);
std::uint64_t number_of(const XmlReader& xml, pugi::xml_node node, const char* name, std::uint64_t least,
                        std::uint64_t most);
// Letters, digits, - and _.
std::string id_of(const XmlReader& xml, pugi::xml_node node, const char* name);

}  // namespace upspec
