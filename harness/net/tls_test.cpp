#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <iterator>

#include "net/fakes.hpp"
#include "net/tls_session.hpp"
#include "net/tls_state.hpp"

namespace upspec {
namespace {

using namespace fakes;
constexpr auto timeout = std::chrono::seconds(20);

const OwnCertificate& own() {
  static const OwnCertificate made = *make_own_certificate();
  return made;
}
TlsServer own_server(const std::string& key_log = {}) {
  TlsServerOptions options;
  options.identity = own().identity;
  options.key_log_file = key_log;
  return *TlsServer::make(options);
}
TlsClient client_with(const TlsClientOptions& options) { return *TlsClient::make(options); }
TlsClientOptions trusting() {
  TlsClientOptions options;
  options.ca_pem = own().ca_pem;
  return options;
}

std::string trouble_of(const Address& target, const TlsClientOptions& options) {
  const auto connected = can_connect(target, client_with(options), timeout);
  return connected ? "none" : connected.error().text;
}

TEST(Tls, TheOwnCertificateIsGoodForTheLoopback) {
  const auto listener = echo_listener(own_server());
  auto options = trusting();
  for (const auto* name : {"", "localhost", "127.0.0.1", "::1"}) {
    options.server_name = name;
    EXPECT_EQ(trouble_of(listener->address(), options), "none") << name;
  }
  options.server_name = "example.org";
  EXPECT_NE(trouble_of(listener->address(), options).find("the certificate is not trusted: hostname mismatch"),
            std::string::npos);
  options.insecure = true;
  EXPECT_EQ(trouble_of(listener->address(), options), "none");
}

TEST(Tls, WhoIsNotTrustedIsRefused) {
  const auto listener = echo_listener(own_server());
  TlsClientOptions options;
  options.ca_pem = make_own_certificate()->ca_pem;  // somebody else's
  EXPECT_NE(trouble_of(listener->address(), options).find("the certificate is not trusted: "), std::string::npos);
}

TEST(Tls, AServerThatSelectsAnotherProtocolIsRefused) {
  const auto server = own_server();
  SSL_CTX_set_alpn_select_cb(server.state()->context.get(), nullptr, nullptr);  // knows no ALPN
  const auto listener = echo_listener(server);
  EXPECT_NE(trouble_of(listener->address(), trusting()).find("did not select h2"), std::string::npos);
}

TEST(Tls, ACleartextPeerIsSeenThrough) {
  Bare peer([](int connection) {
    write_all(connection, "HTTP/1.1 400 Bad Request\r\n\r\n");
    read_all(connection);
  });
  const auto trouble = trouble_of(peer.address, trusting());
  EXPECT_NE(trouble.find("does the peer speak TLS?"), std::string::npos) << trouble;
}

TEST(Tls, APeerThatEndsInTheHandshakeIsNotConnected) {
  Bare peer([](int connection) { read_some(connection, 1), ::shutdown(connection, SHUT_WR), read_all(connection); });
  const auto trouble = trouble_of(peer.address, trusting());
  EXPECT_NE(trouble.find("closed during the TLS handshake"), std::string::npos) << trouble;
}

TEST(Tls, ASilentPeerMeetsTheDeadlineInTheHandshake) {
  const Bare peer(nullptr);
  const auto connected = can_connect(peer.address, client_with(trusting()), std::chrono::milliseconds(50));
  ASSERT_FALSE(connected);
  EXPECT_NE(connected.error().text.find("the TLS handshake was not done in time"), std::string::npos);
}

TEST(Tls, AWrongFileIsAnErrorOfTheCall) {
  TlsClientOptions options;
  options.ca_file = "/nowhere/ca.pem";
  EXPECT_EQ(TlsClient::make(options).error().text, "/nowhere/ca.pem: cannot be read");
  options.ca_file = "/dev/null";
  EXPECT_EQ(TlsClient::make(options).error().text, "/dev/null: holds no certificate in PEM form");
  EXPECT_FALSE(read_identity("/dev/null", "/dev/null"));
}

TEST(Tls, TheKeyLogHasALineASecret) {
  const auto file = testing::TempDir() + "upspec_key_log_test";
  std::remove(file.c_str());
  auto options = trusting();
  options.key_log_file = file;
  const auto listener = echo_listener(own_server());
  ASSERT_EQ(trouble_of(listener->address(), options), "none");
  std::ifstream in(file);
  const std::string log{std::istreambuf_iterator<char>(in), {}};
  EXPECT_NE(log.find("CLIENT_TRAFFIC_SECRET_0 "), std::string::npos);
  std::remove(file.c_str());
}

// Two sessions with the wire between them cut at every octet.
void carry(TlsSession& from, TlsSession& to) {
  for (const auto octet : from.take_output()) to.receive(OctetView(&octet, 1));
}

TEST(TlsSession, WorksOctetByOctetAndHalfCloses) {
  TlsSession client(client_with(trusting()), "localhost");
  TlsSession server(own_server());
  client.receive({});
  while (client.has_output() || server.has_output()) carry(client, server), carry(server, client);
  ASSERT_TRUE(client.established()) << client.trouble();
  ASSERT_TRUE(server.established()) << server.trouble();

  client.send(as_octets("question"));
  client.close();
  carry(client, server);
  EXPECT_EQ(to_text(server.take_plain()), "question");
  EXPECT_TRUE(server.ended());
  server.send(as_octets("answer"));
  carry(server, client);
  EXPECT_EQ(to_text(client.take_plain()), "answer");
  EXPECT_FALSE(client.ended());
}

TEST(TlsSession, BrokenRecordsAreTrouble) {
  TlsSession server(own_server());
  server.receive(as_octets("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"));
  EXPECT_NE(server.trouble(), "");
  EXPECT_FALSE(server.established());
}

}  // namespace
}  // namespace upspec
