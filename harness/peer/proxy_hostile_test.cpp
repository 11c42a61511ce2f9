// Hostile octets at both sides of the reference proxy: it goes on, or ends in order; it holds a bounded amount.
#include <gtest/gtest.h>

#include <string>

#include "base/random.hpp"
#include "peer/proxy_testing.hpp"

namespace upspec {
namespace {

using namespace std::string_literals;

// Changes, repeats, cuts out and puts in.
Octets mutated(Octets octets, Random& random) {
  for (auto changes = 1 + random.below(4); changes > 0 && !octets.empty(); --changes) {
    const auto at = octets.begin() + static_cast<std::ptrdiff_t>(random.below(octets.size()));
    switch (random.below(4)) {
      case 0:
        *at = static_cast<std::uint8_t>(random.next());
        break;
      case 1:
        octets.erase(
            at, at + std::min<std::ptrdiff_t>(octets.end() - at, 1 + static_cast<std::ptrdiff_t>(random.below(9))));
        break;
      case 2: {
        const auto more = random.octets(1 + random.below(9));
        octets.insert(at, more.begin(), more.end());
        break;
      }
      default: {
        const Octets again(at, octets.end());
        octets.insert(octets.end(), again.begin(), again.end());
      }
    }
  }
  return octets;
}

Octets frames(const std::vector<h2::Frame>& all) {
  Octets octets;
  for (const auto& frame : all) append(octets, h2::serialise(frame));
  return octets;
}

const std::vector<std::string> answers = {
    "HTTP/1.1 101 Ok\r\nUpgrade: p\r\nConnection: upgrade\r\n\r\nfirst octets",
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    "HTTP/1.1 404 No\r\nContent-Length: 5\r\n\r\nhelloHTTP/1.1 200 OK\r\n\r\n",
};
const std::vector<std::string> requests = {
    "GET /p HTTP/1.1\r\nHost: a\r\nConnection: upgrade, x\r\nUpgrade: p\r\nX: 1\r\nContent-Length: 3\r\n\r\nabcdef",
    "POST /p HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\nGET / HTTP/1.1\r\nHost: "
    "a\r\n\r\n",
};

// One side is right, the other is not.
void exchange(Way way, std::uint64_t seed) {
  Random random(seed);
  ProxyOptions options;
  options.way = way;
  ProxyTable table(options, 1 + random.below(40));
  const bool bad_client = random.below(2) == 0;
  const auto spoil = [&](Octets octets, bool bad) { return bad ? mutated(std::move(octets), random) : octets; };
  for (std::uint32_t stream = 1; stream < 7; stream += 2) {
    Octets said;
    if (way == Way::h1_to_h2) {
      said = to_octets(requests[random.below(requests.size())]);
    } else {
      const auto request = random.below(2) == 0 ? upgrade("p; x", {{"x", "1"}, {"content-length", "3"}}) : connect("p");
      said = frames({table.front().headers(stream, request), data(stream, "abcdef"),
                     random.below(2) == 0 ? data(stream, "", true) : h2::rst_stream(stream, 8)});
    }
    table.client_octets(spoil(std::move(said), bad_client));
    for (std::size_t link = 0; link < table.proxy().links(); ++link) {
      Octets answer;
      if (way == Way::h2_to_h1) {
        answer = to_octets(answers[random.below(answers.size())]);
      } else {
        answer = frames({table.behind(link).headers(stream, {{":status", "101"}, {":upgrade", "p"}}),
                         data(stream, "octets"), data(stream, "", random.below(2) == 0)});
      }
      const auto spoilt = spoil(std::move(answer), !bad_client);
      if (table.proxy().wish(link) == ProxyTable::Wish::keep) table.answer(as_text(spoilt), link);
      if (random.below(4) == 0) table.origin_ends(random.below(2) == 0 ? Closing::fin : Closing::reset, link);
    }
  }
  table.client_ends(random.below(2) == 0 ? Closing::fin : Closing::reset);
  for (std::size_t link = 0; link < table.proxy().links(); ++link)
    if (table.proxy().wish(link) != ProxyTable::Wish::over) table.origin_ends(Closing::reset, link);
  EXPECT_TRUE(table.proxy().finished()) << name_of(way) << " " << seed;
}

TEST(ProxyHostile, OctetsOfEitherSideEndInOrder) {
  for (const auto way : {Way::h2_to_h1, Way::h1_to_h2, Way::h2_to_h2})
    for (std::uint64_t seed = 1; seed <= 150; ++seed) exchange(way, seed);
}

// SEC-05: a client that is cut at any octet leaves nothing behind.
TEST(ProxyHostile, AClientCutAnywhereLeavesNoLink) {
  for (const auto way : {Way::h2_to_h1, Way::h1_to_h2, Way::h2_to_h2}) {
    ProxyTable maker({.way = way});
    const auto said =
        way == Way::h1_to_h2
            ? to_octets(requests[0])
            : frames({maker.front().headers(1, upgrade("p", {{"content-length", "3"}})), data(1, "abcdef")});
    for (std::size_t cut = 0; cut <= said.size(); ++cut) {
      ProxyTable table({.way = way});
      table.client_octets(OctetView(said).first(cut));
      table.client_ends(Closing::reset);
      EXPECT_TRUE(table.proxy().finished()) << name_of(way) << " cut at " << cut;
    }
  }
}

}  // namespace
}  // namespace upspec
