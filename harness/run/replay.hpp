// The command line that plays one case of a run again, for people to paste into a shell.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "run/options.hpp"

namespace upspec {

// As a POSIX shell reads it back: plain words as they are, others in single quotes.
std::string shell_quoted(std::string_view word);
std::string shell_line(const std::vector<std::string>& words);

// The options that say what is tested and how; not those that select, report or repeat.
//   upspec run --target 127.0.0.1:8443 --tls --case connect.channel/half-close -v
std::string replay_line(const RunOptions& options, std::string_view case_id);

}  // namespace upspec
