#include "net/script_driver.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

#include "base/random.hpp"
#include "script/mutate.hpp"
#include "script/oracles.hpp"
#include "script/proxy_peer.hpp"
#include "script/talks.hpp"

namespace upspec {
namespace {

using script::End;
using script::LinkId;
using script::Role;

// The reference proxy at the other ends of socket pairs, one in front and one behind. It runs while the driver gives
// way, so nothing depends on time.
class ProxyOverSockets final : public Dialer {
 public:
  explicit ProxyOverSockets(Way way) : peer_(options(way)) {}
  ~ProxyOverSockets() override {
    for (auto& end : ends_) close(end.fd);
  }

  int open(LinkId link) override {
    int fds[2];
    if (link.number != 0 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0) return -1;
    fcntl(fds[1], F_SETFL, O_NONBLOCK);
    ends_.push_back({link, fds[1]});
    if (link.end == End::front) peer_.connect(link);
    return fds[0];
  }
  void give_way() override {
    bool moved = true;
    for (int turns = 0; moved && turns < 10'000; ++turns) {
      moved = false;
      for (auto& end : ends_) moved = move(end) || moved;
    }
  }
  bool at_rest() override { return true; }

 private:
  struct OtherEnd {
    LinkId link;
    int fd;
    bool opened = false;
    bool ended = false;
    Octets out = {};
  };

  static ProxyOptions options(Way way) {
    ProxyOptions options;
    options.way = way;
    options.limits.most_links = 1;
    return options;
  }

  bool move(OtherEnd& end) {
    if (end.fd < 0) return false;
    bool moved = peer_.work();
    if (end.link.end == End::behind && !end.opened && !(end.opened = peer_.has_opened(end.link))) {
      if (ends_.front().fd < 0) close(std::exchange(end.fd, -1));  // nobody will ask for it any more
      return moved;
    }
    append(end.out, peer_.take_output(end.link));
    if (!end.out.empty()) {
      const ssize_t sent = send(end.fd, end.out.data(), end.out.size(), MSG_NOSIGNAL);
      if (sent > 0) end.out.erase(end.out.begin(), end.out.begin() + sent);
      moved = moved || sent > 0;
      if (sent < 0 && errno != EAGAIN) end.out.clear();
    }
    if (end.out.empty() && peer_.finished(end.link)) {
      close(std::exchange(end.fd, -1));
      return true;
    }
    return read(end) || moved;
  }
  bool read(OtherEnd& end) {
    if (end.ended || !peer_.wants_input(end.link)) return false;
    std::array<std::uint8_t, 4096> in;
    const ssize_t got = recv(end.fd, in.data(), in.size(), 0);
    if (got < 0 && errno == EAGAIN) return false;
    if (got > 0) {
      peer_.receive(end.link, OctetView(in).first(static_cast<std::size_t>(got)));
      return true;
    }
    end.ended = true;
    peer_.ended(end.link, got == 0 ? Closing::fin : Closing::reset);
    return true;
  }

  script::ReferenceProxyPeer peer_;
  std::vector<OtherEnd> ends_;
};

Driven play(const script::Script& script, Way way) {
  ProxyOverSockets dialer(way);
  return drive_script({.script = script,
                       .ends = {},
                       .dialer = dialer,
                       .tls = nullptr,
                       .host = {},
                       .limits = {.settle = std::chrono::milliseconds(1),
                                  .patience = std::chrono::milliseconds(200),
                                  .ping = false,
                                  .pieces_apart = 0},
                       .paths = {}});
}

bool is_channel(const script::LinkSeen& link) {
  for (const auto& [id, stream] : link.streams)
    if (stream.accepted && stream.ours.total > 0 && stream.theirs.total > 0) return true;
  return link.switched.has_value();
}

TEST(ScriptDriver, AnIntermediaryHasALinkBehindAndIsNotBlamed) {
  for (const auto& [role, way] : {std::pair(Role::proxy_21, Way::h2_to_h1), std::pair(Role::proxy_12, Way::h1_to_h2),
                                  std::pair(Role::proxy_22, Way::h2_to_h2)}) {
    script::Ground ground;
    ground.role = role;
    ground.dialects = {Dialect::upgrade, Dialect::connect};
    ground.paths = {"/echo", "/raw"};
    std::size_t channels = 0;
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
      Random random(seed);
      auto script = script::right_talk(ground, random);
      const bool right = seed % 2 == 0;
      if (!right) mutate(script, random);
      script.role = role;
      std::erase_if(script.steps, [](const script::Step& step) { return step.link.number != 0; });
      const auto driven = play(script, way);
      EXPECT_TRUE(driven.connected);
      EXPECT_EQ(driven.owed.text, "") << seed << "\n" << print(script);
      EXPECT_EQ(driven.traces.size(), role == Role::proxy_12 ? 0u : 1u);
      for (const auto& finding : judge(script, driven.played))
        ADD_FAILURE() << seed << ": " << key_of(finding) << ": " << finding.text << "\n" << print(script);
      for (const auto& link : driven.played.links) channels += right && is_channel(link) ? 1 : 0;
    }
    EXPECT_GT(channels, 20u) << name_of(way);
  }
}

}  // namespace
}  // namespace upspec
