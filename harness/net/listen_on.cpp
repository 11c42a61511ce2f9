#include <fcntl.h>

#include "base/text.hpp"
#include "net/asio.hpp"

namespace upspec {

Result<Address> listen_on(tcp::acceptor& acceptor, Address address) {
  const auto trouble = [&](const SystemError& error) {
    return fail(cat("cannot listen on ", to_text(address), ": ", error.message()));
  };
  SystemError error;
  tcp::resolver resolver(acceptor.get_executor());
  const auto found = resolver.resolve(address.host, cat(address.port), tcp::resolver::passive, error);
  if (error) return trouble(error);
  const tcp::endpoint endpoint = found.begin()->endpoint();

  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) return trouble(error);
  ::fcntl(acceptor.native_handle(), F_SETFD, FD_CLOEXEC);
  address.port = acceptor.local_endpoint(error).port();
  return address;
}

}  // namespace upspec
