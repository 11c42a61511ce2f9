// The parts of `<expect>`.
#include <algorithm>
#include <array>

#include "base/regex.hpp"
#include "scenario/loader.hpp"

namespace upspec {

namespace {

using Node = pugi::xml_node;

// A hole in an expression could make it one that does not compile, so there is none.
void check_regex(const LoadContext& c, Node node, const Template& text) {
  if (!text.names().empty()) c.xml.fail_at(node, "a hole in a regular expression; write the value as it is");
  if (!is_regex(text.fill({}).value_or(""))) c.xml.fail_at(node, "a regular expression that does not compile");
}

}  // namespace

Pattern read_pattern(LoadContext& c, Node node, std::string_view text) {
  Pattern pattern;
  if (const auto capture = text.find(":="); text.starts_with("${") && text.ends_with("}") && capture != text.npos) {
    pattern.capture = std::string(text.substr(2, capture - 2));
    c.names.insert(pattern.capture);
    text = text.substr(capture + 2, text.size() - capture - 3);
  }
  if (text == "*") {
    pattern.kind = Pattern::Kind::any;
    return pattern;
  }
  if (text.starts_with('{') && text.ends_with('}')) {
    pattern.kind = Pattern::Kind::list;
    for (const auto member : split(text.substr(1, text.size() - 2), ',')) {
      if (trim(member) == "*") {
        pattern.others = true;
        continue;
      }
      const bool forbidden = trim(member).starts_with('!');
      (forbidden ? pattern.forbidden : pattern.members)
          .push_back(c.read_template(node, trim(member).substr(forbidden ? 1 : 0)));
    }
    return pattern;
  }
  if (text.starts_with('~')) {
    pattern.kind = Pattern::Kind::regex;
    text.remove_prefix(1);
  }
  pattern.text = c.read_template(node, text);
  if (pattern.kind == Pattern::Kind::regex) check_regex(c, node, pattern.text);
  return pattern;
}

FieldExpectation read_field_expectation(LoadContext& c, Node node, std::string_view line) {
  FieldExpectation field;
  if (line.starts_with('!')) {
    field.absent = true;
    field.name = std::string(line.substr(1));
    return field;
  }
  const auto halves = split_line(c, node, line);
  field.name = std::string(halves.first);
  field.pattern = read_pattern(c, node, halves.second);
  return field;
}

namespace {

ExpectPart expect_headers(LoadContext& c, Node node) {
  c.xml.check(node, "headers", {}, {"stream", "end"});
  ExpectHeaders part;
  part.stream = stream_attribute(c.xml, node);
  part.fields = each_line<FieldExpectation>(
      c, node, [&](std::string_view line) { return read_field_expectation(c, node, line); });
  if (node.attribute("end")) part.end = yes_no_attribute(c.xml, node, "end", false);
  return part;
}

ExpectPart expect_octets(LoadContext& c, Node node) {
  c.xml.check(node, "octets", {}, {"stream", "least"});
  const auto stream = stream_attribute(c.xml, node);
  if (!node.attribute("least")) return ExpectOctets{stream, read_payload(c, node)};
  c.xml.nothing_in(node);
  return ExpectAmount{stream, number_attribute(c.xml, node, "least", 1, 1u << 28)};
}

ExpectPart expect_ws(LoadContext& c, Node node) {
  c.xml.check(node, "ws", {"op"}, {"code", "stream"});
  return ExpectWs{stream_attribute(c.xml, node), opcode_attribute(c, node), close_code_attribute(c, node),
                  read_payload(c, node)};
}

bool past_octets(const LoadContext& c, Node node) {
  const auto past = node.attribute("past");
  if (past && std::string_view(past.value()) != "octets") c.xml.fail_at(node, "past is \"octets\" here");
  return bool(past);
}

ExpectPart expect_end(LoadContext& c, Node node) {
  c.xml.check(node, "end", {}, {"stream", "past"});
  c.xml.nothing_in(node);
  return ExpectEnd{stream_attribute(c.xml, node), past_octets(c, node)};
}

ExpectPart expect_inner(LoadContext& c, Node node) {
  c.xml.check(node, "inner", {"type"}, {"stream"});
  c.xml.nothing_in(node);
  const auto type = h2::frame_type_from(node.attribute("type").value());
  if (!type)
    c.xml.fail_at(node, cat("type=\"", node.attribute("type").value(), "\"; it is a name of RFC 9113 6 or a number"));
  return ExpectInner{stream_attribute(c.xml, node), *type};
}

std::optional<std::uint32_t> optional_code(const LoadContext& c, Node node) {
  if (!node.attribute("code")) return std::nullopt;
  return error_code_attribute(c, node);
}

ExpectPart expect_rst(LoadContext& c, Node node) {
  c.xml.check(node, "rst", {}, {"code", "stream", "past"});
  c.xml.nothing_in(node);
  return ExpectReset{stream_attribute(c.xml, node), past_octets(c, node), optional_code(c, node)};
}

ExpectPart expect_goaway(LoadContext& c, Node node) {
  c.xml.check(node, "goaway", {}, {"code"});
  c.xml.nothing_in(node);
  return ExpectGoaway{optional_code(c, node)};
}

ExpectPart expect_closed(LoadContext& c, Node node) {
  c.xml.check(node, "closed", {}, {});
  c.xml.nothing_in(node);
  return ExpectClosed{};
}

ExpectPart expect_request(LoadContext& c, Node node) {
  c.xml.check(node, "request", {}, {"stream"});
  c.xml.nothing_in(node);
  return ExpectRequest{stream_attribute(c.xml, node)};
}

ExpectPart expect_settings(LoadContext& c, Node node) {
  c.xml.check(node, "settings", {"ack"}, {});
  c.xml.nothing_in(node);
  if (std::string_view(node.attribute("ack").value()) != "yes") c.xml.fail_at(node, "ack is \"yes\" here");
  return ExpectSettingsAck{};
}

}  // namespace

ExpectPart read_expect_part(LoadContext& c, Node node) {
  struct Row {
    std::string_view name;
    ExpectPart (*read)(LoadContext&, Node);
  };
  constexpr std::array rows = {
      Row{"headers", expect_headers}, Row{"octets", expect_octets},     Row{"ws", expect_ws},
      Row{"end", expect_end},         Row{"rst", expect_rst},           Row{"goaway", expect_goaway},
      Row{"closed", expect_closed},   Row{"settings", expect_settings}, Row{"request", expect_request},
      Row{"h1", expect_head},         Row{"content", expect_content},   Row{"aborted", expect_aborted},
      Row{"inner", expect_inner}};
  const auto row = std::ranges::find(rows, std::string_view(node.name()), &Row::name);
  if (row == rows.end()) {
    c.xml.fail_at(node, cat("unknown element <", node.name(),
                            "> in <expect>; its parts are headers h1 content octets ws end rst aborted goaway closed "
                            "settings request inner"));
  }
  return row->read(c, node);
}

}  // namespace upspec
