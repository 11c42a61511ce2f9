#include "report/file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <fstream>
#include <sstream>
#include <system_error>

#include "base/text.hpp"

namespace upspec::report {

namespace {

namespace fs = std::filesystem;

tl::unexpected<Error> cannot(std::string_view what, const fs::path& path, int error) {
  return fail(cat("cannot ", what, " ", path.string(), ": ", std::generic_category().message(error)));
}

// Not mkstemp: that makes a file only its owner can read, and CI systems read as somebody else.
fs::path temporary_beside(const fs::path& path) {
  static std::atomic<unsigned> count = 0;
  return path.string() + cat(".", ::getpid(), ".", count++, ".tmp");
}

int write_all(int file, std::string_view text) {
  while (!text.empty()) {
    const auto written = ::write(file, text.data(), text.size());
    if (written < 0 && errno != EINTR) return errno;
    if (written > 0) text.remove_prefix(static_cast<std::size_t>(written));
  }
  return ::fsync(file) == 0 ? 0 : errno;
}

int write_new(const fs::path& path, std::string_view text) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (file < 0) return errno;
  const int error = write_all(file, text);
  return ::close(file) == 0 || error != 0 ? error : errno;
}

// Best effort: the rename itself survives a power cut only then, and some file systems cannot.
void sync_folder(const fs::path& folder) {
  const int file = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file < 0) return;
  ::fsync(file);
  ::close(file);
}

}  // namespace

Result<void> write_atomically(const fs::path& path, std::string_view text) {
  const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return cannot("make the folder", folder, error.value());
  const fs::path temporary = temporary_beside(path);
  if (const int number = write_new(temporary, text); number != 0) {
    fs::remove(temporary, error);
    return cannot("write", temporary, number);
  }
  fs::rename(temporary, path, error);
  if (error) {
    const int number = error.value();
    fs::remove(temporary, error);
    return cannot("write", path, number);
  }
  sync_folder(folder);
  return {};
}

Result<std::string> read_file(const fs::path& path) {
  std::error_code error;
  if (fs::is_directory(path, error)) return cannot("read", path, EISDIR);
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) return cannot("read", path, errno != 0 ? errno : EIO);
  std::ostringstream text;
  text << file.rdbuf();
  if (file.bad()) return cannot("read", path, EIO);
  return text.str();
}

}  // namespace upspec::report
