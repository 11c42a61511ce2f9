// Files of cases and of messages: what stands around the steps.
#include <algorithm>
#include <utility>

#include "scenario/loader.hpp"
#include "scenario/suite.hpp"

namespace upspec {

namespace {

using Node = pugi::xml_node;

// One line of an `<each>`: its id and the values of the names it gives.
struct Row {
  std::string id;
  std::map<std::string, Template> values;
};
using Rows = std::vector<Row>;

// What every case can name (docs/writing-cases.md lists them).
const std::set<std::string, std::less<>> situation_names = {"scheme",   "authority", "port",     "path.websocket",
                                                            "path.raw", "path.h2c",  "protocol", "dialect",
                                                            "key",      "key2",      "token",    "message"};

constexpr std::string_view known_ways[] = {"21", "12", "22"};

constexpr std::string_view known_needs[] = {"websocket",      "raw",        "h2c", "setting", "none",
                                            "origin-timeout", "no-upgrades"};
// What a client is told to ask for: one of these a case.
constexpr std::string_view client_protocols[] = {"websocket", "raw", "h2c", "none"};

// A row without an id of its own is called by its text: "web\rsocket" is "web-rsocket".
std::string slug(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool keep =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_';
    if (keep) {
      out += c;
    } else if (!out.empty() && out.back() != '-') {
      out += '-';
    }
  }
  return out;
}

struct CaseFile {
  const XmlReader& xml;
  const Messages& messages;
  const Registry& registry;
  std::string subject;
  std::string role;
  std::string ways;     // of the file
  std::string dialect;  // of the file; empty: both
  std::string needs;
};

constexpr std::uint64_t most_rows = 1000;

Row make_row(const LoadContext& c, Node node, std::string id, std::string_view text,
             const std::vector<std::string_view>& names) {
  Row row{std::move(id), {}};
  const auto values = names.size() == 1 ? std::vector{text} : split(text, '|');
  if (values.size() != names.size()) {
    c.xml.fail_at(node, cat("row \"", row.id, "\" has ", values.size(), " values for ", names.size(),
                            " names; they are split by \"|\""));
  }
  for (std::size_t i = 0; i < names.size(); ++i)
    row.values[std::string(names[i])] = c.read_template(node, trim(values[i]));
  return row;
}

// The rows of `<each name="a">x y</each>`, `<each name="a b"><row id="r">x | y</row></each>` or `<each name="n"
// from="0" to="9"/>`.
Rows read_rows(const LoadContext& c, Node node, const std::vector<std::string_view>& names) {
  Rows rows;
  if (node.attribute("from") || node.attribute("to")) {
    c.xml.nothing_in(node);
    const auto from = number_attribute(c.xml, node, "from", 0, most_rows);
    const auto to = number_attribute(c.xml, node, "to", 0, most_rows);
    for (auto i = from; i <= to; ++i) rows.push_back(make_row(c, node, cat(i), cat(i), names));
  } else if (XmlReader::elements(node).empty()) {
    const auto text = c.xml.text(node);
    for (const auto word : words(text)) rows.push_back(make_row(c, node, slug(word), word, names));
  } else {
    c.xml.no_text(node);
    for (const auto row : XmlReader::elements(node)) {
      c.xml.check(row, "row", {"id"});
      rows.push_back(make_row(c, row, row.attribute("id").value(), trim_lines(c.xml.text(row)), names));
    }
  }
  return rows;
}

Rows read_each(LoadContext& c, Node node) {
  c.xml.check(node, "each", {"name"}, {"from", "to"});
  const auto names = words(node.attribute("name").value());
  const auto rows = read_rows(c, node, names);
  if (names.empty() || rows.empty()) c.xml.fail_at(node, "<each> without a name or a value");
  for (auto row = rows.begin(); row != rows.end(); ++row)
    if (std::find_if(rows.begin(), row, [&](const Row& other) { return other.id == row->id; }) != row)
      c.xml.fail_at(node, cat("row \"", row->id, "\" stands twice; give each <row> an id of its own"));
  for (const auto name : names) c.names.emplace(name);
  return rows;
}

// What a proxy does in front is a server's, and behind a client's (protocol.md section 0).
bool is_of_role(const Requirement& requirement, std::string_view role) {
  if (role == "proxy") return true;
  return requirement.roles.find(role == "server" ? 'S' : 'C') != std::string::npos;
}

// The requirements that hold in this way and dialect; each must be in the registry and be one of that role.
std::vector<std::string> read_checks(const CaseFile& file, Node node, std::string_view way, Dialect dialect) {
  std::vector<std::string> checks;
  for (const auto id : words(node.attribute("checks").value())) {
    const auto* requirement = file.registry.find(id);
    if (!requirement) file.xml.fail_at(node, cat("checks=\"", id, "\": requirements.xml has no such id"));
    if (!is_of_role(*requirement, file.role)) {
      file.xml.fail_at(node, cat("checks=\"", id, "\": that is no requirement of a ", file.role));
    }
    if (!requirement->ways.empty() && !way.empty() && requirement->ways.find(way) == std::string::npos) continue;
    if (std::ranges::find(requirement->dialects, dialect) != requirement->dialects.end()) checks.emplace_back(id);
  }
  if (checks.empty())
    file.xml.fail_at(node, cat("no id of checks=\"", node.attribute("checks").value(), "\" holds in dialect ",
                               name_of(dialect), way.empty() ? "" : cat(" in way ", way)));
  return checks;
}

std::vector<std::string> read_needs(const CaseFile& file, Node node) {
  std::vector<std::string> needs;
  const auto all = cat(file.needs, " ", node.attribute("needs").value());
  for (const auto need : words(all)) {
    const bool known = std::ranges::find(known_needs, need) != std::end(known_needs);
    const bool of_proxy = need == "origin-timeout" || need == "no-upgrades";
    if (!known || (need == "none" && file.role != "client") || (of_proxy && file.role != "proxy")) {
      file.xml.fail_at(node, cat("needs=\"", need, "\"; a case can need websocket, raw, h2c, setting",
                                 file.role == "client"  ? ", none"
                                 : file.role == "proxy" ? ", origin-timeout, no-upgrades"
                                                        : ""));
    }
    if (std::ranges::find(needs, need) == needs.end()) needs.emplace_back(need);
  }
  if (file.role != "client") return needs;
  const auto is_protocol = [](const std::string& need) {
    return std::ranges::find(client_protocols, need) != std::end(client_protocols);
  };
  if (std::ranges::count_if(needs, is_protocol) > 1)
    file.xml.fail_at(node, "a client asks for one thing: needs one of websocket, raw, h2c, none");
  if (std::ranges::none_of(needs, is_protocol)) needs.emplace_back("websocket");
  return needs;
}

std::string read_stands_on(const CaseFile& file, Node node, const std::vector<std::string>& needs) {
  if (const auto own = node.attribute("stands-on")) return *own.value() ? cat("control/", own.value()) : std::string();
  if (file.subject == "control") return {};
  if (file.role == "client") return std::ranges::count(needs, "none") > 0 ? "control/request" : "control/upgrade";
  return std::string_view(node.attribute("announced").value()) == "no" ? "control/request" : "control/upgrade";
}

// One way for each case of a proxy; for others the one that is none.
std::vector<std::string_view> read_ways(const CaseFile& file, Node node) {
  const std::string_view own = node.attribute("way") ? node.attribute("way").value() : std::string_view(file.ways);
  auto ways = words(own);
  if (file.role != "proxy") {
    if (!own.empty()) file.xml.fail_at(node, cat("way=\"", own, "\"; only a case of role proxy has one"));
    return {""};
  }
  for (auto way = ways.begin(); way != ways.end(); ++way) {
    if (std::ranges::find(known_ways, *way) == std::end(known_ways) || std::find(ways.begin(), way, *way) != way)
      file.xml.fail_at(node, cat("way=\"", own, "\"; it is a list of 21, 12, 22, each once"));
  }
  if (ways.empty()) file.xml.fail_at(node, "a case of role proxy without a way: 21, 12, 22");
  return ways;
}

// The name of a connection that the case has from its beginning, where the step is its <connect>.
std::optional<std::string> own_connection(const CaseFile& file, const Step& step) {
  if (!std::holds_alternative<Connect>(step.what)) return std::nullopt;
  const auto is_it = [&](const FirstLink& one) { return one.role == file.role && one.name == step.at; };
  return std::ranges::any_of(first_links, is_it) ? std::optional(step.at) : std::nullopt;
}

// It goes into a command line, so it is text without holes and of a bounded length.
std::string read_message(const LoadContext& context, Node node) {
  constexpr std::size_t longest_message = 100'000;
  if (context.role != "client") context.xml.fail_at(node, "message: only a client is told what to say");
  const auto text = context.read_template(node, node.attribute("message").value()).fill({});
  const auto printable = [](char c) { return c >= ' ' && c <= '~'; };
  if (!text || text->empty() || text->size() > longest_message || !std::ranges::all_of(*text, printable))
    context.xml.fail_at(node, cat("message: printable ASCII without holes, at most ", longest_message, " octets"));
  return *text;
}

// It stands on a server that upgrades, or is the control that shows one.
bool presupposes_upgrades(const Case& one) {
  return one.short_id == "control/upgrade" || (!one.stands_on.empty() && one.stands_on != "control/request");
}

// The case in one way and one dialect, without the values of its rows.
Case read_one(const CaseFile& file, Node node, std::string_view way, Dialect dialect, std::vector<Rows>& rows) {
  LoadContext context{file.xml, file.messages, dialect, situation_names, file.role, way};
  Case made;
  made.short_id = cat(file.subject, "/", node.attribute("id").value());
  made.role = file.role;
  made.way = way;
  made.dialect = dialect;
  made.subject = file.subject;
  made.checks = read_checks(file, node, way, dialect);
  made.needs = read_needs(file, node);
  made.stands_on = read_stands_on(file, node, made.needs);
  if (node.attribute("message")) made.message = read_message(context, node);
  made.control = file.subject == "control";
  made.unannounced = !yes_no_attribute(file.xml, node, "announced", true);
  if (file.role == "server" && !made.unannounced && presupposes_upgrades(made)) made.awaits = Case::Awaits::its_dialect;
  made.place = {file.xml.name(), file.xml.line(node)};
  made.source = file.xml.source(node);
  for (const auto child : XmlReader::elements(node)) {
    if (std::string_view(child.name()) == "each") {
      if (!made.steps.empty()) file.xml.fail_at(child, "<each> stands before the steps");
      rows.push_back(read_each(context, child));
    } else if (std::string_view(child.name()) == "open") {
      std::ranges::move(read_open(context, child), std::back_inserter(made.steps));
    } else if (auto step = read_step(context, child); const auto own = own_connection(file, step)) {
      const auto& connect = std::get<Connect>(step.what);
      if (!made.steps.empty() || !made.settings.try_emplace(*own, connect.settings).second)
        file.xml.fail_at(child, cat("<connect> of \"", *own, "\" stands once, before the other steps"));
      made.keeps_windows = made.keeps_windows || connect.keeps_windows;
    } else if (std::holds_alternative<Connect>(step.what) && file.role == "client") {
      file.xml.fail_at(child, cat("at=\"", step.at, "\": a client is waited for, not connected to"));
    } else {
      made.steps.push_back(std::move(step));
    }
  }
  if (made.steps.empty()) file.xml.fail_at(node, "a case without a step");
  return made;
}

// One case for every combination of rows.
void expand(const Case& base, const std::vector<Rows>& rows, std::size_t at, std::vector<Case>& out) {
  if (at == rows.size()) return out.push_back(base);
  for (const auto& row : rows[at]) {
    Case one = base;
    one.short_id += cat("/", row.id);
    for (const auto& [name, value] : row.values) one.values[name] = value;
    expand(one, rows, at + 1, out);
  }
}

void read_case(const CaseFile& file, Node node, std::vector<Case>& out) {
  file.xml.check(node, "case", {"id", "checks"}, {"dialect", "way", "needs", "stands-on", "announced", "message"});
  file.xml.no_text(node);
  const std::string dialect = node.attribute("dialect") ? node.attribute("dialect").value() : file.dialect;
  if (!dialect.empty() && !dialect_from(dialect))
    file.xml.fail_at(node, cat("dialect=\"", dialect, "\"; it is upgrade or connect"));
  for (const auto way : read_ways(file, node)) {
    for (const auto one : {Dialect::upgrade, Dialect::connect}) {
      if (!dialect.empty() && dialect_from(dialect) != one) continue;
      std::vector<Rows> rows;
      const auto base = read_one(file, node, way, one, rows);
      const auto from = out.size();
      expand(base, rows, 0, out);
      const auto prefix = cat(way, way.empty() ? "" : ".", dialect.empty() ? cat(name_of(one), ".") : "");
      for (auto i = from; i < out.size(); ++i) out[i].id = cat(prefix, out[i].short_id);
    }
  }
}

std::vector<Case> read_cases(const XmlReader& xml, const Messages& messages, const Registry& registry) {
  const auto root = xml.root();
  xml.check(root, "cases", {"subject", "role"}, {"dialect", "way", "needs"});
  xml.no_text(root);
  const CaseFile file{xml,
                      messages,
                      registry,
                      root.attribute("subject").value(),
                      root.attribute("role").value(),
                      root.attribute("way").value(),
                      root.attribute("dialect").value(),
                      root.attribute("needs").value()};
  if (std::ranges::find(first_links, std::string_view(file.role), &FirstLink::role) == first_links.end())
    xml.fail_at(root, cat("role=\"", file.role, "\"; it is server, client or proxy"));
  std::vector<Case> cases;
  for (const auto node : XmlReader::elements(root)) read_case(file, node, cases);
  return cases;
}

}  // namespace

Messages Messages::read(const XmlReader& xml) {
  Messages made;
  xml.check(xml.root(), "messages", {});
  for (const auto node : XmlReader::elements(xml.root())) {
    if (std::string_view(node.name()) == "h1") {
      xml.check(node, "h1", {"id"});
      const LoadContext context{xml, made, Dialect::upgrade, situation_names};
      if (!made.h1_.try_emplace(node.attribute("id").value(), read_plain_lines(context, node)).second)
        xml.fail_at(node, cat("message \"", node.attribute("id").value(), "\" stands twice"));
      continue;
    }
    xml.check(node, "headers", {"id"}, {"dialect"});
    std::optional<Dialect> dialect;
    if (const auto name = node.attribute("dialect")) {
      dialect = dialect_from(name.value());
      if (!dialect) xml.fail_at(node, cat("dialect=\"", name.value(), "\"; it is upgrade or connect"));
    }
    const LoadContext context{xml, made, dialect.value_or(Dialect::upgrade), situation_names};
    if (!made.all_.try_emplace({node.attribute("id").value(), dialect}, read_field_lines(context, node)).second) {
      xml.fail_at(node, cat("message \"", node.attribute("id").value(), "\" stands twice"));
    }
  }
  return made;
}

const std::vector<FieldLine>* Messages::find(std::string_view id, Dialect dialect) const {
  auto at = all_.find({std::string(id), dialect});
  if (at == all_.end()) at = all_.find({std::string(id), std::nullopt});
  return at == all_.end() ? nullptr : &at->second;
}

const std::vector<std::string>* Messages::find_h1(std::string_view id) const {
  const auto at = h1_.find(id);
  return at == h1_.end() ? nullptr : &at->second;
}

Result<std::vector<Case>> load_cases(std::string_view text, const std::string& name, std::string_view messages,
                                     const Registry& registry) {
  return loading([&] {
    return read_cases(XmlReader::parse(text, name), Messages::read(XmlReader::parse(messages, "messages.xml")),
                      registry);
  });
}

}  // namespace upspec
