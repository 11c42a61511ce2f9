// Text with holes: "websocket; ${a}", "${ws-accept(key)}", "web\0socket".
// Escapes (\r \n \t \s \0 \\ \xNN) are octets after parsing; holes are filled when a case is played.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace upspec {

// The values that a case can name, by name. Values are octets in a string.
using Scope = std::map<std::string, std::string, std::less<>>;

class Template {
 public:
  Template() = default;
  // Fails with what is wrong: an unknown escape, an unknown function, an open hole.
  static Result<Template> parse(std::string_view text);

  // The text as it is, without holes and escapes.
  static Template literal(std::string_view text);

  // Fails when a hole names what the scope does not have.
  Result<std::string> fill(const Scope& scope) const;
  // Every name that `fill` will look up: for the loader to check.
  std::vector<std::string> names() const;
  bool empty() const { return pieces_.empty(); }

 private:
  struct Piece {
    std::string literal;    // before the hole
    std::string function;   // empty: the variable itself
    std::string name;       // empty: no hole after the literal
    std::size_t count = 0;  // of repeat(COUNT,text)
  };
  Result<Piece> parse_hole(std::string_view hole);

  std::vector<Piece> pieces_;
};

// What functions a hole may call, for error messages and docs: "repeat first ws-accept base64 ...".
std::string template_functions();

}  // namespace upspec
