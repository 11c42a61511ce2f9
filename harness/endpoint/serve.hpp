// The body of `upspec serve`: the reference server behind a socket, until SIGTERM or SIGINT.
#pragma once

#include <string>

#include "net/address.hpp"
#include "peer/reference_server.hpp"

namespace upspec {

struct ServeOptions {
  Address listen{"127.0.0.1", 0};  // loopback, on a port of the system's choice: never taken, and said when ready
  bool tls = false;
  std::string certificate_file;  // with `tls`: both of them, or neither for a certificate of our own
  std::string key_file;
  std::string ca_out;        // where the CA of our own certificate goes; empty: nowhere
  std::string key_log_file;  // NSS format; empty: none
  ServerOptions server;
};

// Says "listening on HOST:PORT" on stdout when ready. The exit status: 0 after SIGTERM or SIGINT, 2 a wrong option or
// file, 3 the address cannot be had. One line on stderr says what is wrong.
int serve(const ServeOptions& options);

}  // namespace upspec
