// Runs a fuzz target over the files of folders, without libFuzzer: so every compiler and every sanitizer replays the
// seeds. Fails when there is nothing to replay.
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size);

namespace {

std::vector<std::uint8_t> read(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

int main(int count, char** folders) {
  std::size_t files = 0;
  for (int i = 1; i < count; ++i) {
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(folders[i], error)) {
      std::fprintf(stderr, "%s\n", entry.path().c_str());  // the last one named is the one that failed
      const auto octets = read(entry.path());
      LLVMFuzzerTestOneInput(octets.data(), octets.size());
      ++files;
    }
    if (error) std::fprintf(stderr, "%s: %s\n", folders[i], error.message().c_str());
  }
  return files == 0 ? 1 : 0;
}
