// One rule broken, by requirement id: the product of this room.
#pragma once

#include <cstdint>
#include <string>

namespace upspec {

struct Breach {
  std::string requirement;   // "REQ-05", an id of cases/requirements.xml
  std::string text;          // what was wrong, for people; printable ASCII
  std::uint32_t stream = 0;  // 0: the connection's
  bool operator==(const Breach&) const = default;
};

}  // namespace upspec
