#include "endpoint/serve.hpp"

#include <cstdio>
#include <memory>
#include <utility>

#include "base/text.hpp"
#include "endpoint/own_tls.hpp"
#include "net/listener.hpp"

namespace upspec {
namespace {

int say(int status, const Error& error) {
  std::fprintf(stderr, "upspec serve: %s\n", error.text.c_str());
  return status;
}

}  // namespace

int serve(const ServeOptions& options) {
  auto tls = make_tls({options.tls, options.certificate_file, options.key_file, options.ca_out, options.key_log_file});
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
