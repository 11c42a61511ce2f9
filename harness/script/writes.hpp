// What an end has to write to its transport, write by write.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "base/octets.hpp"

namespace upspec::script {

class Writes {
 public:
  // `split`: so many octets a write; 0: all in one.
  void add(Octets all, std::uint8_t split) {
    if (writes_.empty()) writes_.reserve(usual);
    if (split == 0) return writes_.push_back(std::move(all));
    for (std::size_t from = 0; from < all.size(); from += split)
      writes_.push_back(to_octets(OctetView(all).subspan(from, std::min<std::size_t>(split, all.size() - from))));
  }
  std::optional<Octets> take() {
    if (taken_ < writes_.size()) return std::move(writes_[taken_++]);
    writes_.clear();
    taken_ = 0;
    return std::nullopt;
  }

 private:
  static constexpr std::size_t usual = 8;  // so that they are not moved while they grow

  std::vector<Octets> writes_;
  std::size_t taken_ = 0;  // of these
};

}  // namespace upspec::script
