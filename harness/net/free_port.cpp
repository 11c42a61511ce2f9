// A port for a program that wants to be told where to listen.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <random>
#include <stdexcept>

#include "net/process.hpp"

namespace upspec {

std::uint16_t free_port() {
  // From a random place on, so that two runs side by side do not meet; each call goes on from there.
  constexpr unsigned lowest = 20000;
  unsigned outgoing = 32768;
  std::ifstream("/proc/sys/net/ipv4/ip_local_port_range") >> outgoing;
  const unsigned count = outgoing > lowest + 1000 && outgoing < 65536 ? outgoing - lowest : 12768;
  static std::atomic<unsigned> next{std::random_device{}()};
  for (unsigned tried = 0; tried < count; ++tried) {
    const auto port = static_cast<std::uint16_t>(lowest + next++ % count);
    const int probe = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (probe < 0) break;
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    const bool free = bind(probe, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    close(probe);
    if (free) return port;
  }
  throw std::runtime_error("no free port on 127.0.0.1");
}

}  // namespace upspec
