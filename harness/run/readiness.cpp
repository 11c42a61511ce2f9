#include "run/readiness.hpp"

#include <netdb.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <memory>
#include <thread>

#include "base/text.hpp"

namespace upspec {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

// On a port that nobody listens on, a connection can meet itself when the system happens to choose that port for our
// side (TCP's simultaneous open).
bool met_itself(int fd) {
  sockaddr_storage own{};
  sockaddr_storage peer{};
  socklen_t own_size = sizeof own;
  socklen_t peer_size = sizeof peer;
  return getsockname(fd, reinterpret_cast<sockaddr*>(&own), &own_size) == 0 &&
         getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &peer_size) == 0 && own_size == peer_size &&
         std::memcmp(&own, &peer, own_size) == 0;
}

bool accepts(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(host.c_str(), cat(port).c_str(), &hints, &found) != 0) return false;
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> all(found, freeaddrinfo);
  for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
    const int fd = socket(one->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) continue;
    const timeval second{.tv_sec = 1, .tv_usec = 0};  // also for connect, when a firewall swallows it
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &second, sizeof second);
    const bool connected = connect(fd, one->ai_addr, one->ai_addrlen) == 0 && !met_itself(fd);
    close(fd);
    if (connected) return true;
  }
  return false;
}

std::string said(const Process& process) {
  const std::string lines = last_lines(process.output());
  return lines.empty() ? "; it has written nothing" : cat("; its last output: ", lines);
}

}  // namespace

std::string last_lines(std::string_view output) {
  constexpr std::size_t most = 400;
  std::string all;
  const auto lines = split(output, '\n');
  for (auto line = lines.rbegin(); line != lines.rend(); ++line) {
    const std::string_view text = trim_lines(*line);
    if (text.empty()) continue;
    if (!all.empty() && all.size() + text.size() > most) break;
    std::string shown = quoted(text, most);
    shown = shown.substr(1, shown.size() - 2);  // without the quotes
    all = all.empty() ? shown : cat(shown, " | ", all);
  }
  return all;
}

Result<void> wait_until_ready(const Process& process, const Readiness& what, const std::stop_token& stop) {
  const std::string awaited = what.line.empty() ? cat("port ", what.host, ":", what.port, " accepted")
                                                : cat("it had written ", upspec::quoted(what.line));
  const auto deadline =
      Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(what.within));
  for (;;) {
    const bool by_line = !what.line.empty();
    const bool ready = by_line ? process.wait_for_output(what.line, 20ms) : accepts(what.host, what.port);
    if (ready && by_line) return {};
    // A port that accepts although the process has ended is somebody else's.
    if (!process.status().running()) {
      process.wait(1s);  // for its last words
      return fail(cat(process.status().text(), " before ", awaited, said(process)));
    }
    if (ready) return {};
    if (stop.stop_requested()) return fail(cat("interrupted before ", awaited));
    if (Clock::now() >= deadline) {
      return fail(cat("not ready within ", static_cast<int>(what.within), " s: waited until ", awaited, said(process)));
    }
    if (!by_line) std::this_thread::sleep_for(5ms);
  }
}

}  // namespace upspec
