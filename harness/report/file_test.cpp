#include "report/file.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include "base/text.hpp"

namespace upspec::report {
namespace {

namespace fs = std::filesystem;

fs::path folder(std::string_view name) { return fs::path(testing::TempDir()) / cat("upspec-file-", ::getpid()) / name; }

std::size_t files_in(const fs::path& where) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(where), fs::directory_iterator()));
}

TEST(WriteAtomically, MakesTheFolderAndReplacesTheFile) {
  const auto path = folder("new") / "deep" / "a.txt";
  ASSERT_TRUE(write_atomically(path, "one"));
  ASSERT_TRUE(write_atomically(path, std::string("two\0", 4)));
  EXPECT_EQ(read_file(path), std::string("two\0", 4));
  EXPECT_EQ(files_in(path.parent_path()), 1u);
}

TEST(WriteAtomically, SaysWhatItCannot) {
  const auto file = folder("plain") / "file";
  ASSERT_TRUE(write_atomically(file, "x"));
  const auto below_a_file = write_atomically(file / "a.txt", "x");
  ASSERT_FALSE(below_a_file);
  EXPECT_TRUE(below_a_file.error().text.starts_with("cannot make the folder")) << below_a_file.error().text;
  const auto over_a_folder = write_atomically(folder("plain"), "x");
  ASSERT_FALSE(over_a_folder);
  EXPECT_EQ(files_in(folder("plain").parent_path() / "plain"), 1u) << "no temporary file is left";
}

TEST(ReadFile, SaysWhatItCannot) {
  EXPECT_FALSE(read_file(folder("nowhere")));
  EXPECT_FALSE(read_file(testing::TempDir()));
}

}  // namespace
}  // namespace upspec::report
