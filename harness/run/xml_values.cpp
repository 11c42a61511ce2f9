#include "run/xml_values.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace upspec {
namespace {

using Node = pugi::xml_node;

bool is_id(std::string_view text) {
  constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
  return !text.empty() && text.find_first_not_of(allowed) == std::string_view::npos;
}

}  // namespace

std::string shown(std::string_view value) { return upspec::quoted(value); }

std::string without_indent(std::string_view text) {
  const std::vector<std::string_view> lines = split(text, '\n');
  std::size_t common = std::string_view::npos;
  for (const std::string_view line : lines) {
    if (const std::size_t indent = line.find_first_not_of(" \t"); indent != std::string_view::npos) {
      common = std::min(common, indent);
    }
  }
  std::string all;
  for (const std::string_view line : lines) {
    const bool blank = trim_lines(line).empty();
    if (blank && all.empty()) continue;
    all.append(blank ? std::string_view() : line.substr(common)).push_back('\n');
  }
  while (all.ends_with("\n\n")) all.pop_back();
  return all;
}

std::string attribute_of(const XmlReader& xml, Node node, const char* name) {
  const auto found = node.attribute(name);
  if (found && *found.value() == 0) xml.fail_at(node, cat("\"", name, "\" is empty; give it a value, or leave it out"));
  return found.value();
}

bool yes_or_no_of(const XmlReader& xml, Node node, const char* name, bool otherwise) {
  const std::string value = attribute_of(xml, node, name);
  if (!value.empty() && value != "yes" && value != "no") {
    xml.fail_at(node, cat(name, "=", shown(value), "; it is \"yes\" or \"no\""));
  }
  return value.empty() ? otherwise : value == "yes";
}

std::uint64_t number_of(const XmlReader& xml, Node node, const char* name, std::uint64_t least, std::uint64_t most) {
  const std::string value = attribute_of(xml, node, name);
  const auto found = to_number(value);
  if (!found || *found < least || *found > most) {
    xml.fail_at(node, cat(name, "=", shown(value), "; it is a number from ", least, " to ", most));
  }
  return *found;
}

std::string id_of(const XmlReader& xml, Node node, const char* name) {
  std::string value = attribute_of(xml, node, name);
  if (!is_id(value)) xml.fail_at(node, cat(name, "=", shown(value), "; letters, digits, - and _ only"));
  return value;
}

}  // namespace upspec
