// The scripts that showed something new, and what they showed. On disk a folder of files, one a script, named by its
// content; nothing else is needed to resume. Shared by the campaign's workers.
#pragma once

#include <cstdint>
#include <filesystem>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "base/result.hpp"
#include "script/script.hpp"

namespace upspec {

class FuzzCorpus {
 public:
  // Empty: nothing is written.
  explicit FuzzCorpus(std::filesystem::path folder) : folder_(std::move(folder)) {}

  // Makes the folder.
  Result<void> open();
  // The scripts of a folder's files, in the order of their names: binary ones, and `.txt` in the text form.
  static Result<std::vector<script::Script>> read(const std::filesystem::path& folder);

  // Kept, and true, when one of these shapes is new.
  bool add(const script::Script& script, const std::vector<std::uint64_t>& shapes);
  // One of those kept, late ones more often: they go deeper. Needs one.
  script::Script pick(Random& random) const;

  std::size_t size() const;
  std::size_t shapes() const;

 private:
  const std::filesystem::path folder_;
  mutable std::mutex mutex_;
  std::vector<script::Script> scripts_;
  std::set<std::uint64_t> shapes_;
};

}  // namespace upspec
