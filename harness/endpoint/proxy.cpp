#include "endpoint/proxy.hpp"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "base/text.hpp"
#include "endpoint/own_tls.hpp"
#include "h2/codes.hpp"
#include "net/relay.hpp"

namespace upspec {
namespace {

int say(int status, const Error& error) {
  std::fprintf(stderr, "upspec proxy: %s\n", error.text.c_str());
  return status;
}

// HTTP/2 begins with "PRI * HTTP/2.0"; no HTTP/1.1 request does. Nothing where too little has come.
std::optional<bool> speaks_h2(OctetView first) {
  const auto size = std::min(first.size(), h2::preface.size());
  if (as_text(first.first(size)) != h2::preface.substr(0, size)) return false;
  constexpr std::size_t enough = 4;  // "PRI "
  return size < enough ? std::nullopt : std::optional(true);
}

std::optional<ReferenceProxy> proxy_for(const ProxyCommandOptions& options, OctetView first) {
  auto proxy = options.proxy;
  const auto front_h2 = !options.origin_h2 ? std::optional(true)
                        : options.front_h2 ? options.front_h2
                                           : speaks_h2(first);
  if (!front_h2) return std::nullopt;
  proxy.way = !options.origin_h2 ? Way::h2_to_h1 : *front_h2 ? Way::h2_to_h2 : Way::h1_to_h2;
  return ReferenceProxy(std::move(proxy));
}

}  // namespace

int proxy(const ProxyCommandOptions& options) {
  auto tls = make_tls({options.tls, options.certificate_file, options.key_file, options.ca_out, options.key_log_file});
  if (!tls) return say(2, tls.error());

  StopOnSignals stop;
  RelayOptions relay_options;
  relay_options.listen = options.listen;
  relay_options.tls = std::move(*tls);
  relay_options.origin = options.origin;
  relay_options.origin_timeout = options.origin_timeout;
  auto relay = Relay::open(relay_options, [&](OctetView first) { return proxy_for(options, first); });
  if (!relay) return say(3, relay.error());

  std::printf("listening on %s\n", to_text(relay->address()).c_str());
  std::fflush(stdout);
  relay->serve(stop.flag());
  return 0;
}

}  // namespace upspec
