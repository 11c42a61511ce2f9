// Which requirements the reference breaks on purpose (`--violate ID[/variant]`): data, looked up by small hooks.
#pragma once

#include <atomic>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace upspec {

enum class ReferenceRole { server, client, proxy };
std::string_view name_of(ReferenceRole role);  // "server", "client", "proxy"

struct Violation {
  std::string_view id;  // "RES-02", "ATT-02/te": the requirement, and which way of breaking it
  ReferenceRole role;
  std::string_view what;  // one line for --list-violations
  bool is_noted = false;  // protocol.md calls it a note, whatever the level of the requirement
  std::string_view requirement() const { return id.substr(0, id.find('/')); }
};

// Every violation that the reference knows: a role after the other, each in the order of protocol.md.
std::span<const Violation> all_violations();

class Violations {
 public:
  Violations() = default;
  // Fails for an id that the table does not have for that role, and says what is near.
  static Result<Violations> of(std::span<const std::string> ids, ReferenceRole role);

  bool breaks(std::string_view id) const { return !ids_.empty() && ids_.contains(id); }
  bool none() const { return ids_.empty(); }

  // What one connection has broken is broken for all that were given the same violations, as in one process.
  void spoil_all() const {
    if (spoilt_) *spoilt_ = true;
  }
  bool all_spoilt() const { return spoilt_ && *spoilt_; }

 private:
  std::set<std::string, std::less<>> ids_;
  std::shared_ptr<std::atomic<bool>> spoilt_;
};

}  // namespace upspec
