// Steps: what stands directly in a `<case>`.
#include <algorithm>
#include <array>

#include "scenario/loader.hpp"

namespace upspec {

namespace {

using Node = pugi::xml_node;

// "stream-error(PROTOCOL_ERROR)"; protocol.md section 1 has the table.
OutcomeName read_outcome_name(const LoadContext& c, Node node) {
  const auto text = c.xml.text(node);
  const auto whole = trim_lines(text);
  const auto open = whole.find('(');
  const auto name = whole.substr(0, open);
  constexpr std::array<std::string_view, 4> of_server = {"accept", "malformed", "decline", "refused"};
  constexpr std::array<std::string_view, 3> of_client = {"malformed", "fails-handshake", "gives-up"};
  const auto has = [&](const auto& names) { return std::ranges::find(names, name) != names.end(); };
  const bool plain = (c.role != "client" && has(of_server)) || (c.role != "server" && has(of_client));
  constexpr std::array<std::string_view, 2> coded = {"stream-error", "connection-error"};
  OutcomeName made{std::string(name), 0, stream_attribute(c.xml, node)};
  if (open == whole.npos && plain) return made;
  if (open != whole.npos && whole.ends_with(')') && std::ranges::find(coded, name) != coded.end()) {
    if (const auto code = h2::error_from(whole.substr(open + 1, whole.size() - open - 2))) {
      made.code = *code;
      return made;
    }
  }
  c.xml.fail_at(node, cat("outcome ", quoted(whole), "; it is ", c.role == "client" ? "" : "accept, decline, refused, ",
                          c.role == "server" ? "" : "fails-handshake, gives-up, ",
                          "malformed, stream-error(CODE) or connection-error(CODE)"));
}

Expectation read_alternative(LoadContext& c, Node node) {
  const std::string_view name = node.name();
  Expectation made;
  if (name == "outcome") {
    c.xml.check(node, "outcome", {}, {"stream", "at", "met", "about"});
    made.what = read_outcome_name(c, node);
  } else {
    c.xml.check(node, "expect", {}, {"at", "met", "about", "connection"});
    c.xml.no_text(node);
    std::vector<ExpectPart> parts;
    for (const auto part : XmlReader::elements(node)) parts.push_back(read_expect_part(c, part));
    if (parts.empty()) c.xml.fail_at(node, "<expect> without a part; it accepts everything");
    made.what = std::move(parts);
  }
  if (const auto met = node.attribute("met")) {
    const std::string_view value = met.value();
    if (value != "with-note" && value != "not-testable" && value != "ends")
      c.xml.fail_at(node, cat("met=\"", value, "\"; it is with-note, not-testable or ends"));
    made.met = value == "with-note" ? Expectation::Met::with_note
               : value == "ends"    ? Expectation::Met::ends
                                    : Expectation::Met::not_testable;
  }
  made.about = node.attribute("about").value();
  return made;
}

Step read_send(LoadContext& c, Node node) {
  c.xml.check(node, "send", {}, {"at", "split", "times"});
  c.xml.no_text(node);
  Send send;
  send.split = number_attribute(c.xml, node, "split", 0, 1u << 20);
  send.times = number_attribute(c.xml, node, "times", 1, 1u << 14);
  for (const auto part : XmlReader::elements(node)) send.parts.push_back(read_send_part(c, part));
  if (send.parts.empty()) c.xml.fail_at(node, "<send> without a part; it sends nothing");
  return {std::move(send)};
}

Step read_expect(LoadContext& c, Node node) {
  Expect expect;
  expect.alternatives.push_back(read_alternative(c, node));
  if (const auto connection = node.attribute("connection")) {
    const std::string_view value = connection.value();
    if (c.role != "proxy" || (value != "new" && value != "same"))
      c.xml.fail_at(node, cat("connection=\"", value, "\"; behind a proxy it is new or same"));
    expect.connection = value == "new" ? Expect::On::fresh : Expect::On::same;
  }
  return {std::move(expect)};
}

Step read_any_of(LoadContext& c, Node node) {
  c.xml.check(node, "any-of", {}, {"at"});
  c.xml.no_text(node);
  Expect expect;
  for (const auto one : XmlReader::elements(node)) {
    const std::string_view name = one.name();
    if (name != "expect" && name != "outcome")
      c.xml.fail_at(one, cat("<", name, "> in <any-of>; its parts are expect and outcome"));
    expect.alternatives.push_back(read_alternative(c, one));
    expect.alternatives.back().at = one.attribute("at").value();
  }
  if (expect.alternatives.size() < 2) c.xml.fail_at(node, "<any-of> has two alternatives or more");
  return {std::move(expect)};
}

Step read_quiet(LoadContext& c, Node node) {
  c.xml.check(node, "quiet", {}, {"stream", "at", "reset"});
  c.xml.nothing_in(node);
  return {Quiet{stream_attribute(c.xml, node), !yes_no_attribute(c.xml, node, "reset", true)}};
}

Step read_never(LoadContext& c, Node node) {
  c.xml.check(node, "never", {}, {"stream", "at"});
  Never never{stream_attribute(c.xml, node), read_payload(c, node)};
  if (never.octets.empty()) c.xml.fail_at(node, "<never> without octets; nothing always comes");
  return {std::move(never)};
}

Step read_alive(LoadContext& c, Node node) {
  c.xml.check(node, "alive", {}, {"at"});
  c.xml.nothing_in(node);
  return {Alive{}};
}

Step read_let(LoadContext& c, Node node) {
  c.xml.check(node, "let", {"name"});
  Let let{node.attribute("name").value(), read_payload(c, node)};
  c.names.insert(let.name);
  return {std::move(let)};
}

Step read_connect(LoadContext& c, Node node) {
  c.xml.check(node, "connect", {}, {"at", "windows"});
  c.xml.no_text(node);
  Connect connect;
  if (const auto windows = node.attribute("windows")) {
    if (std::string_view(windows.value()) != "kept" || c.role == "server")
      c.xml.fail_at(node, "windows is \"kept\", where the harness is the server's end");
    connect.keeps_windows = true;
  }
  for (const auto part : XmlReader::elements(node)) {
    c.xml.check(part, "settings", {});
    connect.settings = read_setting_lines(c, part);
  }
  return {std::move(connect)};
}

Step read_cut(LoadContext& c, Node node) {
  c.xml.check(node, "cut", {"how"}, {"at"});
  c.xml.nothing_in(node);
  const std::string_view how = node.attribute("how").value();
  if (how != "fin" && how != "reset") c.xml.fail_at(node, cat("how=\"", how, "\"; it is fin or reset"));
  return {Cut{how == "reset"}};
}

Step read_client(LoadContext& c, Node node) {
  c.xml.check(node, "client", {"reports"}, {"at"});
  c.xml.nothing_in(node);
  const std::string_view what = node.attribute("reports").value();
  if (what != "success" && what != "failure")
    c.xml.fail_at(node, cat("reports=\"", what, "\"; it is success or failure"));
  if (c.role != "client") c.xml.fail_at(node, cat("<client> in a case of role ", c.role));
  return {Report{what == "success"}};
}

Step read_refuse(LoadContext& c, Node node) {
  c.xml.check(node, "refuse", {"how"}, {"at"});
  c.xml.nothing_in(node);
  const std::string_view how = node.attribute("how").value();
  using How = Refuse::How;
  if (how == "fin") return {Refuse{How::fin}};
  if (how == "reset") return {Refuse{How::reset}};
  if (how != "connection") c.xml.fail_at(node, cat("how=\"", how, "\"; it is fin, reset or connection"));
  return {Refuse{How::connection}};
}

// <flow from="client" to="origin" octets="1000000"/>; <press .../>, where `most` may be written while nobody reads.
Step read_flow(LoadContext& c, Node node) {
  const bool press = std::string_view(node.name()) == "press";
  const char* size = press ? "most" : "octets";
  c.xml.check(node, node.name(), {"from", "to", size});
  c.xml.nothing_in(node);
  if (c.role != "proxy") c.xml.fail_at(node, cat("<", node.name(), "> goes through a proxy"));
  Flow flow{node.attribute("from").value(), node.attribute("to").value(),
            number_attribute(c.xml, node, size, 0, 1u << 28), press};
  return {std::move(flow)};
}

}  // namespace

std::string_view default_link(std::string_view role) {
  if (std::ranges::count(first_links, role, &FirstLink::role) != 1) return {};
  return std::ranges::find(first_links, role, &FirstLink::role)->name;
}

Step read_step(LoadContext& c, Node node) {
  struct Row {
    std::string_view name;
    Step (*read)(LoadContext&, Node);
  };
  constexpr std::array rows = {Row{"send", read_send},      Row{"expect", read_expect}, Row{"any-of", read_any_of},
                               Row{"outcome", read_expect}, Row{"quiet", read_quiet},   Row{"never", read_never},
                               Row{"alive", read_alive},    Row{"let", read_let},       Row{"connect", read_connect},
                               Row{"cut", read_cut},        Row{"client", read_client}, Row{"refuse", read_refuse},
                               Row{"flow", read_flow},      Row{"press", read_flow}};
  const auto row = std::ranges::find(rows, std::string_view(node.name()), &Row::name);
  if (row == rows.end()) {
    c.xml.fail_at(
        node,
        cat("unknown step <", node.name(),
            ">; the steps are send expect any-of outcome quiet never alive let connect cut refuse open flow press "
            "client, after <each>"));
  }
  auto step = row->read(c, node);
  if (const auto* flow = std::get_if<Flow>(&step.what)) {
    step.at = flow->from;
    step.line = c.xml.line(node);
    return step;
  }
  step.at = node.attribute("at") ? node.attribute("at").value() : default_link(c.role);
  if (step.at.empty() && !std::holds_alternative<Let>(step.what))
    c.xml.fail_at(node, "at is \"client\" (before the proxy) or \"origin\" (behind it)");
  step.line = c.xml.line(node);
  return step;
}

}  // namespace upspec
