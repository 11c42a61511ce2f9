// The reference client and the reference server, against each other in memory: both dialects, every protocol, any cut.
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <utility>

#include "base/random.hpp"
#include "peer/reference_client.hpp"
#include "peer/reference_server.hpp"
#include "upgrade/monitor.hpp"

namespace upspec {
namespace {

using Phase = ReferenceClient::Phase;

// Carries octets between the two in pieces until neither has any.
class Pair {
 public:
  Pair(ClientOptions client, ServerOptions server, std::size_t piece)
      : client_(std::move(client)), server_(std::move(server)), piece_(piece) {}

  void exchange() {
    for (bool moved = true; moved;) {
      const Octets up = client_.take_output();
      show(Side::client, up);
      carry(up, server_);
      const Octets down = server_.take_output();
      show(Side::server, down);
      carry(down, client_);
      moved = !up.empty() || !down.empty();
    }
  }
  ReferenceClient& client() { return client_; }
  ReferenceServer& server() { return server_; }

  // What the Monitors hold against either.
  std::vector<Breach> breaches() const {
    auto all = of_client_.breaches();
    all.insert(all.end(), of_server_.breaches().begin(), of_server_.breaches().end());
    return all;
  }

 private:
  void show(Side from, OctetView octets) {
    auto& reader = from == Side::client ? sent_ : answered_;
    if (from == Side::client && std::exchange(first_, false)) octets = octets.subspan(h2::preface.size());
    reader.feed(octets);
    while (const auto frame = reader.next()) {
      of_client_.saw(from, *frame);
      of_server_.saw(from, *frame);
    }
  }

  template <class To>
  void carry(OctetView octets, To& to) {
    while (!octets.empty()) {
      const auto size = std::min(octets.size(), piece_);
      to.receive(octets.first(size));
      octets = octets.subspan(size);
    }
  }

  ReferenceClient client_;
  ReferenceServer server_;
  std::size_t piece_;
  Monitor of_client_{{.under_test = Side::client}};
  Monitor of_server_{{.under_test = Side::server}};
  h2::FrameReader sent_;
  h2::FrameReader answered_;
  bool first_ = true;
};

struct Way {
  std::optional<Dialect> dialect;
  std::string protocol;
  std::string path;
};

ClientOptions options_for(const Way& way) {
  ClientOptions options;
  options.dialect = way.dialect;
  options.protocol = way.protocol;
  options.path = way.path;
  options.authority = "test";
  return options;
}

const std::vector<Way> ways = {
    {Dialect::upgrade, "websocket", "/echo"},  {Dialect::connect, "websocket", "/echo"},
    {Dialect::upgrade, "upspec-echo", "/raw"}, {Dialect::connect, "upspec-echo", "/raw"},
    {Dialect::upgrade, "h2c", "/any"},         {std::nullopt, "websocket", "/echo"},
};

Octets all_of(const std::vector<Octets>& messages) {
  Octets all;
  for (const auto& message : messages) append(all, message);
  return all;
}

std::string converse(const Way& way, std::size_t piece, std::size_t size) {
  Pair pair(options_for(way), {}, piece);
  pair.exchange();
  EXPECT_EQ(pair.client().phase(), Phase::open) << pair.client().trouble();
  const auto greeting = all_of(pair.client().take_messages());
  if (way.protocol == "h2c") {
    EXPECT_EQ(as_text(greeting), "upspec reference server\n");
  }

  std::string message(size, 'm');
  for (std::size_t i = 0; i < size; ++i) message[i] = static_cast<char>('a' + i % 26);
  pair.client().send(as_octets(message));
  Octets back;
  for (int round = 0; round < 1000 && back.size() < size; ++round) {
    pair.exchange();
    append(back, all_of(pair.client().take_messages()));
  }
  EXPECT_EQ(as_text(back), message);
  pair.client().end();
  pair.exchange();
  EXPECT_EQ(pair.client().phase(), Phase::closed) << pair.client().trouble();
  EXPECT_TRUE(pair.client().finished());
  EXPECT_TRUE(pair.breaches().empty()) << pair.breaches()[0].requirement << ": " << pair.breaches()[0].text;
  return to_text(back);
}

TEST(Pair, ConversesInAnyCut) {
  for (const auto& way : ways)
    for (const std::size_t piece : {1u, 2u, 3u, 5u, 7u, 9u, 10u, 64u, 1000u, 100000u}) converse(way, piece, 10);
}

TEST(Pair, MovesMoreThanEveryWindow) {
  for (const auto& way : ways) {
    const std::size_t size = way.protocol == "h2c" ? 900000 : 1500000;  // the server holds 1 MiB of content
    converse(way, 16384, size);
  }
}

TEST(Pair, AnswersOrdinaryRequests) {
  Pair pair(options_for({std::nullopt, "none", "/"}), {}, 1);
  pair.exchange();
  EXPECT_EQ(pair.client().phase(), Phase::answered);
  EXPECT_EQ(pair.client().content(), "upspec reference server\n");
  EXPECT_TRUE(pair.client().finished());
  EXPECT_TRUE(pair.server().finished());
}

TEST(Pair, DeclinesElsewhere) {
  for (const auto dialect : {Dialect::upgrade, Dialect::connect}) {
    Pair pair(options_for({dialect, "websocket", "/elsewhere"}), {}, 7);
    pair.exchange();
    EXPECT_EQ(pair.client().phase(), Phase::answered);
    EXPECT_EQ(pair.client().status(), dialect == Dialect::upgrade ? 200 : 501);
  }
}

TEST(Pair, WaitsWhereNothingIsAnnounced) {
  Pair pair(options_for({Dialect::upgrade, "websocket", "/echo"}), {.upgrade = false}, 1000);
  pair.exchange();
  EXPECT_EQ(pair.client().phase(), Phase::waiting);
}

TEST(Pair, UpgradesWithoutASettingWhereBothAgree) {
  auto options = options_for({Dialect::upgrade, "websocket", "/echo"});
  options.upgrade_needs_setting = false;
  Pair pair(options, {.upgrade_needs_setting = false}, 1000);
  pair.exchange();
  EXPECT_EQ(pair.client().phase(), Phase::open);
}

// Nothing a peer sends may crash, hang or grow the server: every octet of a conversation changed, dropped or repeated.
TEST(Pair, SurvivesDamage) {
  for (const auto& way : ways) {
    Random random(7);
    for (int round = 0; round < 400; ++round) {
      ReferenceClient client(options_for(way));
      ReferenceServer server({});
      for (int turn = 0; turn < 6; ++turn) {
        Octets up = client.take_output();
        if (turn > 0 && !up.empty()) up[random.below(up.size())] = static_cast<std::uint8_t>(random.next());
        server.receive(up);
        Octets down = server.take_output();
        if (round % 2 == 0 && turn > 0 && !down.empty()) {
          down[random.below(down.size())] = static_cast<std::uint8_t>(random.next());
        }
        client.receive(down);
        client.send(as_octets("message"));
        if (turn == 4) client.end();
      }
      server.peer_ended();
      client.peer_ended();
      EXPECT_TRUE(server.finished());
    }
  }
}

}  // namespace
}  // namespace upspec
