// What the four translations of translate.hpp share: small questions about fields and options.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "h1/head.hpp"
#include "upgrade/offer.hpp"
#include "upgrade/translate.hpp"

namespace upspec {

inline tl::unexpected<Breach> refuse(std::string_view requirement, std::string text) {
  return tl::unexpected(Breach{std::string(requirement), std::move(text)});
}

inline bool holds(const std::vector<std::string>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

inline bool is_pseudo(std::string_view name) { return name.starts_with(':'); }

// A protocol of the grammar, and nothing behind it.
bool is_protocol(std::string_view text);

// The attributes that options of `Connection` become: not the connection's own ones, nor those that ATT-02 or ATT-03
// forbid.
std::vector<std::string> attributes_from(const std::vector<std::string>& options);

// The `Connection` of a switch or of the request for one: "upgrade, a, b". Of several offers, each name once.
std::string connection_for(const std::vector<Offer>& offers);

// The protocols' names alone: the value of HTTP/1.1's `Upgrade`.
std::string protocols_of(const std::vector<Offer>& offers);

// A name or a value that one side could not write so that the other reads the same (PXY-13).
std::optional<std::string> uncarriable(std::string_view name, std::string_view value);

}  // namespace upspec
