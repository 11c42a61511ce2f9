// What a hostile client can make the reference server hold (protocol.md section 11): it never reads, and it never
// stops.
#include <gtest/gtest.h>

#include <functional>

#include "peer/frames_client.hpp"
#include "peer/reference_server.hpp"

namespace upspec {
namespace {

// A client whose frames are octets only: nothing is ever taken from the server.
class Flood {
 public:
  Flood() {
    server_.receive(as_octets(h2::preface));
    send(h2::settings({}));
  }
  void send(const h2::Frame& frame) { server_.receive(h2::serialise(frame)); }
  h2::Frame headers(std::uint32_t stream, const h2::FieldSection& section, std::uint8_t flags = 0) {
    return h2::headers(stream, encoder_.encode(section), static_cast<std::uint8_t>(h2::flag::end_headers | flags));
  }
  // Does the server give up, and how much has it written by then?
  bool ends(int most, const std::function<void(Flood&, std::uint32_t round)>& once) {
    for (int round = 0; round < most && !server_.finished(); ++round) once(*this, static_cast<std::uint32_t>(round));
    return server_.finished();
  }
  // An end that is still to be told to the client comes with what is written.
  bool ends_once_read() {
    written_ += server_.take_output().size();
    return server_.finished();
  }
  std::size_t written() const { return written_; }

 private:
  ReferenceServer server_{{}};
  h2::FieldEncoder encoder_;
  std::size_t written_ = 0;
};

constexpr std::size_t bound = 8u << 20;

TEST(Abuse, RapidResetEnds) {
  Flood flood;
  flood.ends(5000, [](Flood& f, std::uint32_t round) {
    f.send(f.headers(round * 2 + 1, websocket_offer()));
    f.send(h2::rst_stream(round * 2 + 1, 8));
  });
  EXPECT_TRUE(flood.ends_once_read());
  EXPECT_LT(flood.written(), bound);
}

TEST(Abuse, AFloodOfPingsEnds) {
  Flood flood;
  const auto ping = h2::ping(Octets(8));
  EXPECT_TRUE(flood.ends(1000000, [&](Flood& f, std::uint32_t) { f.send(ping); }));
  flood.ends_once_read();
  EXPECT_LT(flood.written(), bound);
}

TEST(Abuse, AFloodOfSettingsEnds) {
  Flood flood;
  const auto settings = h2::settings({{h2::setting::initial_window_size, 1}});
  EXPECT_TRUE(flood.ends(100000, [&](Flood& f, std::uint32_t) { f.send(settings); }));
}

TEST(Abuse, AFloodOfMalformedRequestsEnds) {
  Flood flood;
  EXPECT_TRUE(flood.ends(
      1000000, [](Flood& f, std::uint32_t round) { f.send(f.headers(round * 2 + 1, {{":upgrade", "websocket"}})); }));
  flood.ends_once_read();
  EXPECT_LT(flood.written(), bound);
}

TEST(Abuse, AFloodOfStreamsBeyondTheLimitEnds) {
  Flood flood;
  EXPECT_TRUE(
      flood.ends(1000000, [](Flood& f, std::uint32_t round) { f.send(f.headers(round * 2 + 1, raw_offer())); }));
  flood.ends_once_read();
  EXPECT_LT(flood.written(), bound);
}

TEST(Abuse, EmptyDataAndWindowUpdatesCostNothing) {
  Flood flood;
  flood.send(flood.headers(1, raw_offer()));
  EXPECT_FALSE(flood.ends(20000, [](Flood& f, std::uint32_t) {
    f.send(h2::data(1, {}));
    f.send(h2::window_update(1, 1));
  }));
  EXPECT_FALSE(flood.ends_once_read());
  EXPECT_LT(flood.written(), 1000u);
}

// A bomb of HPACK: a large field in the table, named a thousand times in a small block.
TEST(Abuse, ASectionThatGrowsIsRefused) {
  FramesClient client;
  auto section = get();
  const std::string large(3900, 'x');
  for (int i = 0; i < 1000; ++i) section.push_back({"x-large", large});
  EXPECT_EQ(client.request(1, section, true), "431 end");
  EXPECT_EQ(client.request(3, with_value(get(), ":method", "HEAD"), true), "200 end");
}

TEST(Abuse, ContentBeyondTheLimitIsRefused) {
  FramesClient client;
  const auto post = with_value(get(), ":method", "POST");
  EXPECT_EQ(client.request(1, with_value(post, "content-length", "10000000")), "413 end rst:NO_ERROR");
  client.request(3, post);
  const std::string piece(16384, 'x');
  std::string answer;
  for (int i = 0; i < 70 && answer.empty(); ++i) {
    answer = client.send({client.data(3, piece), h2::window_update(0, 16384)});
  }
  EXPECT_EQ(answer, "413 end rst:NO_ERROR");
}

}  // namespace
}  // namespace upspec
