#include "run/implementation.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <set>

#include "base/text.hpp"
#include "net/process.hpp"
#include "run/xml_values.hpp"
#include "scenario/xml.hpp"

namespace upspec {
namespace {

using Node = pugi::xml_node;

class Loader {
 public:
  Loader(const XmlReader& xml, const std::string& file) : xml_(xml) {
    result_.file = file;
    folder_ = std::filesystem::path(file).parent_path();
  }
  Implementation load();

 private:
  std::string line_of_text(Node node) const;
  std::string existing_file(Node node, const std::string& named) const;
  std::vector<std::string> command(Node node, std::string_view text) const;
  std::pair<std::string, std::string> named_text(Node node, std::string_view element) const;

  void take(Node node);
  void take_let(Node node);
  void take_start(Node node);
  void take_ready(Node node, Implementation::Start& start) const;
  void take_listen(Node node);
  void take_transports(Node node);
  void take_client_command(Node node);
  void take_trust(Node node);
  void take_offers(Node node);
  void settle();
  void check_names() const;

  const XmlReader& xml_;
  std::filesystem::path folder_;
  Implementation result_;
  // Each text that may hold ${...}, for check_names.
  struct Text {
    std::string text;
    int line;
  };
  mutable std::vector<Text> texts_;
};

std::string Loader::line_of_text(Node node) const {
  const std::string text(trim_lines(xml_.text(node)));
  if (text.empty()) xml_.fail_at(node, cat("<", node.name(), "> is empty; its text is its value"));
  texts_.push_back({text, xml_.line(node)});
  return text;
}

// A file that the description names stands beside it.
std::string Loader::existing_file(Node node, const std::string& named) const {
  std::string path = (folder_ / named).string();
  if (!std::filesystem::is_regular_file(path)) xml_.fail_at(node, cat("no file ", path));
  return path;
}

std::vector<std::string> Loader::command(Node node, std::string_view text) const {
  auto words = split_command(text);
  if (!words) xml_.fail_at(node, words.error().text);
  constexpr std::string_view here = "${here}/";
  for (const std::string& word : *words) {
    const std::string rest = word.starts_with(here) ? word.substr(here.size()) : "";
    if (!rest.empty() && rest.find("${") == std::string::npos) existing_file(node, rest);
  }
  return *std::move(words);
}

std::pair<std::string, std::string> Loader::named_text(Node node, std::string_view element) const {
  xml_.check(node, element, {"name"});
  std::string text(trim_lines(xml_.text(node)));
  texts_.push_back({text, xml_.line(node)});
  return {attribute_of(xml_, node, "name"), std::move(text)};
}

void Loader::take_let(Node node) {
  xml_.check(node, "let", {"name"}, {"when"});
  const std::string when = attribute_of(xml_, node, "when");
  if (!when.empty() && when != "tls" && when != "cleartext") {
    xml_.fail_at(node, cat("when=", shown(when), "; it is \"tls\" or \"cleartext\""));
  }
  Implementation::Piece piece;
  piece.name = id_of(xml_, node, "name");
  piece.text = trim_lines(without_indent(xml_.text(node)));
  if (!when.empty()) piece.tls = when == "tls";
  piece.line = xml_.line(node);
  result_.pieces.push_back(std::move(piece));
}

void Loader::take_ready(Node node, Implementation::Start& start) const {
  xml_.check(node, "ready", {}, {"line", "within"});
  xml_.no_text(node);
  start.ready_line = attribute_of(xml_, node, "line");
  if (node.attribute("within")) start.within = static_cast<double>(number_of(xml_, node, "within", 1, 600));
  texts_.push_back({start.ready_line, xml_.line(node)});
}

void Loader::take_start(Node node) {
  xml_.check(node, "start", {}, {"id"});
  xml_.no_text(node);
  Implementation::Start start;
  start.line = xml_.line(node);
  if (node.attribute("id")) start.id = id_of(xml_, node, "id");
  bool has_ready = false;
  for (const Node part : XmlReader::elements(node)) {
    const std::string_view name = part.name();
    if (name == "command") {
      xml_.check(part, name, {});
      if (!start.command.empty()) xml_.fail_at(part, "a second <command>; another process is another <start>");
      start.command = command(part, line_of_text(part));
    } else if (name == "environment") {
      start.environment.push_back(named_text(part, name));
    } else if (name == "file") {
      xml_.check(part, name, {"name"});
      std::string file = attribute_of(xml_, part, "name");
      if (file.find('/') != std::string::npos || file.starts_with('.')) {
        xml_.fail_at(part, cat("name=", shown(file), "; a plain name: files stand in ${dir}"));
      }
      start.files.push_back({std::move(file), without_indent(xml_.text(part))});
      texts_.push_back({start.files.back().text, xml_.line(part)});
    } else if (name == "log") {
      xml_.check(part, name, {});
      start.logs.push_back(line_of_text(part));
    } else if (name == "ready") {
      if (std::exchange(has_ready, true)) xml_.fail_at(part, "a second <ready>; one says it");
      take_ready(part, start);
    } else {
      xml_.fail_at(
          part, cat("unknown element <", name, ">; in <start> stand <command>, <environment>, <file>, <log>, <ready>"));
    }
  }
  if (start.command.empty()) xml_.fail_at(node, "<start> has no <command>");
  result_.starts.push_back(std::move(start));
}

void Loader::take_listen(Node node) {
  xml_.check(node, "listen", {}, {"host", "port", "cleartext", "tls"});
  xml_.no_text(node);
  if (node.attribute("host")) result_.host = attribute_of(xml_, node, "host");
  if (node.attribute("port")) result_.port = static_cast<std::uint16_t>(number_of(xml_, node, "port", 1, 65535));
  take_transports(node);
}

void Loader::take_transports(Node node) {
  result_.cleartext = yes_or_no_of(xml_, node, "cleartext", true);
  result_.tls = yes_or_no_of(xml_, node, "tls", false);
  if (!result_.cleartext && !result_.tls) xml_.fail_at(node, "neither cleartext nor TLS: nothing can be tested");
}

void Loader::take_client_command(Node node) {
  xml_.check(node, "client-command", {});
  result_.client_command = command(node, trim_lines(xml_.text(node)));
  if (result_.role != "client") xml_.fail_at(node, "<client-command> is of a client alone");
}

void Loader::take_trust(Node node) {
  xml_.check(node, "trust", {}, {"ca", "insecure", "server-name"});
  xml_.no_text(node);
  if (node.attribute("ca")) {
    result_.ca = attribute_of(xml_, node, "ca");
    const bool made_later = result_.ca.find("${") != std::string::npos;
    if (made_later)
      texts_.push_back({result_.ca, xml_.line(node)});
    else
      result_.ca = existing_file(node, result_.ca);
  }
  result_.insecure = yes_or_no_of(xml_, node, "insecure", false);
  result_.server_name = attribute_of(xml_, node, "server-name");
}

void Loader::take_offers(Node node) {
  xml_.check(node, "offers", {},
             {"dialect", "protocols", "way", "origin-timeout", "upgrades", "websocket", "raw", "h2c", "negotiation",
              "setting-id"});
  xml_.no_text(node);
  const std::string dialects = attribute_of(xml_, node, "dialect");
  for (const std::string_view word : words(dialects)) {
    const auto dialect = dialect_from(word);
    if (!dialect) xml_.fail_at(node, cat("unknown dialect ", shown(word), "; they are \"upgrade\" and \"connect\""));
    if (std::ranges::find(result_.dialects, *dialect) != result_.dialects.end()) {
      xml_.fail_at(node, cat("dialect ", shown(word), " stands twice; once is enough"));
    }
    result_.dialects.push_back(*dialect);
  }
  const std::string protocols = attribute_of(xml_, node, "protocols");
  for (const std::string_view word : words(protocols)) result_.client_protocols.emplace_back(word);
  if (!protocols.empty() && result_.role != "client") xml_.fail_at(node, "protocols is of a client alone");
  const std::string ways = attribute_of(xml_, node, "way");
  const bool of_proxy = !ways.empty() || node.attribute("origin-timeout") || node.attribute("upgrades");
  if (of_proxy && result_.role != "proxy") xml_.fail_at(node, "way, origin-timeout and upgrades are of a proxy alone");
  result_.upgrades = yes_or_no_of(xml_, node, "upgrades", true);
  if (node.attribute("origin-timeout"))
    result_.origin_timeout = static_cast<double>(number_of(xml_, node, "origin-timeout", 1, 600));
  for (const std::string_view way : words(ways)) {
    if (way != "21" && way != "12" && way != "22") xml_.fail_at(node, cat("way=", shown(ways), "; of 21, 12 and 22"));
    result_.ways.emplace_back(way);
  }
  const auto path = [&](const char* name, std::optional<std::string>& to) {
    if (!node.attribute(name)) return;
    to = attribute_of(xml_, node, name);
    if (!to->starts_with('/')) xml_.fail_at(node, cat(name, "=", shown(*to), "; a path begins with /"));
  };
  path("websocket", result_.websocket);
  path("raw", result_.raw);
  path("h2c", result_.h2c);
  const std::string negotiation = attribute_of(xml_, node, "negotiation");
  if (!negotiation.empty() && negotiation != "setting" && negotiation != "none") {
    xml_.fail_at(node, cat("negotiation=", shown(negotiation), "; it is \"setting\" or \"none\""));
  }
  result_.upgrade_needs_setting = negotiation != "none";
  if (node.attribute("setting-id")) {
    result_.setting_id = static_cast<std::uint16_t>(number_of(xml_, node, "setting-id", 1, 65535));
  }
}

void Loader::take(Node node) {
  const std::string_view name = node.name();
  if (name == "let") {
    take_let(node);
  } else if (name == "start") {
    take_start(node);
  } else if (name == "listen" && result_.role != "client") {
    take_listen(node);
  } else if (name == "connects" && result_.role == "client") {
    xml_.check(node, name, {}, {"cleartext", "tls"});
    xml_.no_text(node);
    take_transports(node);
  } else if (name == "client-command") {
    take_client_command(node);
  } else if (name == "trust") {
    take_trust(node);
  } else if (name == "offers") {
    take_offers(node);
  } else if (name == "authority") {
    xml_.check(node, name, {});
    result_.authority = line_of_text(node);
  } else if (name == "header") {
    result_.headers.push_back(named_text(node, name));
  } else if (name == "restart") {
    xml_.check(node, name, {"every"});
    xml_.no_text(node);
    result_.restart_every = static_cast<int>(number_of(xml_, node, "every", 1, 1'000'000));
  } else if (name == "known-failures") {
    xml_.check(node, name, {"file"});
    xml_.no_text(node);
    result_.known_failures = existing_file(node, attribute_of(xml_, node, "file"));
  } else {
    xml_.fail_at(node, cat("unknown element <", name,
                           ">; in <implementation> stand <let>, <start>, <listen> (of a client <connects>), "
                           "<client-command>, <trust>, <offers>, <authority>, <header>, <restart>, <known-failures>"));
  }
}

// What only the whole file can tell.
void Loader::settle() {
  auto& starts = result_.starts;
  if (!starts.empty() && starts.back().id.empty()) starts.back().id = "server";
  std::set<std::string> ids;
  for (const auto& start : starts) {
    if (start.id.empty())
      xml_.fail_at(start.line, "<start> needs an id; only the last one, the one under test, may go without");
    if (result_.role == "proxy" && start.id == "origin")
      xml_.fail_at(start.line, "id=\"origin\": behind a proxy that is the harness");
    if (!ids.insert(start.id).second)
      xml_.fail_at(start.line, cat("two <start> with the id ", shown(start.id), "; each has its own"));
  }
  if (result_.role == "client") {
    if (starts.empty() == result_.client_command.empty())
      xml_.fail_at(xml_.root(), "a client has a <client-command>, run for each case, or a <start>, which opens ${url}");
  } else if (starts.empty() && !result_.port) {
    xml_.fail_at(xml_.root(), "neither <start> nor <listen port=...>: say how it is started, or where it listens");
  }
}

// Every ${name} has a value in each transport that can be asked for, so that nothing is found missing at run time.
void Loader::check_names() const {
  Values given;
  for (const std::string& name : given_names(result_)) given[name] = "x";
  for (const bool tls : {false, true}) {
    if (!(tls ? result_.tls : result_.cleartext)) continue;
    const auto values = with_pieces(given, result_, tls);
    if (!values) throw LoadError{values.error().text};
    for (const Text& text : texts_) {
      const auto filled = fill(text.text, *values);
      if (!filled) xml_.fail_at(text.line, cat("with --", tls ? "tls" : "cleartext", ": ", filled.error().text));
    }
  }
}

Implementation Loader::load() {
  const Node root = xml_.root();
  xml_.check(root, "implementation", {"name", "role"}, {"packages", "version-command"});
  xml_.no_text(root);
  result_.name = attribute_of(xml_, root, "name");
  result_.role = attribute_of(xml_, root, "role");
  if (result_.role != "server" && result_.role != "proxy" && result_.role != "client")
    xml_.fail_at(root, cat("role=", shown(result_.role), "; it is \"server\", \"proxy\" or \"client\""));
  const std::string packages = attribute_of(xml_, root, "packages");
  for (const std::string_view package : words(packages)) result_.packages.emplace_back(package);
  if (const std::string version = attribute_of(xml_, root, "version-command"); !version.empty()) {
    result_.version_command = command(root, version);
    if (const auto filled = fill(version, {{"here", ""}}); !filled)
      xml_.fail_at(root, cat("version-command: ", filled.error().text));
  }
  constexpr std::array repeatable = {std::string_view("let"), std::string_view("start"), std::string_view("header")};
  std::set<std::string> seen;
  for (const Node node : XmlReader::elements(root)) {
    if (!seen.insert(node.name()).second && std::ranges::count(repeatable, node.name()) == 0) {
      xml_.fail_at(node, cat("a second <", node.name(), ">; there is at most one"));
    }
    take(node);
  }
  settle();
  if (result_.role == "proxy" && result_.ways.empty()) result_.ways.emplace_back("21");
  check_names();
  return std::move(result_);
}

}  // namespace

Result<Implementation> parse_implementation(std::string_view text, const std::string& name) {
  return loading([&] {
    const XmlReader xml = XmlReader::parse(text, name);
    return Loader(xml, name).load();
  });
}

Result<Implementation> load_implementation(const std::string& file) {
  return loading([&] {
    const XmlReader xml = XmlReader::open(file);
    return Loader(xml, file).load();
  });
}

}  // namespace upspec
