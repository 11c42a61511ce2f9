// The connections of a case: those that it has from its beginning, those that it opens, those that come. It knows which
// of several that came under one name is meant, and nothing of steps.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scenario/case.hpp"
#include "scenario/link.hpp"
#include "scenario/play.hpp"

namespace upspec {

class Links {
 public:
  // With the connections that a case of this role has from its beginning. The error is one line.
  Result<void> begin(const Case& what, const Situation& situation, const Scope& scope);
  // A further one that we make.
  void open(const std::string& name, std::vector<h2::Setting> settings);
  // One that came: its number, or nothing when no more are taken.
  std::optional<std::size_t> accept(Moment now);

  // The one that is meant: the first of that name; of several that came, the one that has asked something, else one
  // that lives.
  Link* find(std::string_view name);
  // Where the steps begin.
  Link& main() { return *main_; }
  const Link& main() const { return *main_; }
  // Until the first step is done, a better one may have come. True: it is another than before.
  bool choose_main();

  std::deque<Link>& all() { return all_; }
  const std::deque<Link>& all() const { return all_; }

  // Connections that a case waits for: a client's second try, the pool of a proxy. A flood ends here.
  static constexpr std::ptrdiff_t most_accepted = 64;

 private:
  void add(const std::string& name, std::vector<h2::Setting> settings, bool accepts);
  Link* best(std::string_view name);

  std::deque<Link> all_;
  Link* main_ = nullptr;
  std::string way_;  // of a proxy
  std::uint16_t upgrade_setting_ = h2::setting::enable_upgrade;
  bool upgrade_needs_setting_ = true;
  bool keeps_windows_ = false;
  bool answers_ordinary_ = false;
};

}  // namespace upspec
