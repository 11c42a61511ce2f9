// The body of `upspec connect URL`: the reference client behind a socket, for one exchange or by hand.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "net/tls.hpp"
#include "peer/reference_client.hpp"

namespace upspec {

struct ConnectOptions {
  std::string url;                     // http, https, ws or wss
  std::optional<std::string> message;  // sent once; its echo is printed. None: stdin to the channel to stdout
  TlsClientOptions tls;                // for https and wss
  // The longest wait for one awaited event; what comes from stdin is not awaited.
  std::chrono::nanoseconds timeout = std::chrono::seconds(5);
  ClientOptions client;  // its scheme, authority and path are taken from the URL; an authority that is set stays
};

// The exit status: 0 upgraded, message echoed, closed in order (protocol "none": answered); 1 the exchange failed;
// 2 a wrong option or file; 3 not reachable. One line on stderr says what is wrong.
int connect(const ConnectOptions& options);

}  // namespace upspec
