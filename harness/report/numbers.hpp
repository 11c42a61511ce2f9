// Times as reports write them, the same in every locale.
#pragma once

#include <cstdint>
#include <string>

namespace upspec::report {

// fixed(1.5) is "1.500"; what is not a number above 0 is "0.000".
std::string fixed(double value, int digits = 3);

// Seconds since 1970 as ISO 8601: "2025-03-01T12:00:00Z".
std::string iso8601(std::int64_t seconds);

}  // namespace upspec::report
