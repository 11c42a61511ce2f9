#include "run/fuzz_corpus.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>

#include "base/digest.hpp"
#include "base/text.hpp"

namespace upspec {

namespace fs = std::filesystem;

Result<void> FuzzCorpus::open() {
  if (folder_.empty()) return {};
  std::error_code error;
  fs::create_directories(folder_, error);
  if (error) return fail(cat(folder_.string(), ": cannot be made: ", error.message()));
  return {};
}

Result<std::vector<script::Script>> FuzzCorpus::read(const fs::path& folder) {
  std::error_code error;
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder, error))
    if (entry.is_regular_file()) files.push_back(entry.path());
  if (error) return fail(cat(folder.string(), ": cannot be read: ", error.message()));
  std::ranges::sort(files);
  std::vector<script::Script> scripts;
  for (const auto& file : files) {
    std::ifstream in(file, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    if (file.extension() != ".txt") {
      scripts.push_back(script::decode(as_octets(text)));
      continue;
    }
    auto parsed = script::parse(text);
    if (!parsed) return fail(cat(file.string(), ": ", parsed.error().text));
    scripts.push_back(*std::move(parsed));
  }
  return scripts;
}

bool FuzzCorpus::add(const script::Script& script, const std::vector<std::uint64_t>& shapes) {
  {
    const std::lock_guard lock(mutex_);
    const auto before = shapes_.size();
    shapes_.insert(shapes.begin(), shapes.end());
    if (shapes_.size() == before) return false;
    scripts_.push_back(script);
  }
  if (folder_.empty()) return true;
  const auto octets = script::encode(script);
  const auto name = hex(OctetView(sha1(octets)).first(8));
  std::string file;
  for (const char c : name)
    if (c != ' ') file += c;
  // A corpus that cannot be written is still one to work with.
  std::ofstream(folder_ / file, std::ios::binary) << as_text(octets);
  return true;
}

script::Script FuzzCorpus::pick(Random& random) const {
  const std::lock_guard lock(mutex_);
  const auto size = scripts_.size();
  return scripts_[std::max(random.below(size), random.below(2) == 0 ? random.below(size) : 0)];
}

std::size_t FuzzCorpus::size() const {
  const std::lock_guard lock(mutex_);
  return scripts_.size();
}

std::size_t FuzzCorpus::shapes() const {
  const std::lock_guard lock(mutex_);
  return shapes_.size();
}

}  // namespace upspec
