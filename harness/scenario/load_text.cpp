// What all elements share: attributes as values, lines of text.
#include <algorithm>
#include <array>

#include "scenario/loader.hpp"
#include "ws/frame.hpp"

namespace upspec {

using Node = pugi::xml_node;

std::uint64_t number_attribute(const XmlReader& xml, Node node, const char* name, std::uint64_t otherwise,
                               std::uint64_t largest) {
  const auto attribute = node.attribute(name);
  if (!attribute) return otherwise;
  const auto number = to_number(attribute.value());
  if (!number || *number > largest)
    xml.fail_at(node, cat(name, "=\"", attribute.value(), "\"; it is a number from 0 to ", largest));
  return *number;
}

bool yes_no_attribute(const XmlReader& xml, Node node, const char* name, bool otherwise) {
  const auto attribute = node.attribute(name);
  if (!attribute) return otherwise;
  const std::string_view value = attribute.value();
  if (value != "yes" && value != "no") xml.fail_at(node, cat(name, "=\"", value, "\"; it is yes or no"));
  return value == "yes";
}

std::uint32_t stream_attribute(const XmlReader& xml, Node node) {
  return static_cast<std::uint32_t>(number_attribute(xml, node, "stream", 1, 0x7fffffff));
}

std::uint8_t opcode_attribute(const LoadContext& c, Node node) {
  constexpr std::array<std::pair<std::string_view, ws::Opcode>, 6> known = {{{"continuation", ws::Opcode::continuation},
                                                                             {"text", ws::Opcode::text},
                                                                             {"binary", ws::Opcode::binary},
                                                                             {"close", ws::Opcode::close},
                                                                             {"ping", ws::Opcode::ping},
                                                                             {"pong", ws::Opcode::pong}}};
  const std::string_view op = node.attribute("op").value();
  if (op == "message" && c.role == "client") return any_message;
  for (const auto& [name, opcode] : known)
    if (op == name) return static_cast<std::uint8_t>(opcode);
  const auto number = to_number(op);
  if (!number || *number > 15)
    c.xml.fail_at(node, cat("op=\"", op, "\"; it is continuation, text, binary, close, ping, pong or 0 to 15"));
  return static_cast<std::uint8_t>(*number);
}

std::optional<std::uint16_t> close_code_attribute(const LoadContext& c, Node node) {
  if (!node.attribute("code")) return std::nullopt;
  return static_cast<std::uint16_t>(number_attribute(c.xml, node, "code", 0, 65535));
}

std::uint32_t error_code_attribute(const LoadContext& c, Node node) {
  const auto code = h2::error_from(node.attribute("code").value());
  if (!code)
    c.xml.fail_at(node, cat("code=\"", node.attribute("code").value(), "\"; it is a name of RFC 9113 7 or a number"));
  return *code;
}

Template LoadContext::read_template(Node node, std::string_view text) const {
  auto made = Template::parse(text);
  if (!made) xml.fail_at(node, made.error().text);
  for (const auto& name : made->names())
    if (!names.contains(name)) {
      xml.fail_at(node,
                  cat("nothing is called \"", name, "\" here; known are: ", join({names.begin(), names.end()}, " ")));
    }
  return std::move(*made);
}

Template read_payload(const LoadContext& c, Node node) { return c.read_template(node, trim_lines(c.xml.text(node))); }

std::pair<std::string_view, std::string_view> split_line(const LoadContext& c, Node node, std::string_view line) {
  const auto colon = line.find(':', 1);
  if (colon == line.npos) c.xml.fail_at(node, cat("field line ", quoted(line), "; it is \"name: value\""));
  return std::pair{line.substr(0, colon), trim(line.substr(colon + 1))};
}

std::vector<FieldLine> read_field_lines(const LoadContext& c, Node node) {
  return each_line<FieldLine>(c, node, [&](std::string_view line) -> FieldLine {
    FieldLine made;
    if (line.starts_with('-')) {
      made.change = FieldLine::Change::remove;
      made.name = c.read_template(node, line.substr(1));
      return made;
    }
    if (line.starts_with('+') || line.starts_with('>')) {
      made.change = line.front() == '+' ? FieldLine::Change::add : FieldLine::Change::last;
      line.remove_prefix(1);
    }
    const auto halves = split_line(c, node, line);
    made.name = c.read_template(node, halves.first);
    made.value = c.read_template(node, halves.second);
    return made;
  });
}

std::vector<SettingLine> read_setting_lines(const LoadContext& c, Node node) {
  return each_line<SettingLine>(c, node, [&](std::string_view line) -> SettingLine {
    const auto equals = line.find('=');
    const auto id = h2::setting_from(trim(line.substr(0, equals)));
    if (equals == line.npos || !id)
      c.xml.fail_at(node, cat("setting ", quoted(line), "; it is NAME=VALUE, the name of an RFC or a number"));
    return SettingLine{*id, c.read_template(node, trim(line.substr(equals + 1)))};
  });
}

}  // namespace upspec
