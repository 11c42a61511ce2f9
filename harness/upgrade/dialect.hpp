// The two ways to ask for a channel, as values (protocol.md sections 2, 3, 12).
// What differs between them stands here; nobody else asks "which dialect?" twice.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "h2/codes.hpp"
#include "h2/hpack.hpp"
#include "upgrade/offer.hpp"

namespace upspec {

enum class Dialect { upgrade, connect };

std::string_view name_of(Dialect dialect);  // "upgrade", "connect"
std::optional<Dialect> dialect_from(std::string_view name);

// The setting that announces it. `upgrade_id` is the run's id for SETTINGS_ENABLE_UPGRADE.
std::uint16_t announcing_setting(Dialect dialect, std::uint16_t upgrade_id = h2::setting::enable_upgrade);

// How a channel is asked for: the request's section, in the dialect's own form.
//   upgrade: GET with ":upgrade: P; a; b"      connect: CONNECT with ":protocol: P"
struct Ask {
  std::string protocol;
  std::string scheme;
  std::string authority;  // empty: left out
  std::string path;
  std::vector<std::string> attributes;  // of `upgrade` alone
  h2::FieldSection fields;              // regular fields, lower case
};
h2::FieldSection request_for(Dialect dialect, const Ask& ask);

// Does a request ask for a channel, and in which dialect? By the pseudo-header that is there, whatever else is wrong.
std::optional<Dialect> asked_dialect(const h2::FieldSection& request);

// ":status" as a number of three digits, or nothing.
std::optional<int> status_of(const h2::FieldSection& response);

// Is this response the dialect's accept: 101, or 2xx without END_STREAM? Form only: check_response says whether it is
// right.
bool is_accept(Dialect dialect, const h2::FieldSection& response, bool end_stream);

// An interim response in that dialect: 1xx, but not the accept.
bool is_interim(const h2::FieldSection& response);

}  // namespace upspec
