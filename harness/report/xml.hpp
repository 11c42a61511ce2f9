// pugixml, with every string cleaned on its way in: what comes out is well-formed, whatever went in.
#pragma once

#include <pugixml.hpp>
#include <string>
#include <string_view>

namespace upspec::report {

// The XML declaration and the root element.
pugi::xml_node start_xml(pugi::xml_document& document, const char* root);
void add_attribute(pugi::xml_node node, const char* name, std::string_view value);
void add_text(pugi::xml_node node, std::string_view text);
// Text that is already clean and may be as long as it is.
void add_clean_text(pugi::xml_node node, const std::string& text);
std::string xml_text(const pugi::xml_document& document);

}  // namespace upspec::report
