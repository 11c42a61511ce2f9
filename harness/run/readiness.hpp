// Is a process that was just started ready to be tested? Waits, and says in one line why not.
#pragma once

#include <cstdint>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "net/process.hpp"

namespace upspec {

struct Readiness {
  std::string line;  // its output holds this; empty: its port accepts
  std::string host;
  std::uint16_t port = 0;
  double within = 20;  // seconds
};

// The error says what was waited for and how the process is, and shows the end of its output.
Result<void> wait_until_ready(const Process& process, const Readiness& what, const std::stop_token& stop);

// The last lines of an output on one line, " | " between them; printable.
std::string last_lines(std::string_view output);

}  // namespace upspec
