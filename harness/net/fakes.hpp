// Peers for the tests of this room: a performer that is told what to do, a connection that echoes, and a server of bare
// sockets for what only they can do. They wait for events, never for time.
#pragma once

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <deque>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "net/connection.hpp"
#include "net/drive.hpp"
#include "net/listener.hpp"

namespace upspec::fakes {

// Writes down what happens ("connected", "received hello", "fin") and asks `react` what to do next.
class Scripted final : public Performer {
 public:
  using React = std::function<void(Scripted&, std::size_t link, const std::string& event)>;
  explicit Scripted(React react_) : react(std::move(react_)) {}

  React react;
  std::vector<std::string>* log = nullptr;  // outlives it
  std::size_t number = 0;
  std::vector<Wish> wishes{Wish::open};
  std::map<std::size_t, std::deque<Octets>> output;
  std::string heard;  // all octets, of all links
  bool over = false;

  void say(std::string_view text, std::size_t link = 0) { output[link].push_back(to_octets(text)); }

  std::size_t links() const override { return wishes.size(); }
  Wish wish(std::size_t link) const override { return wishes[link]; }
  std::optional<Octets> take_output(std::size_t link) override {
    auto& waiting = output[link];
    if (waiting.empty()) return std::nullopt;
    Octets first = std::move(waiting.front());
    waiting.pop_front();
    return first;
  }
  void connected(std::size_t link, Moment) override {
    wishes[link] = Wish::keep;
    event(link, "connected");
  }
  void not_connected(std::size_t link, std::string_view why, Moment) override {
    event(link, cat("not connected: ", why));
    over = true;
  }
  void receive(std::size_t link, OctetView octets, Moment) override {
    heard += as_text(octets);
    event(link, "received");
  }
  void closed(std::size_t link, Closing how, Moment) override { event(link, how == Closing::fin ? "fin" : "reset"); }
  void deadline(Moment) override {
    event(0, "deadline");
    over = true;
  }
  bool done() const override { return over; }
  std::uint64_t progress() const override { return heard.size(); }

 private:
  void event(std::size_t link, const std::string& what) {
    if (log && what != "received") log->push_back(what);
    if (react) react(*this, link, what);
  }
};

// Sends back what it hears; "bye" ends it; "throw" shows what a fault of a peer does. Has a last word after FIN.
class Echo final : public Connection {
 public:
  explicit Echo(std::string last_word = {}) : last_word_(std::move(last_word)) {}
  void receive(OctetView octets) override {
    append(output_, octets);
    const auto text = as_text(octets);
    if (text == "throw") throw std::runtime_error("told to");
    if (text == "bye") finished_ = true;
  }
  void peer_ended() override { append(output_, as_octets(last_word_)); }
  Octets take_output() override { return std::exchange(output_, {}); }
  bool finished() const override { return finished_; }

 private:
  std::string last_word_;
  Octets output_;
  bool finished_ = false;
};

inline std::unique_ptr<BackgroundListener> echo_listener(const std::optional<TlsServer>& tls = {},
                                                         std::string last_word = {}) {
  ListenOptions options;
  options.tls = tls;
  auto listener = Listener::open(options, [last_word] { return std::make_unique<Echo>(last_word); });
  EXPECT_TRUE(listener) << listener.error().text;
  return std::make_unique<BackgroundListener>(std::move(*listener));
}

// Bare sockets: listens at once, serves one connection on a thread of its own.
class Bare {
 public:
  explicit Bare(std::function<void(int)> serve) : descriptor_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof where;
    EXPECT_EQ(::bind(descriptor_, reinterpret_cast<sockaddr*>(&where), size), 0);
    EXPECT_EQ(::listen(descriptor_, 16), 0);
    EXPECT_EQ(::getsockname(descriptor_, reinterpret_cast<sockaddr*>(&where), &size), 0);
    address = {"127.0.0.1", ntohs(where.sin_port)};
    if (!serve) return;  // the system accepts, and nobody says anything
    thread_ = std::thread([this, serve = std::move(serve)] {
      const int connection = ::accept4(descriptor_, nullptr, nullptr, SOCK_CLOEXEC);
      serve(connection);
      ::close(connection);
    });
  }
  ~Bare() {
    if (thread_.joinable()) thread_.join();
    ::close(descriptor_);
  }
  Bare(const Bare&) = delete;
  Bare& operator=(const Bare&) = delete;
  void wait() { thread_.join(); }

  Address address;

 private:
  int descriptor_;
  std::thread thread_;
};

inline void write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const auto n = ::send(descriptor, text.data(), text.size(), MSG_NOSIGNAL);
    if (n <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(n));
  }
}

// Up to `count` octets; fewer when it ends before. `reset` says whether it ended so.
inline std::string read_some(int descriptor, std::size_t count, bool* reset = nullptr) {
  std::string all;
  std::vector<char> piece(65536);
  while (all.size() < count) {
    const auto n = ::recv(descriptor, piece.data(), std::min(piece.size(), count - all.size()), 0);
    if (reset) *reset = n < 0 && errno == ECONNRESET;
    if (n <= 0) break;
    all.append(piece.data(), static_cast<std::size_t>(n));
  }
  return all;
}
inline std::string read_all(int descriptor, bool* reset = nullptr) { return read_some(descriptor, SIZE_MAX, reset); }

inline void end_with_reset(int descriptor) {
  const linger now{1, 0};
  ::setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

inline int connect_to(const Address& address) {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  where.sin_port = htons(address.port);
  EXPECT_EQ(::connect(descriptor, reinterpret_cast<sockaddr*>(&where), sizeof where), 0);
  return descriptor;
}

// One performer against a target; its log, and whether it finished.
struct Seen {
  std::vector<std::string> log;
  std::string heard;
  Ended ended;
};

inline Seen play(const Address& target, Scripted::React react, const std::optional<TlsClient>& tls = {},
                 std::chrono::nanoseconds timeout = std::chrono::seconds(20)) {
  Seen seen;
  bool given = false;
  Performers performers;
  performers.next = [&]() -> std::unique_ptr<Performer> {
    if (std::exchange(given, true)) return nullptr;
    auto performer = std::make_unique<Scripted>(std::move(react));
    performer->log = &seen.log;
    return performer;
  };
  performers.done = [&](const std::unique_ptr<Performer>& performer, Ended ended) {
    seen.heard = static_cast<Scripted&>(*performer).heard;
    seen.ended = ended;
  };
  const StopFlag never;
  drive_all({target, tls, timeout, 1}, performers, never);
  return seen;
}

}  // namespace upspec::fakes
