// Whatever a client says, frame by frame: the reference server breaks no rule, echoes what was said, and comes to rest.
#include "planted.hpp"
#include "script/reference_peers.hpp"
#include "session.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  using namespace upspec;
  auto script = script::decode({octets, size});
  script.role = script::Role::server;
  static const auto bugs = planted_in(ReferenceRole::server);
  script::check(script, [] {
    ServerOptions options;
    options.violations = bugs;
    return script::ReferenceServerPeer(options);
  });
  return 0;
}
