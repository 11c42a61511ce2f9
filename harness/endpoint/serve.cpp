#include "endpoint/serve.hpp"

#include <cstdio>
#include <fstream>
#include <memory>
#include <utility>

#include "base/text.hpp"
#include "net/listener.hpp"

namespace upspec {
namespace {

int say(int status, const Error& error) {
  std::fprintf(stderr, "upspec serve: %s\n", error.text.c_str());
  return status;
}

Result<TlsIdentity> identity_for(const ServeOptions& options) {
  if (!options.certificate_file.empty() || !options.key_file.empty())
    return read_identity(options.certificate_file, options.key_file);
  auto own = make_own_certificate();
  if (!own) return tl::unexpected(own.error());
  if (!options.ca_out.empty() && !(std::ofstream(options.ca_out) << own->ca_pem << std::flush))
    return fail(cat(options.ca_out, ": cannot be written"));
  return std::move(own->identity);
}

Result<std::optional<TlsServer>> tls_for(const ServeOptions& options) {
  if (!options.tls) return std::nullopt;
  auto identity = identity_for(options);
  if (!identity) return tl::unexpected(identity.error());
  TlsServerOptions tls_options;
  tls_options.identity = std::move(*identity);
  tls_options.key_log_file = options.key_log_file;
  auto tls = TlsServer::make(tls_options);
  if (!tls) return tl::unexpected(tls.error());
  return std::move(*tls);
}

}  // namespace

int serve(const ServeOptions& options) {
  auto tls = tls_for(options);
  if (!tls) return say(2, tls.error());

  StopOnSignals stop;
  ListenOptions listen;
  listen.address = options.listen;
  listen.tls = std::move(*tls);
  auto listener = Listener::open(
      listen, [&options] { return std::make_unique<Carried<ReferenceServer>>(ReferenceServer(options.server)); });
  if (!listener) return say(3, listener.error());

  std::printf("listening on %s\n", to_text(listener->address()).c_str());
  std::fflush(stdout);
  listener->serve(stop.flag());
  return 0;
}

}  // namespace upspec
