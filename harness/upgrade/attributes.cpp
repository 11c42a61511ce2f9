#include "upgrade/attributes.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace upspec {

namespace {

// ATT-02, word for word.
constexpr std::array<std::string_view, 11> framing_names = {
    "connection", "close",          "keep-alive", "proxy-connection", "transfer-encoding", "te", "trailer", "upgrade",
    "host",       "content-length", "expect"};

// ATT-03; "x-forwarded-*" is a prefix.
constexpr std::array<std::string_view, 6> names_for_all = {"authorization", "cookie",    "set-cookie",
                                                           "cache-control", "forwarded", "via"};

constexpr std::array<std::string_view, 5> connection_names = {"connection", "upgrade", "keep-alive", "proxy-connection",
                                                              "transfer-encoding"};

template <std::size_t N>
bool holds(const std::array<std::string_view, N>& names, std::string_view name) {
  return std::ranges::any_of(names, [&](std::string_view one) { return equal_folded(one, name); });
}

}  // namespace

bool is_framing_name(std::string_view name) { return holds(framing_names, name); }

bool is_for_every_recipient(std::string_view name) {
  return holds(names_for_all, name) || lower(name).starts_with("x-forwarded-");
}

bool is_connection_specific(std::string_view name) { return holds(connection_names, name); }

std::vector<std::string> effective_attributes(const Offer& offer) {
  std::vector<std::string> names;
  for (const auto& attribute : offer.attributes) {
    auto name = lower(attribute);
    if (!is_for_every_recipient(name) && std::ranges::find(names, name) == names.end())
      names.push_back(std::move(name));
  }
  return names;
}

}  // namespace upspec
