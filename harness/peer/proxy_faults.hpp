// How the reference proxy breaks rules on purpose (violations.hpp).
#pragma once

#include <string_view>

#include "peer/violations.hpp"

namespace upspec {

class ProxyFaults {
 public:
  explicit ProxyFaults(const Violations& violations) : violations_(violations) {}
  bool breaks(std::string_view id) const { return violations_.breaks(id); }
  bool none() const { return violations_.none(); }

 private:
  Violations violations_;
};

}  // namespace upspec
