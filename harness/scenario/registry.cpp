#include "scenario/registry.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "scenario/xml.hpp"

namespace upspec {

namespace {

std::vector<Dialect> dialects_of(const XmlReader& xml, pugi::xml_node node, std::string_view names) {
  std::vector<Dialect> dialects;
  for (const auto name : words(names)) {
    const auto dialect = dialect_from(name);
    if (!dialect) xml.fail_at(node, cat("dialects=\"", names, "\": the dialects are upgrade and connect"));
    dialects.push_back(*dialect);
  }
  return dialects;
}

Requirement read_requirement(const XmlReader& xml, pugi::xml_node node, std::string_view section_dialects) {
  xml.check(node, "requirement", {"id", "level", "roles", "basis"}, {"clause", "ways", "dialects", "uncovered"});
  const std::string_view level = node.attribute("level").value();
  if (level != "MUST" && level != "SHOULD") xml.fail_at(node, cat("level=\"", level, "\": it is MUST or SHOULD"));
  const auto own = node.attribute("dialects");
  Requirement made;
  made.text = {node.attribute("id").value(), std::string(level), node.attribute("basis").value(),
               node.attribute("clause").value(), std::string(trim_lines(xml.text(node)))};
  for (const auto role : words(node.attribute("roles").value())) made.roles += role;
  made.ways = node.attribute("ways").value();
  made.dialects = dialects_of(xml, node, own ? std::string_view(own.value()) : section_dialects);
  made.uncovered = node.attribute("uncovered").value();
  return made;
}

}  // namespace

Result<Registry> Registry::load(const std::string& file) {
  return loading([&] {
    const auto xml = XmlReader::open(file);
    xml.check(xml.root(), "requirements", {"version"});
    Registry registry;
    for (const auto section : XmlReader::elements(xml.root())) {
      xml.check(section, "section", {"number", "title", "dialects"});
      for (const auto node : XmlReader::elements(section)) {
        auto requirement = read_requirement(xml, node, section.attribute("dialects").value());
        if (registry.find(requirement.text.id)) xml.fail_at(node, cat("id \"", requirement.text.id, "\" stands twice"));
        registry.all_.push_back(std::move(requirement));
      }
    }
    return registry;
  });
}

const Requirement* Registry::find(std::string_view id) const {
  const auto at = std::ranges::find_if(all_, [&](const Requirement& r) { return r.text.id == id; });
  return at == all_.end() ? nullptr : &*at;
}

}  // namespace upspec
