// Does the process give back what connections took? Looks now and then; when descriptors or memory have grown, finds
// the script that makes them grow. Bounds are those of protocol.md section 11.
#pragma once

#include <deque>
#include <optional>
#include <vector>

#include "run/fuzz_finding.hpp"
#include "run/fuzz_target.hpp"

namespace upspec {

// What the process held after each of some scripts: the places of those behind which it had risen most, at most so
// many.
std::vector<std::size_t> by_rise(const std::vector<Holdings>& after, std::size_t most);

class LeakWatch {
 public:
  explicit LeakWatch(FuzzTarget& target) : target_(target) {}

  // After each script. The finding names the script that leaks.
  std::optional<Finding> look(const script::Script& played);
  // The process is a new one.
  void forget();

 private:
  std::optional<Finding> blame();
  std::optional<Finding> try_script(const script::Script& script);
  std::optional<Holdings> after_a_round(const script::Script& script);

  FuzzTarget& target_;
  std::deque<script::Script> recent_;
  std::optional<Holdings> before_;
  std::size_t played_ = 0;
  int grown_ = 0;
};

}  // namespace upspec
