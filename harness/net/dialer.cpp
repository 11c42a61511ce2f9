// Front connections to an address, for script_driver.hpp.
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/text.hpp"
#include "net/script_driver.hpp"

namespace upspec {
namespace {

constexpr std::string_view unix_prefix = "unix:";

union AnyAddress {
  sockaddr any;
  sockaddr_in v4;
  sockaddr_in6 v6;
  sockaddr_un local;
};

class AddressDialer final : public Dialer {
 public:
  explicit AddressDialer(const Address& address) {
    if (address.host.starts_with(unix_prefix))
      look_at_path(address.host.substr(unix_prefix.size()));
    else
      look_up(address);
  }

  int open(script::LinkId link) override {
    if (size_ == 0 || link.end == script::End::behind) return -1;
    const int fd = socket(to_.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return -1;
    const timeval patience{.tv_sec = 5, .tv_usec = 0};  // also for connect
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    choose_source(fd);
    const int one = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);  // not on a Unix socket, where nothing is lost
    if (connect(fd, &to_.any, size_) == 0) return fd;
    close(fd);
    return -1;
  }

 private:
  void look_up(const Address& address) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (getaddrinfo(address.host.c_str(), cat(address.port).c_str(), &hints, &found) != 0) return;
    if (found->ai_addrlen <= sizeof to_) {
      std::memcpy(&to_, found->ai_addr, found->ai_addrlen);
      size_ = found->ai_addrlen;
    }
    freeaddrinfo(found);
  }

  void look_at_path(const std::string& path) {
    to_.local.sun_family = AF_UNIX;
    if (path.empty() || path.size() >= sizeof to_.local.sun_path) return;
    std::memcpy(to_.local.sun_path, path.c_str(), path.size() + 1);
    size_ = sizeof to_.local;
  }

  void choose_source(int fd) {
    constexpr std::uint32_t loopback_network = 127;
    if (to_.any.sa_family != AF_INET || ntohl(to_.v4.sin_addr.s_addr) >> 24 != loopback_network) return;
    next_ = next_ % 50000 + 1;
    sockaddr_in from{};
    from.sin_family = AF_INET;
    from.sin_addr.s_addr = htonl(loopback_network << 24 | 1u << 16 | next_);
    const int one = 1;
    setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
    if (bind(fd, reinterpret_cast<const sockaddr*>(&from), sizeof from) != 0) return;  // then from the usual one
  }

  AnyAddress to_{};
  socklen_t size_ = 0;
  std::uint32_t next_ = 0;
};

}  // namespace

std::unique_ptr<Dialer> dialer_to(const Address& address) { return std::make_unique<AddressDialer>(address); }

}  // namespace upspec
