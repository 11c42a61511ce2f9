// Headers of the standard library that nearly every file reads, compiled once (preset `release`: the first build is
// what a newcomer waits for). A file includes what it uses all the same: the other presets build without this.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>
#include <variant>
#include <vector>
