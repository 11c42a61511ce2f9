// TLS for a command that listens: a certificate from files, or one of its own. Of this room alone.
#pragma once

#include <optional>
#include <string>

#include "base/result.hpp"
#include "net/tls.hpp"

namespace upspec {

struct OwnTls {
  bool on = false;
  std::string certificate_file;  // both of them, or neither for a certificate of our own
  std::string key_file;
  std::string ca_out;        // where the CA of our own certificate goes; empty: nowhere
  std::string key_log_file;  // NSS format; empty: none
};
// Nothing where it is not on.
Result<std::optional<TlsServer>> make_tls(const OwnTls& options);

}  // namespace upspec
