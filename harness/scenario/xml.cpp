#include "scenario/xml.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>

#include "base/text.hpp"

namespace upspec {

namespace {

// What an error quotes from a file may be any octets: those that print stay, the others as \t, \xNN.
std::string one_line(std::string_view what) {
  std::string out;
  for (const char& c : what) {
    if (c >= ' ' && c <= '~') {
      out += c;
    } else {
      const auto shown = quoted({&c, 1});
      out.append(shown, 1, shown.size() - 2);
    }
  }
  return out;
}

// XML 1.0 2.2 has no control octets but these three; pugixml lets them pass.
bool is_forbidden(char c) {
  const auto octet = static_cast<std::uint8_t>(c);
  return octet < 0x20 && c != '\n' && c != '\t' && c != '\r';
}

// XML 1.0 4.1, 4.6: pugixml leaves an unknown reference as it stands and cuts the text at "&#0;". In a comment "&" is
// free.
std::size_t wrong_reference(std::string_view text) {
  constexpr std::array<std::string_view, 5> known = {"&amp;", "&lt;", "&gt;", "&quot;", "&apos;"};
  for (std::size_t at = text.find_first_of("&<"); at != text.npos; at = text.find_first_of("&<", at + 1)) {
    const auto rest = text.substr(at);
    if (rest.starts_with("<!--")) {
      at = text.find("-->", at);
      if (at == text.npos) break;
    } else if (rest.starts_with('&') && std::ranges::none_of(known, [&](auto one) { return rest.starts_with(one); })) {
      return at;
    }
  }
  return text.npos;
}

bool is_text(pugi::xml_node node) { return node.type() == pugi::node_pcdata || node.type() == pugi::node_cdata; }

std::string listed(std::initializer_list<std::string_view> a, std::initializer_list<std::string_view> b) {
  std::string all;
  for (const auto& list : {a, b})
    for (const auto name : list) all += cat(all.empty() ? "" : " ", name);
  return all.empty() ? "none" : all;
}

}  // namespace

std::string read_file(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw LoadError{cat(file, ": cannot be read")};
  std::ostringstream all;
  all << in.rdbuf();
  if (in.bad()) throw LoadError{cat(file, ": cannot be read")};
  return all.str();
}

XmlReader XmlReader::open(const std::string& file) { return parse(read_file(file), file); }

XmlReader XmlReader::parse(std::string_view text, const std::string& name) {
  XmlReader reader;
  reader.name_ = name;
  reader.content_ = std::string(text);
  if (const auto at = std::ranges::find_if(reader.content_, is_forbidden); at != reader.content_.end()) {
    reader.fail_at(reader.line_at(static_cast<std::size_t>(at - reader.content_.begin())),
                   "a control octet, which XML cannot hold; write it as an escape (\\0, \\x01)");
  }
  if (const auto at = wrong_reference(reader.content_); at != std::string::npos) {
    reader.fail_at(
        reader.line_at(at),
        "\"&\" without amp; lt; gt; quot; or apos; behind it; write any other octet as an escape (\\0, \\x01)");
  }
  reader.document_ = std::make_unique<pugi::xml_document>();
  const auto flags = pugi::parse_default | pugi::parse_comments | pugi::parse_doctype | pugi::parse_ws_pcdata_single |
                     pugi::parse_fragment;
  const auto parsed =
      reader.document_->load_buffer(reader.content_.data(), reader.content_.size(), flags, pugi::encoding_utf8);
  if (!parsed) {
    reader.fail_at(reader.line_at(static_cast<std::size_t>(parsed.offset)),
                   cat("not well-formed XML: ", parsed.description()));
  }
  std::size_t roots = 0;
  for (const auto node : reader.document_->children()) {
    if (node.type() == pugi::node_element) ++roots;
    if (node.type() == pugi::node_doctype) reader.fail_at(node, "a document type; none belongs here");
    if (is_text(node) && !trim_lines(node.value()).empty())
      reader.fail_at(node, "text outside the root element; none belongs there");
  }
  if (roots != 1) reader.fail_at(1, cat(roots, " root elements; there is exactly one"));
  return reader;
}

pugi::xml_node XmlReader::root() const { return document_->document_element(); }

std::vector<pugi::xml_node> XmlReader::elements(pugi::xml_node parent) {
  std::vector<pugi::xml_node> all;
  for (const auto node : parent.children())
    if (node.type() == pugi::node_element) all.push_back(node);
  return all;
}

void XmlReader::check(pugi::xml_node node, std::string_view name, std::initializer_list<std::string_view> required,
                      std::initializer_list<std::string_view> optional) const {
  if (name != node.name()) fail_at(node, cat("unknown element <", node.name(), ">; here stands <", name, ">"));
  const auto has = [](std::initializer_list<std::string_view> list, std::string_view one) {
    return std::ranges::find(list, one) != list.end();
  };
  std::vector<std::string_view> seen;
  for (const auto attribute : node.attributes()) {
    const std::string_view one = attribute.name();
    if (!has(required, one) && !has(optional, one)) {
      fail_at(node,
              cat("unknown attribute \"", one, "\" of <", name, ">; its attributes are: ", listed(required, optional)));
    }
    if (std::ranges::find(seen, one) != seen.end())
      fail_at(node, cat("attribute \"", one, "\" stands twice; once is enough"));
    seen.push_back(one);
  }
  for (const auto one : required)
    if (std::ranges::find(seen, one) == seen.end())
      fail_at(node, cat("<", name, "> needs the attribute \"", one, "\""));
}

std::string XmlReader::text(pugi::xml_node node) const {
  std::string all;
  for (const auto child : node.children()) {
    if (child.type() == pugi::node_element)
      fail_at(child, cat("<", child.name(), "> inside the text of <", node.name(), ">; text only"));
    if (child.type() == pugi::node_comment)
      fail_at(child, cat("a comment inside the text of <", node.name(), ">; put it before the element"));
    if (child.type() == pugi::node_cdata) fail_at(child, "CDATA; write the text with escapes");
    all += child.value();
  }
  return all;
}

void XmlReader::no_text(pugi::xml_node node) const {
  for (const auto child : node.children())
    if (is_text(child) && !trim_lines(child.value()).empty())
      fail_at(child, cat("text in <", node.name(), ">; only elements belong there"));
}

void XmlReader::nothing_in(pugi::xml_node node) const {
  no_text(node);
  for (const auto inner : elements(node))
    fail_at(inner, cat("<", inner.name(), "> in <", node.name(), ">; nothing belongs there"));
}

void XmlReader::fail_at(pugi::xml_node node, std::string_view what) const { fail_at(line(node), what); }

void XmlReader::fail_at(int line, std::string_view what) const {
  throw LoadError{cat(name_, ":", line, ": ", one_line(what))};
}

int XmlReader::line(pugi::xml_node node) const {
  const auto offset = node.offset_debug();
  return offset < 0 ? 1 : line_at(static_cast<std::size_t>(offset));
}

int XmlReader::line_at(std::size_t offset) const {
  const auto end = content_.begin() + static_cast<std::ptrdiff_t>(std::min(offset, content_.size()));
  return 1 + static_cast<int>(std::count(content_.begin(), end, '\n'));
}

std::string XmlReader::source(pugi::xml_node node) const {
  const auto offset = node.offset_debug();
  if (offset < 1) return {};
  const auto from = static_cast<std::size_t>(offset) - 1;
  const auto closing = cat("</", node.name(), ">");
  const auto end = content_.find(closing, from);
  return end == content_.npos ? std::string() : content_.substr(from, end + closing.size() - from);
}

}  // namespace upspec
