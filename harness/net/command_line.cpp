// A command's text as words, as a shell splits them.
#include "net/process.hpp"

namespace upspec {

Result<std::vector<std::string>> split_command(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  bool in_word = false;
  char quote = 0;  // the open one, ' or "
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool space = c == ' ' || c == '\t' || c == '\n' || c == '\r';
    if (quote == '\'') {
      if (c == quote)
        quote = 0;
      else
        word += c;
    } else if (c == '\\') {
      if (++i == text.size()) return fail("a command ends with \\: nothing follows that it could quote");
      // Between double quotes a backslash quotes only these.
      if (quote == '"' && std::string_view("\"\\$`\n").find(text[i]) == std::string_view::npos) word += c;
      word += text[i];
      in_word = true;
    } else if (c == '\'' || c == '"') {
      if (quote == c)
        quote = 0;
      else if (quote == 0)
        quote = c;
      else
        word += c;
      in_word = true;
    } else if (space && quote == 0) {
      if (in_word) words.push_back(std::move(word));
      word.clear();
      in_word = false;
    } else {
      word += c;
      in_word = true;
    }
  }
  if (quote != 0) return fail(std::string("a command has an open ") + quote + ": close it");
  if (in_word) words.push_back(std::move(word));
  if (words.empty()) return fail("a command is empty: name a program");
  return words;
}

}  // namespace upspec
