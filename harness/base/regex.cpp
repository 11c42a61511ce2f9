#include "base/regex.hpp"

#include <regex>
#include <tuple>

namespace upspec {

namespace {
constexpr std::size_t longest = 4096;
}

struct Replacements::Compiled {
  std::regex what;
  const char* with;
};

bool is_regex(const std::string& expression) {
  try {
    std::ignore = std::regex(expression);
    return true;
  } catch (const std::regex_error&) {
    return false;
  }
}

bool matches_regex(const std::string& text, const std::string& expression) {
  return text.size() <= longest && std::regex_match(text, std::regex(expression));
}

Replacements::Replacements(const std::vector<Replacement>& all) {
  for (const auto& one : all) all_.push_back({std::regex(one.what), one.with});
}

Replacements::~Replacements() = default;

std::string Replacements::in(std::string text) const {
  for (const auto& one : all_) text = std::regex_replace(text, one.what, one.with);
  return text;
}

}  // namespace upspec
