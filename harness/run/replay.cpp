#include "run/replay.hpp"

#include <array>
#include <charconv>

#include "base/text.hpp"
#include "peer/reference_proxy.hpp"

namespace upspec {
namespace {

constexpr std::string_view plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=@%+,";

std::string number(double value) {
  std::array<char, 32> digits{};
  return {digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr};
}

class Words {
 public:
  explicit Words(std::string program) : all_{std::move(program), "run"} {}
  void flag(bool given, const char* name) {
    if (given) all_.emplace_back(name);
  }
  void option(const char* name, const std::string& value) {
    if (value.empty()) return;
    all_.emplace_back(name);
    all_.push_back(value);
  }
  // What was given counts, '' too.
  void option(const char* name, const std::optional<std::string>& value) {
    if (!value) return;
    all_.emplace_back(name);
    all_.push_back(*value);
  }
  std::string line() const { return shell_line(all_); }

 private:
  std::vector<std::string> all_;
};

void add_target(Words& words, const RunOptions& options) {
  const bool is_said = !options.implementation.empty() || options.target;
  if (!is_said || options.role != "server") words.option("--role", options.role);
  if (options.origin) words.option("--origin", to_text(*options.origin));
  if (options.origin_timeout > 0) words.option("--origin-timeout", number(options.origin_timeout));
  words.option("--client-command", options.client_command);
  if (!options.client_protocols.empty()) words.option("--client-protocols", join(options.client_protocols, ","));
  if (options.listen) words.option("--listen", to_text(*options.listen));
  words.option("--ca-out", options.ca_out);
  words.option("--implementation", options.implementation);
  if (options.target) words.option("--target", to_text(*options.target));
  if (options.tls) words.flag(true, *options.tls ? "--tls" : "--cleartext");
  words.option("--ca", options.ca);
  words.flag(options.insecure, "--insecure");
  words.option("--server-name", options.server_name);
}

void add_offer(Words& words, const RunOptions& options) {
  for (const Dialect dialect : options.dialects) words.option("--dialect", std::string(name_of(dialect)));
  if (options.upgrade_needs_setting)
    words.option("--negotiation", std::string(*options.upgrade_needs_setting ? "setting" : "none"));
  if (options.setting_id) words.option("--setting-id", cat(*options.setting_id));
  words.option("--websocket", options.websocket);
  words.option("--raw", options.raw);
  words.option("--h2c", options.h2c);
  for (const h2::Field& field : options.fields) words.option("--header", cat(field.name, ": ", field.value));
  words.option("--authority", options.authority);
}

}  // namespace

std::string shell_quoted(std::string_view word) {
  if (!word.empty() && word.find_first_not_of(plain) == std::string_view::npos) return std::string(word);
  std::string quoted = "'";
  for (const char c : word) {
    if (c == '\'')
      quoted += "'\\''";
    else
      quoted += c;
  }
  return quoted + "'";
}

std::string shell_line(const std::vector<std::string>& words) {
  std::string line;
  for (const std::string& word : words) line += (line.empty() ? "" : " ") + shell_quoted(word);
  return line;
}

std::string replay_line(const RunOptions& options, std::string_view case_id) {
  const RunOptions defaults;
  Words words(options.command_line.empty() ? "upspec" : options.command_line.front());
  add_target(words, options);
  add_offer(words, options);
  words.option("--cases", options.cases);
  words.flag(options.strict, "--strict");
  if (options.timeout != defaults.timeout) words.option("--timeout", number(options.timeout));
  if (options.seed != defaults.seed) words.option("--seed", cat(options.seed));
  // A proxy's case has its way in front of its id.
  if (way_from(case_id.substr(0, case_id.find('.'))))
    words.option("--way", std::string(case_id.substr(0, case_id.find('.'))));
  words.option("--case", std::string(case_id));
  words.flag(true, "-v");
  return words.line();
}

}  // namespace upspec
