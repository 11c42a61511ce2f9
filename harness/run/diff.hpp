// The same scripts side by side: what several implementations made of them, where they part, and why. Values in,
// values out; who plays is run/diff_command.cpp.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "net/script_driver.hpp"
#include "report/baseline.hpp"
#include "script/seen.hpp"
#include "script/talks.hpp"

namespace upspec {

// The first stream on which they part.
struct Difference {
  // What is odd about it, as far as we know the rules: "REQ-05", "frames: WINDOW_UPDATE of 0"; of a right request what
  // it asks for: "right websocket".
  std::string cause;
  std::string about;                      // the cause in a sentence
  std::vector<script::Outcome> outcomes;  // one an implementation, in their order
  bool operator==(const Difference&) const = default;
};

// Of one script played by each; `about` may be empty. Nothing: they agree.
std::optional<Difference> difference_of(const std::vector<Driven>& played);

// Differences with the same cause and the same outcomes are one group.
struct DiffGroup {
  Difference difference;
  std::size_t scripts = 0;
  std::string origin;      // the case that the first script came from, or "random"
  script::Script example;  // the shortest
};

class DiffTable {
 public:
  explicit DiffTable(std::vector<std::string> names) : names_(std::move(names)) {}

  void add(const Difference& difference, const script::Script& script, const std::string& origin);
  // Causes in their order, the frequent group of a cause first.
  std::vector<DiffGroup> groups() const;
  const std::vector<std::string>& names() const { return names_; }

 private:
  const std::vector<std::string> names_;
  std::map<std::pair<std::string, std::string>, DiffGroup> groups_;  // by cause and outcomes
};

// A difference of one implementation from the first: "diff/REQ-05/reset-not-decline".
std::string difference_id(const DiffGroup& group, std::size_t implementation);

// One row a group, one column an implementation, in Markdown. `known`: of each; what stands there is marked.
std::string interop_table(const DiffTable& table, const std::vector<report::Baseline>& known);

// What is said to a server that offers its echoes elsewhere.
script::Script localised(script::Script script, const script::Ground& from, const script::Ground& to);

}  // namespace upspec
