// Whatever a server says, frame by frame: the reference client breaks no rule, takes nothing for an accept that is
// none, and comes to rest. The script's first octet chooses what the client asks for.
#include <array>

#include "planted.hpp"
#include "script/reference_peers.hpp"
#include "session.hpp"

namespace upspec {
namespace {

ClientOptions options_for(std::uint8_t choice) {
  constexpr std::array<const char*, 4> protocols = {"websocket", "upspec-echo", "h2c", "none"};
  ClientOptions options;
  options.protocol = protocols[choice >> 6];
  options.authority = "localhost";
  return options;
}

}  // namespace
}  // namespace upspec

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  using namespace upspec;
  auto script = script::decode({octets, size});
  script.role = script::Role::client;
  static const auto bugs = planted_in(ReferenceRole::client);
  auto options = options_for(size == 0 ? 0 : octets[0]);
  options.violations = bugs;
  script::check(script, [&] { return script::ReferenceClientPeer(options, to_octets("hello")); });
  return 0;
}
