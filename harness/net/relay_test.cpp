#include "net/relay.hpp"

#include <gtest/gtest.h>

#include <array>
#include <optional>
#include <string>
#include <thread>

#include "base/text.hpp"
#include "h2/frame.hpp"
#include "h2/hpack.hpp"
#include "net/fakes.hpp"

namespace upspec {
namespace {

using namespace fakes;

// The proxy on a thread of its own, for as long as it lives.
class Proxy {
 public:
  explicit Proxy(const Address& origin, std::chrono::nanoseconds origin_timeout = std::chrono::seconds(20))
      : relay_(open(origin, origin_timeout)), thread_([this] { relay_.serve(stop_); }) {}
  ~Proxy() {
    stop_.raise();
    thread_.join();
  }
  Proxy(const Proxy&) = delete;
  Proxy& operator=(const Proxy&) = delete;
  const Address& address() const { return relay_.address(); }

 private:
  static Relay open(const Address& origin, std::chrono::nanoseconds origin_timeout) {
    RelayOptions options;
    options.origin = origin;
    options.origin_timeout = origin_timeout;
    return Relay::open(options, [](OctetView) { return std::optional<ReferenceProxy>(ReferenceProxy({})); }).value();
  }
  Relay relay_;
  StopFlag stop_;
  std::thread thread_;
};

// A client of way 21, which asks for a channel of protocol `p` and says what is to be said in it.
class FrontClient {
 public:
  explicit FrontClient(const Address& address) : descriptor_(connect_to(address)) {
    Octets octets = to_octets(h2::preface);
    append(octets, h2::serialise(h2::settings({})));
    const h2::FieldSection section = {
        {":method", "GET"}, {":scheme", "http"}, {":authority", "a"}, {":path", "/p"}, {":upgrade", "p"}};
    append(octets, h2::serialise(h2::headers(1, encoder_.encode(section), h2::flag::end_headers)));
    write_all(descriptor_, as_text(octets));
  }
  ~FrontClient() { ::close(descriptor_); }
  FrontClient(const FrontClient&) = delete;
  FrontClient& operator=(const FrontClient&) = delete;

  void send(const h2::Frame& frame) { write_all(descriptor_, as_text(h2::serialise(frame))); }
  // The next frame of stream 1, in a word: "101", "data:hi", "end", "rst:CANCEL"; "" at the end of the connection.
  std::string hear() {
    while (true) {
      while (const auto frame = reader_.next())
        if (frame->stream == 1) return word_for(*frame);
      std::array<std::uint8_t, 16384> piece;
      const auto size = ::recv(descriptor_, piece.data(), piece.size(), 0);
      if (size <= 0) return "";
      reader_.feed(OctetView(piece).first(static_cast<std::size_t>(size)));
    }
  }

 private:
  std::string word_for(const h2::Frame& frame) {
    if (frame.is(h2::FrameType::headers))
      return *h2::find(decoder_.decode(*h2::read_headers(frame)).value(), ":status");
    if (frame.is(h2::FrameType::rst_stream)) return cat("rst:", h2::error_name(*h2::read_rst_stream(frame)));
    if (frame.is(h2::FrameType::data) && frame.has(h2::flag::end_stream) && frame.payload.empty()) return "end";
    return cat("data:", as_text(frame.payload));
  }

  int descriptor_;
  h2::FieldEncoder encoder_;
  h2::FieldDecoder decoder_;
  h2::FrameReader reader_;
};

constexpr std::string_view raw_switch = "HTTP/1.1 101 Ok\r\nUpgrade: p\r\nConnection: upgrade\r\n\r\n";

// Reads until the head is whole.
void read_head(int descriptor) {
  std::string head;
  while (!head.ends_with("\r\n\r\n")) {
    const auto more = read_some(descriptor, 1);
    if (more.empty()) return;
    head += more;
  }
}

TEST(Relay, AChannelsDirectionsEndByThemselves) {
  std::string heard;
  Bare origin([&](int connection) {
    read_head(connection);
    write_all(connection, cat(raw_switch, "hello"));
    ::shutdown(connection, SHUT_WR);
    heard = read_all(connection);
  });
  const Proxy proxy(origin.address);
  FrontClient client(proxy.address());
  EXPECT_EQ(client.hear(), "101");
  EXPECT_EQ(client.hear(), "data:hello");
  EXPECT_EQ(client.hear(), "end");
  client.send(h2::data(1, as_octets("more"), h2::flag::end_stream));
  origin.wait();
  EXPECT_EQ(heard, "more");
}

TEST(Relay, AResetBehindIsAResetInFront) {
  const Bare origin([](int connection) {
    read_head(connection);
    write_all(connection, raw_switch);
    read_some(connection, 2);
    end_with_reset(connection);
  });
  const Proxy proxy(origin.address);
  FrontClient client(proxy.address());
  EXPECT_EQ(client.hear(), "101");
  client.send(h2::data(1, as_octets("go")));
  EXPECT_EQ(client.hear(), "rst:CONNECT_ERROR");
}

TEST(Relay, AResetInFrontIsAResetBehind) {
  for (const bool whole_connection : {false, true}) {
    bool reset = false;
    Bare origin([&](int connection) {
      read_head(connection);
      write_all(connection, raw_switch);
      read_all(connection, &reset);
    });
    const Proxy proxy(origin.address);
    {
      FrontClient client(proxy.address());
      EXPECT_EQ(client.hear(), "101");
      if (!whole_connection) {
        client.send(h2::rst_stream(1, 8));
        origin.wait();
      }
    }
    if (whole_connection) origin.wait();
    EXPECT_TRUE(reset) << whole_connection;
  }
}

TEST(Relay, AnOriginThatRefusesOrIsSilentIsAnswered) {
  Address nobody;
  {
    const Bare gone(nullptr);
    nobody = gone.address;
  }
  const Proxy refused(nobody);
  EXPECT_EQ(FrontClient(refused.address()).hear(), "502");
  const Bare silent(nullptr);
  const Proxy waits(silent.address, std::chrono::milliseconds(50));
  EXPECT_EQ(FrontClient(waits.address()).hear(), "504");
}

TEST(Relay, StopsWithChannelsOpen) {
  bool ended = false;
  Bare origin([&](int connection) {
    read_head(connection);
    write_all(connection, raw_switch);
    ended = read_all(connection).empty();
  });
  std::optional<Proxy> proxy(std::in_place, origin.address);
  FrontClient client(proxy->address());
  EXPECT_EQ(client.hear(), "101");
  proxy.reset();
  EXPECT_EQ(client.hear(), "");
  origin.wait();
  EXPECT_TRUE(ended);
}

// Much more than any buffer holds, both ways, and each end slower than the other for a while.
TEST(Relay, CarriesAnyAmount) {
  constexpr std::size_t much = 8u << 20;
  std::size_t heard = 0;
  Bare origin([&](int connection) {
    read_head(connection);
    write_all(connection, raw_switch);
    std::thread writer([connection] { write_all(connection, std::string(much, 'o')); });
    heard = read_all(connection).size();
    writer.join();
  });
  const Proxy proxy(origin.address);
  FrontClient client(proxy.address());
  EXPECT_EQ(client.hear(), "101");
  std::size_t came = 0;
  while (came < much) {
    const auto word = client.hear();
    if (!word.starts_with("data:")) break;
    const auto size = word.size() - 5;
    came += size;
    client.send(h2::window_update(0, static_cast<std::uint32_t>(size)));
    client.send(h2::window_update(1, static_cast<std::uint32_t>(size)));
  }
  EXPECT_EQ(came, much);
  client.send(h2::data(1, as_octets("done"), h2::flag::end_stream));
  origin.wait();
  EXPECT_EQ(heard, 4u);
}

}  // namespace
}  // namespace upspec
