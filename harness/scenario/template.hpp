// Text with holes: "websocket; ${a}", "${ws-accept(key)}", "web\0socket".
// Escapes (\r \n \t \s \0 \\ \xNN) are octets after parsing; holes are filled when a case is played.
#pragma once

#include <cstdint>
#include <functional>
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
  explicit Template(std::string literal);
  // Fails with what is wrong: an unknown escape, an unknown function, an open hole.
  static Result<Template> parse(std::string_view text);

  // Fails when a hole names what the scope does not have, or a function cannot use its argument.
  Result<std::string> fill(const Scope& scope) const;
  // The names of all holes that are no functions, and of the functions' arguments: for the loader to check.
  std::vector<std::string> names() const;
  bool empty() const { return pieces_.empty(); }

 private:
  struct Piece {
    std::string function;  // empty: a variable, or a literal when `name` is empty too
    std::string name;      // variable, or the function's argument
    std::string literal;
  };
  std::vector<Piece> pieces_;
};

}  // namespace upspec
