#include <boost/asio/this_coro.hpp>

#include "base/text.hpp"
#include "net/asio.hpp"

namespace upspec {

asio::awaitable<Result<Endpoints>> resolve(Address address) {
  SystemError no_address;
  const auto numeric = asio::ip::make_address(address.host, no_address);
  if (!no_address) co_return Endpoints(1, tcp::endpoint(numeric, address.port));

  tcp::resolver resolver(co_await asio::this_coro::executor);
  const std::string port = cat(address.port);
  auto [error, found] = co_await resolver.async_resolve(address.host, port, as_result);
  if (error) co_return fail(cat("the host ", quoted(address.host), " is not known: ", error.message()));
  Endpoints endpoints;
  for (const auto& one : found) endpoints.push_back(one.endpoint());
  if (endpoints.empty()) co_return fail(cat("the host ", quoted(address.host), " has no address"));
  co_return endpoints;
}

}  // namespace upspec
