// The few Asio headers and habits that this room shares. Of this room alone: nobody else compiles Asio.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <vector>

#include "base/result.hpp"
#include "net/address.hpp"

namespace upspec {

namespace asio = boost::asio;
using asio::ip::tcp;
using SystemError = boost::system::error_code;

// auto [error, n] = co_await socket.async_read_some(buffer, as_result): errors as values.
// GCC 12 miscompiles braces and lambdas inside a co_await expression: name it, then move it.
inline constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

using Endpoints = std::vector<tcp::endpoint>;
// Names are looked up on a thread of Asio's, IP addresses not at all. Never an empty list.
asio::awaitable<Result<Endpoints>> resolve(Address address);
// Listens from now on; gives the address with its real port.
Result<Address> listen_on(tcp::acceptor& acceptor, Address address);

}  // namespace upspec
