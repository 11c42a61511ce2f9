#include "net/listener.hpp"

#include <gtest/gtest.h>

#include <csignal>

#include "net/fakes.hpp"

namespace upspec {
namespace {

using namespace fakes;

std::string exchange(const Address& address, std::string_view said, std::size_t count) {
  const int connection = connect_to(address);
  write_all(connection, said);
  const auto heard = read_some(connection, count);
  ::close(connection);
  return heard;
}

TEST(Listener, SaysItsRealPortAndServes) {
  const auto listener = echo_listener();
  EXPECT_NE(listener->address().port, 0);
  EXPECT_EQ(exchange(listener->address(), "hello", 5), "hello");
}

TEST(Listener, WhatIsTakenIsRefusedWithTheReason) {
  const auto listener = echo_listener();
  ListenOptions options;
  options.address = listener->address();
  const auto second = Listener::open(options, nullptr);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().text, cat("cannot listen on ", to_text(options.address), ": Address already in use"));
}

TEST(Listener, AFinishedPeerSaysFinAfterItsOutput) {
  const auto listener = echo_listener();
  const int connection = connect_to(listener->address());
  write_all(connection, "bye");
  EXPECT_EQ(read_all(connection), "bye");
  ::close(connection);
}

TEST(Listener, AFaultOfOnePeerEndsItsConnectionAlone) {
  const auto listener = echo_listener();
  const int other = connect_to(listener->address());
  testing::internal::CaptureStderr();
  EXPECT_EQ(exchange(listener->address(), "throw", 5), "");
  EXPECT_EQ(exchange(listener->address(), "hello", 5), "hello");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "upspec: a connection was given up: told to\n");
  write_all(other, "still here");
  EXPECT_EQ(read_some(other, 10), "still here");
  ::close(other);
}

TEST(Listener, MoreConnectionsThanAllowedWait) {
  ListenOptions options;
  options.most_connections = 1;
  auto opened = Listener::open(options, [] { return std::make_unique<Echo>(); });
  ASSERT_TRUE(opened);
  const BackgroundListener listener(std::move(*opened));
  const int first = connect_to(listener.address());
  write_all(first, "one");
  EXPECT_EQ(read_some(first, 3), "one");
  const int second = connect_to(listener.address());
  write_all(second, "two");
  pollfd readable{second, POLLIN, 0};
  EXPECT_EQ(::poll(&readable, 1, 20), 0);
  ::close(first);
  EXPECT_EQ(read_some(second, 3), "two");
  ::close(second);
}

TEST(Listener, WhoDoesNotReadIsNotReadFrom) {
  const auto listener = echo_listener();
  const int connection = connect_to(listener->address());
  const std::string much(1u << 20, 'x');
  std::size_t sent = 0;
  pollfd writable{connection, POLLOUT, 0};
  while (sent < (256u << 20) && ::poll(&writable, 1, 100) == 1) {
    const auto n = ::send(connection, much.data(), much.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n > 0) sent += static_cast<std::size_t>(n);
  }
  EXPECT_LT(sent, 256u << 20);  // the system's buffers are full, and ours is one piece
  ::shutdown(connection, SHUT_WR);
  EXPECT_EQ(read_all(connection).size(), sent);
  ::close(connection);
}

TEST(Listener, EndsWithConnectionsOpen) {
  auto listener = echo_listener();
  const int connection = connect_to(listener->address());
  write_all(connection, "hello");
  EXPECT_EQ(read_some(connection, 5), "hello");
  listener.reset();
  EXPECT_EQ(read_all(connection), "");
  ::close(connection);
}

TEST(StopOnSignals, ASignalRaisesTheFlagAndEndsTheServer) {
  StopOnSignals stop;
  auto listener = Listener::open({}, [] { return std::make_unique<Echo>(); });
  ASSERT_TRUE(listener);
  EXPECT_FALSE(stop.flag().raised());
  std::raise(SIGTERM);
  listener->serve(stop.flag());
  EXPECT_TRUE(stop.flag().raised());
  EXPECT_EQ(stop.signal(), SIGTERM);
  std::raise(SIGPIPE);
}

}  // namespace
}  // namespace upspec
