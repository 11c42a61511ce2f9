// Files, whole: a reader sees the old one or the new one, never half of one.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace upspec::report {

// A temporary file in the same folder, fsync, rename. Makes the folder. On an error the old file is as it was.
Result<void> write_atomically(const std::filesystem::path& path, std::string_view text);

Result<std::string> read_file(const std::filesystem::path& path);

}  // namespace upspec::report
