// Whatever a client and an origin say: the reference proxy breaks no rule on either side, what one end asked for is
// what the other sees, nothing goes behind too early, channels carry what was said, and it comes to rest.
#include "planted.hpp"
#include "script/proxy_peer.hpp"
#include "session.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  using namespace upspec;
  using script::Role;
  auto script = script::decode({octets, size});
  if (script.role == Role::server || script.role == Role::client) script.role = Role::proxy_21;
  const auto way = script.role == Role::proxy_21   ? Way::h2_to_h1
                   : script.role == Role::proxy_12 ? Way::h1_to_h2
                                                   : Way::h2_to_h2;
  static const auto bugs = planted_in(ReferenceRole::proxy);
  script::check(script, [&] {
    ProxyOptions options;
    options.way = way;
    options.violations = bugs;
    return script::ReferenceProxyPeer(options);
  });
  return 0;
}
