// One XML file, read strictly: pugixml parses, and this refuses what pugixml forgives (cases.md section 2): unknown
// elements and attributes, doubled attributes, comments inside text, several roots, text where none belongs, a document
// type, control characters, references to other characters than the five that XML names. Every error is one line,
// "FILE:LINE: what is wrong, what would be right". Inside a loader it travels as a LoadError, which the loader's own
// border (`loading`) turns into a Result: nobody else sees an exception.
#pragma once

#include <initializer_list>
#include <memory>
#include <pugixml.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace upspec {

struct LoadError {
  std::string text;
};

// The border: runs `load`, and gives what it returns or the line it failed with.
template <class Load>
auto loading(Load load) -> Result<decltype(load())> {
  try {
    return load();
  } catch (const LoadError& error) {
    return fail(error.text);
  }
}

class XmlReader {
 public:
  static XmlReader open(const std::string& file);
  // `name` stands for the file in errors.
  static XmlReader parse(std::string_view text, const std::string& name);

  pugi::xml_node root() const;
  static std::vector<pugi::xml_node> elements(pugi::xml_node parent);

  // The element has that name, all required attributes, no other than those and the optional ones, and none twice.
  void check(pugi::xml_node node, std::string_view name, std::initializer_list<std::string_view> required,
             std::initializer_list<std::string_view> optional = {}) const;
  // Its text; fails when there are elements in it, or a comment splits it.
  std::string text(pugi::xml_node node) const;
  // Fails when text stands beside the elements.
  void no_text(pugi::xml_node node) const;
  // Fails when anything but comments stands in it.
  void nothing_in(pugi::xml_node node) const;

  [[noreturn]] void fail_at(pugi::xml_node node, std::string_view what) const;
  [[noreturn]] void fail_at(int line, std::string_view what) const;
  int line(pugi::xml_node node) const;
  const std::string& name() const { return name_; }
  // The element as it stands in the file, from its tag to the first closing tag of its name.
  std::string source(pugi::xml_node node) const;

 private:
  int line_at(std::size_t offset) const;

  std::string name_;
  std::string content_;
  std::unique_ptr<pugi::xml_document> document_;
};

// The whole file; throws LoadError.
std::string read_file(const std::string& file);

}  // namespace upspec
