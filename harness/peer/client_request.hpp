// What the reference client asks with: its options as field sections (protocol.md sections 3, 8, 9, 12). Values in,
// values out.
#pragma once

#include <optional>

#include "base/random.hpp"
#include "h2/hpack.hpp"
#include "peer/reference_client.hpp"
#include "upgrade/dialect.hpp"

namespace upspec {

// No dialect: an ordinary GET. A websocket's key comes from `random`.
h2::FieldSection client_request(const ClientOptions& options, std::optional<Dialect> dialect, Random& random);

// What carries a message on the inner connection of h2c.
h2::FieldSection inner_post(const ClientOptions& options);

}  // namespace upspec
