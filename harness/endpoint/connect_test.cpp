// The reference client against the reference server, over loopback: each sees what the other one does.
#include "endpoint/connect.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "base/text.hpp"
#include "net/listener.hpp"
#include "peer/reference_server.hpp"

namespace upspec {
namespace {

constexpr auto patience = std::chrono::seconds(20);

struct Said {
  int status;
  std::string out, err;
};

Said call(const ConnectOptions& options) {
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  const int status = connect(options);
  return {status, testing::internal::GetCapturedStdout(), testing::internal::GetCapturedStderr()};
}

const OwnCertificate& own() {
  static const OwnCertificate made = *make_own_certificate();
  return made;
}

std::unique_ptr<BackgroundListener> listen(const Listener::Factory& factory, bool tls = false) {
  ListenOptions options;
  if (tls) {
    TlsServerOptions tls_options;
    tls_options.identity = own().identity;
    options.tls = *TlsServer::make(tls_options);
  }
  return std::make_unique<BackgroundListener>(*Listener::open(options, factory));
}

std::unique_ptr<BackgroundListener> reference(bool tls = false, const ServerOptions& server = {}) {
  return listen([server] { return std::make_unique<Carried<ReferenceServer>>(ReferenceServer(server)); }, tls);
}

ConnectOptions options_for(const BackgroundListener& server, std::string_view path, bool tls = false) {
  ConnectOptions options;
  options.url = cat(tls ? "https://" : "http://", to_text(server.address()), path);
  options.tls.ca_pem = own().ca_pem;
  options.timeout = patience;
  options.message = "hi";
  return options;
}

struct Way {
  const char* name;
  const char* protocol;
  const char* path;
  std::optional<Dialect> dialect;
  bool tls;
};

class Channel : public testing::TestWithParam<Way> {};
INSTANTIATE_TEST_SUITE_P(Ways, Channel,
                         testing::Values(Way{"Websocket", "websocket", "/echo", {}, false},
                                         Way{"WebsocketTls", "websocket", "/echo", {}, true},
                                         Way{"WebsocketUpgrade", "websocket", "/echo", Dialect::upgrade, false},
                                         Way{"WebsocketConnect", "websocket", "/echo", Dialect::connect, true},
                                         Way{"RawUpgrade", "upspec-echo", "/raw", Dialect::upgrade, true},
                                         Way{"RawConnect", "upspec-echo", "/raw", Dialect::connect, false},
                                         Way{"H2c", "h2c", "/any", Dialect::upgrade, false}),
                         [](const auto& way) { return way.param.name; });

TEST_P(Channel, AMessageComesBackAndTheEndIsInOrder) {
  const auto& way = GetParam();
  const auto server = reference(way.tls);
  auto options = options_for(*server, way.path, way.tls);
  options.client.protocol = way.protocol;
  options.client.dialect = way.dialect;
  const auto said = call(options);
  EXPECT_EQ(said.status, 0);
  EXPECT_EQ(said.out, "hi\n");
  EXPECT_EQ(said.err, "");
}

TEST_P(Channel, ALongMessageComesBackWhole) {
  const auto& way = GetParam();
  const auto server = reference(way.tls);
  auto options = options_for(*server, way.path, way.tls);
  options.client.protocol = way.protocol;
  options.client.dialect = way.dialect;
  options.message = std::string(300000, 'x');
  const auto said = call(options);
  EXPECT_EQ(said.status, 0) << said.err;
  EXPECT_EQ(said.out.size(), 300001u);
}

TEST(Connect, AnOrdinaryGetIsAnswered) {
  const auto server = reference();
  auto options = options_for(*server, "/");
  options.message.reset();
  options.client.protocol = "none";
  const auto said = call(options);
  EXPECT_EQ(said.status, 0);
  EXPECT_NE(said.out, "");
  EXPECT_EQ(said.err, "");
}

TEST(Connect, ADeclineIsAFailureWithItsStatus) {
  const auto server = reference();
  auto options = options_for(*server, "/echo");
  options.client.protocol = "upspec-echo";  // which this path does not offer
  const auto said = call(options);
  EXPECT_EQ(said.status, 1);
  EXPECT_TRUE(said.err.starts_with("upspec connect: declined with status ")) << said.err;
}

// Standard input is what is in the pipe, for as long as it lives.
class StandardInput {
 public:
  explicit StandardInput(std::string_view text) : before_(::dup(STDIN_FILENO)) {
    int ends[2];
    EXPECT_EQ(::pipe(ends), 0);
    writer_ = std::thread([to = ends[1], all = std::string(text)] {
      EXPECT_EQ(::write(to, all.data(), all.size()), static_cast<ssize_t>(all.size()));
      ::close(to);
    });
    ::dup2(ends[0], STDIN_FILENO);
    ::close(ends[0]);
  }
  ~StandardInput() {
    writer_.join();
    ::dup2(before_, STDIN_FILENO);
    ::close(before_);
  }
  StandardInput(const StandardInput&) = delete;
  StandardInput& operator=(const StandardInput&) = delete;

 private:
  int before_;
  std::thread writer_;
};

TEST(Connect, LinesBecomeMessagesAndMessagesLines) {
  const auto server = reference();
  auto options = options_for(*server, "/echo");
  options.message.reset();
  const StandardInput input("one\n\nthree, without a line's end");
  const auto said = call(options);
  EXPECT_EQ(said.status, 0) << said.err;
  EXPECT_EQ(said.out, "one\n\nthree, without a line's end\n");
}

TEST(Connect, ALineLongerThanAnyBufferIsSaid) {
  const auto server = reference();
  auto options = options_for(*server, "/echo");
  options.message.reset();
  const std::string line(1u << 19, 'x');
  const StandardInput input(line + '\n');
  const auto said = call(options);
  EXPECT_EQ(said.status, 0) << said.err;
  EXPECT_EQ(said.out, line + '\n');
}

TEST(Connect, OctetsStayAsTheyAre) {
  const auto server = reference();
  auto options = options_for(*server, "/raw");
  options.client.protocol = "upspec-echo";
  options.message.reset();
  const std::string octets("\0\xff\nabc", 6);
  const StandardInput input(octets);
  const auto said = call(options);
  EXPECT_EQ(said.status, 0) << said.err;
  EXPECT_EQ(said.out, octets);
}

TEST(Connect, WhatCannotBeReachedIsStatus3) {
  const auto closed = Listener::open({}, nullptr)->address();  // nobody listens any more
  ConnectOptions options;
  options.url = cat("http://", to_text(closed), "/");
  options.message = "hi";
  const auto said = call(options);
  EXPECT_EQ(said.status, 3);
  EXPECT_EQ(said.err, cat("upspec connect: cannot connect to ", to_text(closed), ": Connection refused\n"));
}

TEST(Connect, AServerThatIsNotTrustedIsStatus3) {
  const auto server = reference(true);
  auto options = options_for(*server, "/echo", true);
  options.tls.ca_pem = make_own_certificate()->ca_pem;
  const auto said = call(options);
  EXPECT_EQ(said.status, 3);
  EXPECT_NE(said.err.find("the certificate is not trusted"), std::string::npos) << said.err;
}

TEST(Connect, AWrongCallIsStatus2) {
  ConnectOptions options;
  options.url = "ftp://a/";
  EXPECT_EQ(call(options).status, 2);
  options.url = "https://a/";
  options.tls.ca_file = "/nowhere";
  EXPECT_EQ(call(options).err, "upspec connect: /nowhere: cannot be read\n");
  options.url = "http://a/";
  options.message = "hi";
  options.client.protocol = "none";
  EXPECT_EQ(call(options).status, 2);
}

// Says one thing, and maybe ends.
class Says final : public Connection {
 public:
  Says(std::string_view text, bool ends) : output_(to_octets(text)), ends_(ends) {}
  void receive(OctetView) override {}
  void peer_ended() override {}
  Octets take_output() override { return std::exchange(output_, {}); }
  bool finished() const override { return ends_; }

 private:
  Octets output_;
  bool ends_;
};

TEST(Connect, ASilentServerIsAFailureInTime) {
  const auto server = listen([] { return std::make_unique<Says>("", false); });
  auto options = options_for(*server, "/echo");
  options.timeout = std::chrono::milliseconds(50);
  const auto said = call(options);
  EXPECT_EQ(said.status, 1);
  EXPECT_TRUE(said.err.starts_with("upspec connect: waited in vain for SETTINGS")) << said.err;
}

TEST(Connect, AServerThatClosesOrTalksRubbishIsAFailure) {
  for (const auto* text : {"", "HTTP/1.1 400 Bad Request\r\n\r\n"}) {
    const auto server = listen([text] { return std::make_unique<Says>(text, true); });
    const auto said = call(options_for(*server, "/echo"));
    EXPECT_EQ(said.status, 1);
    EXPECT_TRUE(said.err.starts_with("upspec connect: ")) << said.err;
    EXPECT_EQ(said.err.find('\n'), said.err.size() - 1) << said.err;
  }
}

}  // namespace
}  // namespace upspec
