// The inside of loading: XML elements to the values of case.hpp. Errors travel as LoadError (xml.hpp) up to `loading`.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.hpp"
#include "scenario/case.hpp"
#include "scenario/registry.hpp"
#include "scenario/xml.hpp"

namespace upspec {

// cases/messages.xml: field lines by name, and by dialect where a message has a form in each.
class Messages {
 public:
  static Messages read(const XmlReader& xml);
  const std::vector<FieldLine>* find(std::string_view id, Dialect dialect) const;
  const std::vector<std::string>* find_h1(std::string_view id) const;  // its lines as they stand in the file

 private:
  std::map<std::pair<std::string, std::optional<Dialect>>, std::vector<FieldLine>> all_;
  std::map<std::string, std::vector<std::string>, std::less<>> h1_;
};

// What an element is read with: its file, the dialect it is read for, and the names that holes may use at this point.
struct LoadContext {
  const XmlReader& xml;
  const Messages& messages;
  Dialect dialect;
  std::set<std::string, std::less<>> names;
  std::string_view role = "server";  // of the implementation under test
  std::string_view way = {};         // of a proxy

  // A template whose names are all known here.
  Template read_template(pugi::xml_node node, std::string_view text) const;
};

// "name: value" lines, with "+name: v", ">name: v" and "-name"; `node` is for errors.
std::vector<FieldLine> read_field_lines(const LoadContext& context, pugi::xml_node node);
// "NAME=VALUE" lines.
std::vector<SettingLine> read_setting_lines(const LoadContext& context, pugi::xml_node node);

SendPart read_send_part(const LoadContext& context, pugi::xml_node node);
// Captures add their names to the context.
ExpectPart read_expect_part(LoadContext& context, pugi::xml_node node);
Pattern read_pattern(LoadContext& context, pugi::xml_node node, std::string_view text);
FieldExpectation read_field_expectation(LoadContext& context, pugi::xml_node node, std::string_view line);

// HTTP/1.1's (load_h1.cpp).
std::vector<std::string> read_plain_lines(const LoadContext& context, pugi::xml_node node);
SendPart send_head(const LoadContext& context, pugi::xml_node node);
SendPart send_chunk(const LoadContext& context, pugi::xml_node node);
SendPart send_accept(const LoadContext& context, pugi::xml_node node);
ExpectPart expect_head(LoadContext& context, pugi::xml_node node);
ExpectPart expect_content(LoadContext& context, pugi::xml_node node);
ExpectPart expect_aborted(LoadContext& context, pugi::xml_node node);

Step read_step(LoadContext& context, pugi::xml_node node);
// `<open/>`: the steps that it stands for.
std::vector<Step> read_open(LoadContext& context, pugi::xml_node node);
// Where a step without `at` acts; empty: it has to say so.
std::string_view default_link(std::string_view role);

// Attributes as values; the default where the attribute is absent.
std::uint64_t number_attribute(const XmlReader& xml, pugi::xml_node node, const char* name, std::uint64_t otherwise,
                               std::uint64_t largest);
bool yes_no_attribute(const XmlReader& xml, pugi::xml_node node, const char* name, bool otherwise);
std::uint32_t stream_attribute(const XmlReader& xml, pugi::xml_node node);
std::uint8_t opcode_attribute(const LoadContext& c, pugi::xml_node node);
std::optional<std::uint16_t> close_code_attribute(const LoadContext& c, pugi::xml_node node);
std::uint32_t error_code_attribute(const LoadContext& c, pugi::xml_node node);

// The element's text as one template, trimmed: white space that counts is written as escapes.
Template read_payload(const LoadContext& c, pugi::xml_node node);

// "name: value" cut in two: a pseudo-header's own colon comes first and does not count.
std::pair<std::string_view, std::string_view> split_line(const LoadContext& c, pugi::xml_node node,
                                                         std::string_view line);

// Calls `read` with every line that is not blank.
template <class Line, class Read>
std::vector<Line> each_line(const LoadContext& c, pugi::xml_node node, Read read) {
  const auto text = c.xml.text(node);
  std::vector<Line> lines;
  for (const auto raw : split(text, '\n')) {
    const auto line = trim_lines(raw);
    if (line.empty()) continue;
    lines.push_back(read(line));
  }
  return lines;
}

}  // namespace upspec
