// TLS for both sides, by what one wants of it: whom to trust, who to be. ALPN is always h2.
// Files are read and checked here, once, so that a wrong one is an error of the call and not of a connection.
#pragma once

#include <memory>
#include <string>

#include "base/result.hpp"

namespace upspec {

struct TlsClientOptions {
  std::string ca_file;       // PEM, whom to trust; with it and `ca_pem` both empty: the system's list
  std::string ca_pem;        // the same as text: the CA of a certificate of our own
  bool insecure = false;     // trust anybody
  std::string server_name;   // for SNI and for the check of the certificate; empty: the host that is connected to
  std::string key_log_file;  // NSS format, appended to: what Wireshark needs to read along
};

// A client's settled options. A cheap handle: copies share one OpenSSL context.
class TlsClient {
 public:
  static Result<TlsClient> make(const TlsClientOptions& options);
  struct State;
  const std::shared_ptr<State>& state() const { return state_; }

 private:
  std::shared_ptr<State> state_;
};

// Who a server is: certificate (and its chain) and private key, PEM.
struct TlsIdentity {
  std::string certificate_pem;
  std::string key_pem;
};
Result<TlsIdentity> read_identity(const std::string& certificate_file, const std::string& key_file);

// A CA and a leaf for localhost, 127.0.0.1 and ::1, made in memory (P-256); the CA's key is forgotten.
struct OwnCertificate {
  std::string ca_pem;
  TlsIdentity identity;
};
Result<OwnCertificate> make_own_certificate();

// SHA-256 of the certificate's SubjectPublicKeyInfo, in base64: how one names a certificate that is to be trusted
// without its CA.
Result<std::string> public_key_hash(const std::string& certificate_pem);

struct TlsServerOptions {
  TlsIdentity identity;
  std::string key_log_file;
};

class TlsServer {
 public:
  static Result<TlsServer> make(const TlsServerOptions& options);
  struct State;
  const std::shared_ptr<State>& state() const { return state_; }

 private:
  std::shared_ptr<State> state_;
};

}  // namespace upspec
