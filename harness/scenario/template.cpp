#include "scenario/template.hpp"

#include <algorithm>
#include <array>

#include "base/base64.hpp"
#include "base/text.hpp"
#include "ws/handshake.hpp"

namespace upspec {

namespace {

constexpr std::size_t longest_repeat = 1u << 24;

struct Function {
  std::string_view name;
  std::string (*apply)(const std::string& value);
};

constexpr std::array functions = {
    Function{"ws-accept", [](const std::string& v) { return ws::accept_for(v); }},
    Function{"base64", [](const std::string& v) { return base64(as_octets(v)); }},
    Function{"base64url", [](const std::string& v) { return base64url(as_octets(v)); }},
    Function{"length", [](const std::string& v) { return cat(v.size()); }},
    Function{"upper",
             [](const std::string& v) {
               std::string out = v;
               for (auto& c : out)
                 if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
               return out;
             }},
};

struct Escape {
  char letter;
  char octet;
};
constexpr std::array escapes = {Escape{'r', '\r'}, Escape{'n', '\n'}, Escape{'t', '\t'},
                                Escape{'s', ' '},  Escape{'0', '\0'}, Escape{'\\', '\\'}};

// Takes the escape that `text` starts with (after the backslash) and adds its octet.
Result<std::size_t> take_escape(std::string_view text, std::string& out) {
  const auto known = std::ranges::find(escapes, text.empty() ? '?' : text[0], &Escape::letter);
  if (known != escapes.end()) {
    out += known->octet;
    return 1;
  }
  if (text.starts_with('x') && text.size() >= 3) {
    if (const auto octet = unhex(text.substr(1, 2)); octet && octet->size() == 1) {
      out += static_cast<char>(octet->front());
      return 3;
    }
  }
  return fail(cat("unknown escape \"\\", text.substr(0, 1), "\"; the escapes are \\r \\n \\t \\s \\0 \\\\ \\xNN"));
}

// "n,head": the first n octets of head, both by their names.
Result<std::string> first_of(std::string_view names, const Scope& scope) {
  const auto comma = names.find(',');
  const auto count = scope.find(std::string(names.substr(0, comma)));
  const auto text = scope.find(std::string(names.substr(comma + 1)));
  const auto number = count == scope.end() ? std::nullopt : to_number(count->second);
  if (!number || text == scope.end()) return fail(cat("first(", names, "): no number, or no text, is called so here"));
  return text->second.substr(0, static_cast<std::size_t>(*number));
}

}  // namespace

std::string template_functions() {
  std::string names = "repeat first";
  for (const auto& function : functions) names += cat(" ", function.name);
  return names;
}

Result<Template::Piece> Template::parse_hole(std::string_view hole) {
  const auto open = hole.find('(');
  if (open == hole.npos) {
    if (hole.empty()) return fail("an empty hole \"${}\"; a name belongs into it");
    return Piece{"", "", std::string(hole), 0};
  }
  if (!hole.ends_with(')')) return fail(cat("\"${", hole, "}\": the parenthesis is not closed"));
  const auto name = hole.substr(0, open);
  const auto argument = hole.substr(open + 1, hole.size() - open - 2);
  if (name == "repeat") {
    const auto comma = argument.find(',');
    const auto count = to_number(argument.substr(0, comma));
    if (comma == argument.npos || !count || *count > longest_repeat) {
      return fail(cat("\"${", hole, "}\": it is repeat(COUNT,TEXT), COUNT at most ", longest_repeat));
    }
    const auto repeated = parse(argument.substr(comma + 1)).and_then([](const Template& one) { return one.fill({}); });
    if (!repeated) return tl::unexpected(repeated.error());
    return Piece{"", "repeat", *repeated, *count};
  }
  if (name == "first") {
    if (std::ranges::count(argument, ',') != 1)
      return fail(cat("\"${", hole, "}\": it is first(COUNT,NAME), both of them names"));
    return Piece{"", "first", std::string(argument), 0};
  }
  if (std::ranges::find(functions, name, &Function::name) == functions.end()) {
    return fail(cat("unknown function \"", name, "\"; the functions are ", template_functions()));
  }
  return Piece{"", std::string(name), std::string(argument), 0};
}

Result<Template> Template::parse(std::string_view text) {
  Template made;
  std::string literal;
  while (!text.empty()) {
    if (text.starts_with("${")) {
      const auto end = text.find('}');
      if (end == text.npos) return fail("\"${\" without \"}\"");
      auto piece = made.parse_hole(text.substr(2, end - 2));
      if (!piece) return tl::unexpected(piece.error());
      piece->literal = std::exchange(literal, {});
      made.pieces_.push_back(std::move(*piece));
      text.remove_prefix(end + 1);
    } else if (text.starts_with('\\')) {
      const auto taken = take_escape(text.substr(1), literal);
      if (!taken) return tl::unexpected(taken.error());
      text.remove_prefix(1 + *taken);
    } else {
      literal += text.front();
      text.remove_prefix(1);
    }
  }
  if (!literal.empty()) made.pieces_.push_back({std::move(literal), "", "", 0});
  return made;
}

Template Template::literal(std::string_view text) {
  Template made;
  if (!text.empty()) made.pieces_.push_back({std::string(text), "", "", 0});
  return made;
}

Result<std::string> Template::fill(const Scope& scope) const {
  std::string out;
  for (const auto& piece : pieces_) {
    out += piece.literal;
    if (piece.name.empty() && piece.function.empty()) continue;
    if (piece.function == "repeat") {
      for (std::size_t i = 0; i < piece.count; ++i) out += piece.name;
      continue;
    }
    if (piece.function == "first") {
      const auto beginning = first_of(piece.name, scope);
      if (!beginning) return beginning;
      out += *beginning;
      continue;
    }
    const auto value = scope.find(piece.name);
    if (value == scope.end()) return fail(cat("nothing is called \"", piece.name, "\" here"));
    const auto function = std::ranges::find(functions, piece.function, &Function::name);
    out += function == functions.end() ? value->second : function->apply(value->second);
  }
  return out;
}

std::vector<std::string> Template::names() const {
  std::vector<std::string> names;
  for (const auto& piece : pieces_) {
    if (piece.name.empty() || piece.function == "repeat") continue;
    for (const auto name : split(piece.name, ',')) names.emplace_back(name);
  }
  return names;
}

}  // namespace upspec
