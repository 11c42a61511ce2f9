#include "report/xml.hpp"

#include "report/clean.hpp"

namespace upspec::report {

namespace {

struct StringWriter : pugi::xml_writer {
  std::string text;
  void write(const void* data, std::size_t size) override { text.append(static_cast<const char*>(data), size); }
};

}  // namespace

pugi::xml_node start_xml(pugi::xml_document& document, const char* root) {
  auto declaration = document.append_child(pugi::node_declaration);
  declaration.append_attribute("version") = "1.0";
  declaration.append_attribute("encoding") = "UTF-8";
  return document.append_child(root);
}

void add_attribute(pugi::xml_node node, const char* name, std::string_view value) {
  node.append_attribute(name) = clean_line(value).c_str();
}

void add_text(pugi::xml_node node, std::string_view text) { add_clean_text(node, clean(text)); }

void add_clean_text(pugi::xml_node node, const std::string& text) { node.text() = text.c_str(); }

std::string xml_text(const pugi::xml_document& document) {
  StringWriter writer;
  document.save(writer, "  ", pugi::format_indent, pugi::encoding_utf8);
  return std::move(writer.text);
}

}  // namespace upspec::report
