// The body of `upspec proxy`: the reference proxy between sockets, until SIGTERM or SIGINT.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "net/address.hpp"
#include "peer/reference_proxy.hpp"

namespace upspec {

struct ProxyCommandOptions {
  Address listen{"127.0.0.1", 0};  // loopback, on a port of the system's choice: never taken, and said when ready
  Address origin;
  bool origin_h2 = false;        // else HTTP/1.1
  std::optional<bool> front_h2;  // nothing: by the first octets, where the origin speaks HTTP/2; else HTTP/2
  bool tls = false;              // in front, with HTTP/2
  std::string certificate_file;  // with `tls`: both of them, or neither for a certificate of our own
  std::string key_file;
  std::string ca_out;        // where the CA of our own certificate goes; empty: nowhere
  std::string key_log_file;  // NSS format; empty: none
  std::chrono::nanoseconds origin_timeout = std::chrono::seconds(30);
  ProxyOptions proxy;  // without the way
};

// Says "listening on HOST:PORT" on stdout when ready. The exit status: 0 after SIGTERM or SIGINT, 2 a wrong option or
// file, 3 the address cannot be had. One line on stderr says what is wrong.
int proxy(const ProxyCommandOptions& options);

}  // namespace upspec
