// The parts that speak HTTP/1.1: heads as text, chunks, content.
#include <algorithm>

#include "scenario/loader.hpp"

namespace upspec {

namespace {

using Node = pugi::xml_node;

bool is_start_line(std::string_view line) {
  return line.starts_with("HTTP/") || line.find(" HTTP/") != line.npos || line.find(':') == line.npos;
}

std::string name_of_line(std::string_view line) { return lower(trim(line.substr(0, line.find(':')))); }

// The message, and the case's own difference: its start line, "name: value" in the place of the first of that name,
// "+name: value" at the end, "-name" for none.
std::vector<std::string> merged(std::vector<std::string> lines, const std::vector<std::string>& changes) {
  for (const auto& change : changes) {
    const bool removes = change.starts_with('-');
    const auto name = name_of_line(removes ? change.substr(1) : change);
    const auto same = [&](const std::string& line) { return !is_start_line(line) && name_of_line(line) == name; };
    const auto at = std::ranges::find_if(lines, same);
    if (removes) {
      std::erase_if(lines, same);
    } else if (is_start_line(change)) {
      lines.front() = change;
    } else if (change.starts_with('+') || at == lines.end()) {
      lines.push_back(change.starts_with('+') ? change.substr(1) : change);
    } else {
      *at = change;
    }
  }
  return lines;
}

}  // namespace

std::vector<std::string> read_plain_lines(const LoadContext& c, Node node) {
  return each_line<std::string>(c, node, [](std::string_view line) { return std::string(line); });
}

SendPart send_head(const LoadContext& c, Node node) {
  c.xml.check(node, "h1", {}, {"like", "first"});
  auto lines = read_plain_lines(c, node);
  if (const auto like = node.attribute("like")) {
    const auto* message = c.messages.find_h1(like.value());
    if (!message) c.xml.fail_at(node, cat("like=\"", like.value(), "\": messages.xml has no such <h1>"));
    lines = merged(*message, lines);
  }
  if (lines.empty()) c.xml.fail_at(node, "<h1> without a line; the first is the start line");
  SendHead part;
  for (const auto& line : lines) part.lines.push_back(c.read_template(node, line));
  if (node.attribute("first"))
    part.most = static_cast<std::size_t>(number_attribute(c.xml, node, "first", 0, 1u << 20));
  return part;
}

SendPart send_chunk(const LoadContext& c, Node node) {
  c.xml.check(node, "chunk", {}, {});
  return SendChunk{read_payload(c, node)};
}

SendPart send_accept(const LoadContext& c, Node node) {
  c.xml.check(node, "accept", {}, {});
  if (c.role != "proxy") c.xml.fail_at(node, "<accept> is what the origin behind a proxy says");
  return SendAccept{1, read_field_lines(c, node)};
}

namespace {

SendPart unremarkable_offer(const LoadContext& c, Node node, std::uint32_t stream) {
  if (c.way.starts_with('1')) {
    SendHead head;
    for (const auto& line : *c.messages.find_h1("offer")) head.lines.push_back(c.read_template(node, line));
    return head;
  }
  SendHeaders headers;
  headers.stream = stream;
  headers.like = *c.messages.find("offer", c.dialect);
  return headers;
}

// What says behind that an upgrade is asked for, whatever else the proxy made of the request.
ExpectPart offer_behind(const LoadContext& c, Node node) {
  const bool h1 = c.way.ends_with('1');
  ExpectHeaders headers;
  Pattern path, any;
  path.text = c.read_template(node, "${path.websocket}");
  any.kind = Pattern::Kind::any;
  headers.fields.push_back({false, ":path", std::move(path)});
  headers.fields.push_back({false, h1 ? "upgrade" : c.dialect == Dialect::upgrade ? ":upgrade" : ":protocol", any});
  return headers;
}

}  // namespace

// An unremarkable channel from end to end: the offer, the request behind, the origin's accept, and the accept in front.
std::vector<Step> read_open(LoadContext& c, Node node) {
  c.xml.check(node, "open", {}, {"at", "behind", "stream"});
  c.xml.nothing_in(node);
  if (c.role != "proxy") c.xml.fail_at(node, "<open> is through a proxy");
  if (!c.messages.find_h1("offer") || !c.messages.find("offer", c.dialect))
    c.xml.fail_at(node, "messages.xml has no \"offer\" in both forms");
  const std::string front = node.attribute("at") ? node.attribute("at").value() : "client";
  const std::string behind = node.attribute("behind") ? node.attribute("behind").value() : "origin";
  const auto stream = stream_attribute(c.xml, node);
  Send offer, accept;
  Expect request, accepted;
  offer.parts.push_back(unremarkable_offer(c, node, stream));
  request.alternatives.push_back({std::vector<ExpectPart>{offer_behind(c, node)}});
  accept.parts.emplace_back(SendAccept{});
  accepted.alternatives.push_back({OutcomeName{"accept", 0, stream}});
  const auto line = c.xml.line(node);
  std::vector<Step> steps;
  steps.push_back({std::move(offer), front, line});
  steps.push_back({std::move(request), behind, line});
  steps.push_back({std::move(accept), behind, line});
  steps.push_back({std::move(accepted), front, line});
  return steps;
}

ExpectPart expect_head(LoadContext& c, Node node) {
  c.xml.check(node, "h1", {}, {});
  ExpectHead part;
  auto lines = read_plain_lines(c, node);
  if (!lines.empty() && is_start_line(lines.front())) {
    for (const auto word : words(lines.front())) part.start.push_back(read_pattern(c, node, word));
    lines.erase(lines.begin());
  }
  for (const auto& line : lines) {
    part.fields.push_back(read_field_expectation(c, node, line));
    part.fields.back().name = lower(part.fields.back().name);
  }
  return part;
}

ExpectPart expect_content(LoadContext& c, Node node) {
  c.xml.check(node, "content", {}, {});
  return ExpectContent{1, read_payload(c, node)};
}

ExpectPart expect_aborted(LoadContext& c, Node node) {
  c.xml.check(node, "aborted", {}, {"stream"});
  c.xml.nothing_in(node);
  return ExpectAborted{stream_attribute(c.xml, node)};
}

}  // namespace upspec
