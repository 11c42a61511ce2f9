// What the handles of net/tls.hpp hold. Of this room alone.
#pragma once

#include <string>
#include <utility>

#include "net/openssl.hpp"
#include "net/tls.hpp"

namespace upspec {

// An appended file with the secrets of connections, a line each.
class KeyLog {
 public:
  KeyLog() = default;
  ~KeyLog();
  KeyLog(const KeyLog&) = delete;
  KeyLog& operator=(const KeyLog&) = delete;

  Result<void> open(const std::string& file);
  // Has the context's connections logged here.
  void attach(SSL_CTX* context);

 private:
  static void log_line(const SSL* tls, const char* line);
  int descriptor_ = -1;
};

struct TlsClient::State {
  openssl::Context context;
  KeyLog key_log;
  std::string server_name;
  bool insecure = false;
};

struct TlsServer::State {
  openssl::Context context;
  KeyLog key_log;
};

}  // namespace upspec
