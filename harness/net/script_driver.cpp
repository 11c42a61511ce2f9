#include "net/script_driver.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "h2/frame.hpp"
#include "net/tls_session.hpp"

namespace upspec {
namespace {

using script::LinkId;
using script::ScriptPlay;
using Clock = std::chrono::steady_clock;

// One connection.
class Wire {
 public:
  // `traced`: we are an HTTP/2 client on it.
  Wire(LinkId link, bool is_traced, int fd, std::optional<TlsSession> tls)
      : id(link), traced(is_traced), fd_(fd), tls_(std::move(tls)) {
    if (tls_) tls_->receive({});
  }
  ~Wire() { close(); }
  Wire(Wire&& other) noexcept
      : id(other.id),
        traced(other.traced),
        trace(std::move(other.trace)),
        begun(other.begun),
        pieces(other.pieces),
        fd_(std::exchange(other.fd_, -1)),
        tls_(std::move(other.tls_)),
        out_(std::move(other.out_)),
        shut_(other.shut_) {}
  Wire& operator=(Wire&&) = delete;

  const LinkId id;
  const bool traced;
  script::Trace trace;
  bool begun = false;
  std::size_t pieces = 0;  // written so far

  int fd() const { return fd_; }
  bool open() const { return fd_ >= 0; }
  bool ready() const { return !tls_ || tls_->established(); }
  bool has_output() const { return !out_.empty(); }
  bool may_say() const { return open() && ready() && !shut_ && !shutting_; }

  void say(OctetView octets) {
    if (traced) trace.ours(octets);
    if (tls_)
      tls_->send(octets);
    else
      append(out_, octets);
  }
  // Writes what the socket takes. False: it takes no more, ever.
  bool write() {
    if (tls_) append(out_, tls_->take_output());
    while (!out_.empty()) {
      const ssize_t sent = send(fd_, out_.data(), out_.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent < 0 && errno == EINTR) continue;
      if (sent < 0) return errno == EAGAIN;
      out_.erase(out_.begin(), out_.begin() + sent);
    }
    if (shutting_ && !shut_) {
      shut_ = true;
      shutdown(fd_, SHUT_WR);
    }
    return true;
  }
  // What the socket had no room for before. False: it still has none.
  bool write_more() {
    const auto waiting = out_.size();
    return waiting != 0 && write() && out_.size() < waiting;
  }
  void shut() {
    if (std::exchange(shutting_, true)) return;
    if (tls_) tls_->close();
  }

  struct Got {
    Octets octets;
    std::optional<Closing> closing;
  };
  std::optional<Got> read() {
    std::array<std::uint8_t, 65536> in;
    const ssize_t got = recv(fd_, in.data(), in.size(), MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return std::nullopt;
    Got result;
    if (got <= 0)
      result.closing = got == 0 ? Closing::fin : Closing::reset;
    else if (tls_)
      tls_->receive(OctetView(in).first(static_cast<std::size_t>(got)));
    else
      result.octets = to_octets(OctetView(in).first(static_cast<std::size_t>(got)));
    if (tls_ && got > 0) {
      result.octets = tls_->take_plain();
      if (tls_->ended()) result.closing = Closing::fin;
      if (!tls_->trouble().empty()) result.closing = Closing::reset;
    }
    if (traced) trace.theirs(result.octets);
    return result;
  }

  void abort() {
    const linger now{.l_onoff = 1, .l_linger = 0};
    setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close();
  }
  void close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }

 private:
  int fd_;
  std::optional<TlsSession> tls_;
  Octets out_;
  bool shut_ = false;      // FIN is said
  bool shutting_ = false;  // ... once all is written
};

class Drive {
 public:
  Drive(const DriveTask& task, const StopFlag* stop) : task_(task), stop_(stop), play_(task.script, task.ends) {}

  Driven run() {
    Driven driven;
    open_all(driven);
    while (!play_.done() && (stop_ == nullptr || !stop_->raised())) {
      pump();
      if (play_.done()) break;
      if (at_end() && !finishing_) {
        finish();
        continue;
      }
      if (!wait_and_read())
        nothing_moves(driven);
      else if (finishing_ && task_.limits.ping && all_said())
        play_.quiescent();
    }
    driven.played = play_.take();
    driven.waited = waited_;
    for (auto& wire : wires_)
      if (wire.traced) driven.traces.emplace_back(wire.id, std::move(wire.trace));
    return driven;
  }

 private:
  void open_all(Driven& driven) {
    for (const LinkId id : play_.links()) {
      const int fd = task_.dialer.open(id);
      if (fd < 0) {
        if (id.number == 0) driven.connected = false;
        play_.closed(id, Closing::reset);
        continue;
      }
      std::optional<TlsSession> tls;
      if (task_.tls != nullptr && *task_.tls) tls.emplace(**task_.tls, task_.host);
      wires_.emplace_back(id, speaks_h2(task_.script.role, id.end), fd, std::move(tls));
    }
    if (has(task_.script.role, script::End::behind)) open_behind();
  }
  void open_behind() {
    for (LinkId id{script::End::behind, 0}; id.number < script::most_links; ++id.number) {
      const int fd = task_.dialer.open(id);
      if (fd < 0) return;
      wires_.emplace_back(id, false, fd, std::nullopt);
      play_.opened(id);
    }
  }

  // Pieces of their own cost the other side a read each, so most go together. False: there is nothing more to say, or
  // the socket takes no more.
  bool say_next(Wire& wire) {
    constexpr std::size_t largest_write = 1u << 15;
    bool any = false;
    for (std::size_t size = 0; size < largest_write;) {
      const auto out = play_.take_output(wire.id);
      if (!out) break;
      any = true;
      size += out->size();
      if (wire.may_say()) wire.say(*out);
      if (wire.pieces++ < task_.limits.pieces_apart) break;
    }
    return any && wire.write();
  }

  // What the play has to say goes into the sockets, as far as they take it.
  void pump() {
    for (auto& wire : wires_) {
      if (!wire.open()) continue;
      const auto wish = play_.wish(wire.id);
      while (wire.ready() && !wire.has_output() && say_next(wire)) {
        if (wire.pieces > task_.limits.pieces_apart) continue;
        begin(wire);
        task_.dialer.give_way();  // or what follows would be read together with it
      }
      wire.write();  // the reader finds out how a connection ended
      if (wire.ready() && !wire.has_output()) {
        if (wish == ScriptPlay::Wish::shut || (finishing_ && !task_.limits.ping)) {
          wire.shut();
          wire.write();
        }
        if (wish == ScriptPlay::Wish::abort) wire.abort();
      }
      begin(wire);
    }
  }
  void begin(Wire& wire) {
    if (!std::exchange(wire.begun, true)) task_.dialer.begun(wire.id);
  }

  // False: nothing has come and nothing could be written while it waited.
  bool wait_and_read() {
    const bool soon = !finishing_ || task_.limits.ping;
    if (std::ranges::none_of(wires_, [](const Wire& wire) { return wire.open(); })) return false;
    task_.dialer.give_way();
    if (try_all()) return true;
    if (soon && task_.dialer.at_rest()) return try_all();  // what it has said lies in the sockets by now
    std::vector<pollfd> polled;
    for (const auto& wire : wires_)
      if (wire.open()) polled.push_back({wire.fd(), static_cast<short>(POLLIN | (wire.has_output() ? POLLOUT : 0)), 0});
    const auto wait = soon ? task_.limits.settle : std::chrono::microseconds(task_.limits.patience);
    const timespec time{.tv_sec = wait.count() / 1000000, .tv_nsec = wait.count() % 1000000 * 1000};
    if (ppoll(polled.data(), polled.size(), &time, nullptr) <= 0) {
      waited_ += wait;
      return false;
    }
    bool moved = false;
    for (auto& wire : wires_) {
      const auto at = std::ranges::find(polled, wire.fd(), &pollfd::fd);
      if (!wire.open() || at == polled.end() || at->revents == 0) continue;
      moved = true;
      if ((at->revents & ~POLLOUT) != 0) read(wire);
    }
    return moved;
  }

  // Without a wait.
  bool try_all() {
    bool moved = false;
    for (auto& wire : wires_) {
      if (!wire.open()) continue;
      moved = wire.write_more() || moved;
      moved = read(wire) || moved;
    }
    return moved;
  }

  bool read(Wire& wire) {
    const auto got = wire.read();
    if (!got) return false;
    if (!got->octets.empty()) play_.receive(wire.id, got->octets);
    if (!got->closing) return true;
    play_.closed(wire.id, *got->closing);
    wire.close();
    return true;
  }

  bool at_end() const { return play_.progress() >= task_.script.steps.size(); }

  // A handshake is not over: nobody can have said anything yet.
  bool handshaking() {
    const auto busy = [](const Wire& wire) { return wire.open() && !wire.ready(); };
    if (std::ranges::none_of(wires_, busy)) return false;
    if (Clock::now() < handshake_deadline_) return true;
    for (auto& wire : wires_)
      if (busy(wire)) {
        play_.closed(wire.id, Closing::reset);
        wire.close();
      }
    return true;
  }

  // The script is at its end: what is owed now comes soon, or not at all.
  void finish() {
    finishing_ = true;
    progress_ = play_.progress();
    start_patience();
    asked_ = task_.limits.ping && ask();
  }

  // Nothing is owed to a client that has said nothing odd, and its last PING is answered.
  bool all_said() const {
    return std::ranges::all_of(wires_, [](const Wire& wire) { return wire.trace.doubt().empty(); }) &&
           owed().requirement.empty();
  }

  // Is the other side through with what it was told? One PING a pause; then what it owes.
  void nothing_moves(Driven& driven) {
    if (handshaking()) return;
    if (std::exchange(progress_, play_.progress()) != play_.progress()) asked_ = false;
    if (!task_.limits.ping) return without_ping(driven);
    if (!std::exchange(asked_, true) && ask()) {
      if (!at_end()) start_patience();
      return;
    }
    const Breach missing = at_end() ? owed() : unanswered();
    if (!missing.requirement.empty() && Clock::now() < deadline_) return;
    if (at_end()) driven.owed = missing;
    play_.quiescent();
    asked_ = false;
  }

  // Without PING a connection that is not over at the end of the patience hangs.
  void without_ping(Driven& driven) {
    const bool open = std::ranges::any_of(wires_, [](const Wire& wire) { return wire.open(); });
    if (finishing_ && open && Clock::now() < deadline_) return;
    if (finishing_ && open) driven.owed = {"alive", "the end of the connection after our FIN", 0};
    play_.quiescent();
  }

  void start_patience() { deadline_ = Clock::now() + task_.limits.patience; }

  // Some link is there to be asked, and was not asked already in this pause.
  bool ask() {
    bool any = false;
    for (auto& wire : wires_) {
      if (!wire.traced || !wire.may_say() || wire.has_output() || !wire.trace.at_border() ||
          !wire.trace.pings_answered())
        continue;
      const auto* seen = play_.seen(wire.id);
      if (seen == nullptr || !seen->goaways.empty()) continue;
      wire.say(h2::serialise(h2::ping(as_octets("upspec??"))));
      any = true;
    }
    return any;
  }

  Breach unanswered() const {
    for (const auto& wire : wires_) {
      const auto* seen = play_.seen(wire.id);
      if (wire.traced && wire.open() && seen != nullptr && seen->goaways.empty() && wire.trace.at_border() &&
          !wire.trace.pings_answered())
        return {"TUN-11", "an answer to PING", 0};
    }
    return {};
  }
  Breach owed() const {
    for (const auto& wire : wires_) {
      const auto* seen = play_.seen(wire.id);
      if (!wire.traced || !wire.open() || seen == nullptr) continue;
      if (auto missing = script::owed(*seen, wire.trace, task_.paths); !missing.requirement.empty()) return missing;
    }
    return {};
  }

  const DriveTask& task_;
  const StopFlag* stop_;
  ScriptPlay play_;
  std::vector<Wire> wires_;
  Clock::time_point deadline_;
  const Clock::time_point handshake_deadline_ = Clock::now() + std::chrono::seconds(5);
  std::chrono::microseconds waited_{};
  std::size_t progress_ = 0;
  bool asked_ = false;
  bool finishing_ = false;
};

}  // namespace

Driven drive_script(const DriveTask& task, const StopFlag* stop) { return Drive(task, stop).run(); }

}  // namespace upspec
