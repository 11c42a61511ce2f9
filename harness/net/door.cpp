#include "net/door.hpp"

#include <unistd.h>

#include <boost/asio/io_context.hpp>
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
