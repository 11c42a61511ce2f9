// A value, or one line that says why there is none.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace upspec {

// The line is for people: what is wrong and what would be right.
struct Error {
  std::string text;
  bool operator==(const Error&) const = default;
};

template <class T>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> fail(std::string text) { return tl::unexpected<Error>(Error{std::move(text)}); }

}  // namespace upspec
