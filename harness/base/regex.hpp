// Regular expressions (ECMAScript's) behind a door of their own, for <regex> takes seconds to compile.
// It knows no captures: a text matches as a whole or not, or its matches are replaced.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace upspec {

// False: it is no regular expression.
bool is_regex(const std::string& expression);

// `expression` is one (is_regex). A text of more than 4,096 octets matches nothing: std::regex recurses by length.
bool matches_regex(const std::string& text, const std::string& expression);

struct Replacement {
  const char* what;  // a regular expression
  const char* with;  // may use its groups: "$1"
};

// Replacements that are compiled once and made in this order. The text should be short (std::regex recurses).
class Replacements {
 public:
  explicit Replacements(const std::vector<Replacement>& all);
  ~Replacements();
  std::string in(std::string text) const;

 private:
  struct Compiled;
  std::vector<Compiled> all_;
};

}  // namespace upspec
