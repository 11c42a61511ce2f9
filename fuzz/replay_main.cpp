// Runs a fuzz target over the files of folders, without libFuzzer: so every compiler and every sanitizer replays the
// seeds. Fails when there is nothing to replay. `--seconds N` goes round for so long, by the processor's clock, and
// says how many runs a second.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string_view>
#include <vector>

#include "fastest.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size);

namespace {

using Input = std::vector<std::uint8_t>;

Input read(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void measure(const std::vector<Input>& inputs, double seconds) {
  const auto speed = upspec::fastest(seconds, [&] {
    for (const auto& input : inputs) LLVMFuzzerTestOneInput(input.data(), input.size());
    return inputs.size();
  });
  std::size_t octets = 0;
  for (const auto& input : inputs) octets += input.size();
  std::printf("%.0f runs a second, %zu octets on average, %zu inputs\n", speed, octets / inputs.size(), inputs.size());
}

}  // namespace

int main(int count, char** words) {
  std::vector<Input> inputs;
  double seconds = 0;
  for (int i = 1; i < count; ++i) {
    if (std::string_view(words[i]) == "--seconds" && i + 1 < count) {
      seconds = std::atof(words[++i]);
      continue;
    }
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(words[i], error)) {
      if (seconds == 0)
        std::fprintf(stderr, "%s\n", entry.path().c_str());  // the last one named is the one that failed
      inputs.push_back(read(entry.path()));
      LLVMFuzzerTestOneInput(inputs.back().data(), inputs.back().size());
    }
    if (error) std::fprintf(stderr, "%s: %s\n", words[i], error.message().c_str());
  }
  if (seconds > 0 && !inputs.empty()) measure(inputs, seconds);
  return inputs.empty() ? 1 : 0;
}
