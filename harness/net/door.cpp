#include "net/door.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/text.hpp"
#include "net/asio.hpp"

namespace upspec {

Door::Door(int descriptor, Address address, std::optional<TlsServer> tls)
    : descriptor_(descriptor), address_(std::move(address)), tls_(std::move(tls)) {}
Door::~Door() {
  if (descriptor_ >= 0) ::close(descriptor_);
}
Door::Door(Door&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      address_(std::move(other.address_)),
      tls_(std::move(other.tls_)) {}
Door& Door::operator=(Door&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(address_, other.address_);
  std::swap(tls_, other.tls_);
  return *this;
}

void Door::refuse() const { ::shutdown(descriptor_, SHUT_RD); }

// Linux has given back a port that it had chosen itself; it is asked for by its number now.
Result<void> Door::listen_again() const {
  SystemError error;
  const tcp::endpoint endpoint(asio::ip::make_address(address_.host, error), address_.port);
  const bool bound = !error && (::bind(descriptor_, endpoint.data(), static_cast<socklen_t>(endpoint.size())) == 0 ||
                                errno == EINVAL);  // it still is
  if (bound && ::listen(descriptor_, SOMAXCONN) == 0) return {};
  return fail(cat("cannot listen again on ", to_text(address_), ": ", std::strerror(errno)));
}

Result<Door> Door::open(const Address& address, std::optional<TlsServer> tls) {
  asio::io_context context{1};
  tcp::acceptor acceptor(context);
  auto listening = listen_on(acceptor, address);
  if (!listening) return tl::unexpected(listening.error());
  SystemError error;
  const int descriptor = acceptor.release(error);  // to this process alone: no child inherits it
  if (error) return fail(cat("cannot listen on ", to_text(address), ": ", error.message()));
  return Door(descriptor, *std::move(listening), std::move(tls));
}

}  // namespace upspec
