#include "endpoint/own_tls.hpp"

#include <fstream>
#include <utility>

#include "base/text.hpp"

namespace upspec {
namespace {

Result<TlsIdentity> identity_for(const OwnTls& options) {
  if (!options.certificate_file.empty() || !options.key_file.empty())
    return read_identity(options.certificate_file, options.key_file);
  auto own = make_own_certificate();
  if (!own) return tl::unexpected(own.error());
  if (!options.ca_out.empty() && !(std::ofstream(options.ca_out) << own->ca_pem << std::flush))
    return fail(cat(options.ca_out, ": cannot be written"));
  return std::move(own->identity);
}

}  // namespace

Result<std::optional<TlsServer>> make_tls(const OwnTls& options) {
  if (!options.on) return std::nullopt;
  auto identity = identity_for(options);
  if (!identity) return tl::unexpected(identity.error());
  TlsServerOptions tls_options;
  tls_options.identity = std::move(*identity);
  tls_options.key_log_file = options.key_log_file;
  auto tls = TlsServer::make(tls_options);
  if (!tls) return tl::unexpected(tls.error());
  return std::move(*tls);
}

}  // namespace upspec
