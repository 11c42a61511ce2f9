// ${name} in the texts of a description.
#include "base/text.hpp"
#include "run/implementation.hpp"

namespace upspec {

namespace {

// As it is, so that it can be found in the file; quoted where it would break the line.
std::string shown(const std::string& text) {
  const auto all = quoted(text, 4000);
  return all.size() == text.size() + 2 ? text : all;
}

}  // namespace

Result<std::string> fill(std::string_view text, const Values& values) {
  std::string filled;
  for (;;) {
    const std::size_t at = text.find("${");
    if (at == std::string_view::npos) return filled.append(text);
    if (at > 0 && text[at - 1] == '$') {  // $${: not ours
      filled.append(text.substr(0, at)).append("{");
      text.remove_prefix(at + 2);
      continue;
    }
    filled.append(text.substr(0, at));
    const std::size_t end = text.find('}', at);
    if (end == std::string_view::npos) return fail("an open ${; it ends with } ($${ is the text ${)");
    const std::string_view name = text.substr(at + 2, end - at - 2);
    const auto value = values.find(name);
    if (value == values.end()) {
      std::string known;
      for (const auto& [one, ignored] : values) known += cat(known.empty() ? "" : " ", one);
      return fail(cat("unknown ", shown(cat("${", name, "}")), "; known are: ", shown(known), " ($${ is the text ${)"));
    }
    filled += value->second;
    text.remove_prefix(end + 1);
  }
}

std::vector<std::string> given_names(const Implementation& implementation) {
  std::vector<std::string> names{"transport", "port", "host", "dir", "here", "cert", "key", "pem", "ca"};
  for (const auto& start : implementation.starts) names.push_back(start.id + ".port");
  if (implementation.role == "proxy") names.emplace_back("origin.port");
  if (implementation.role == "client") names.insert(names.end(), {"url", "spki"});
  return names;
}

Result<Values> with_pieces(Values given, const Implementation& implementation, bool tls) {
  for (const auto& piece : implementation.pieces) {
    if (piece.tls && *piece.tls != tls) continue;
    auto text = fill(piece.text, given);
    if (!text) return fail(cat(implementation.file, ":", piece.line, ": ", text.error().text));
    if (!given.emplace(piece.name, *std::move(text)).second) {
      return fail(cat(implementation.file, ":", piece.line, ": ", shown(cat("${", piece.name, "}")),
                      " has a value already for ", tls ? "tls" : "cleartext", "; give it one, or one for each `when`"));
    }
  }
  return given;
}

}  // namespace upspec
