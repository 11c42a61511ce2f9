#include "net/talk.hpp"

#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cerrno>
#include <exception>
#include <system_error>
#include <utility>

#include "net/stage.hpp"

namespace upspec {
namespace {

// Waits until a descriptor can be read, without making it non-blocking: a terminal shares that flag with the shell.
// So Asio watches an epoll of our own, and that one watches the descriptor.
class Readable {
 public:
  Readable(const asio::any_io_executor& executor, int descriptor) : watched_(executor, ::epoll_create1(EPOLL_CLOEXEC)) {
    epoll_event event{};
    event.events = EPOLLIN;
    if (::epoll_ctl(watched_.native_handle(), EPOLL_CTL_ADD, descriptor, &event) == 0) return;
    if (errno != EPERM) throw std::system_error(errno, std::generic_category(), "the input cannot be watched");
    always_ = true;  // a file
  }
  // False: cancelled.
  asio::awaitable<bool> wait() {
    if (always_) co_return true;
    const auto [error] = co_await watched_.async_wait(asio::posix::stream_descriptor::wait_read, as_result);
    co_return !error;
  }
  void cancel() { watched_.cancel(); }

 private:
  asio::posix::stream_descriptor watched_;
  bool always_ = false;
};

class Talk {
 public:
  Talk(const TalkOptions& options, Talker& talker)
      : options_(options), talker_(talker), scene_{options.target, options.tls, options.timeout, Endpoints()} {
    if (options.input >= 0) readable_.emplace(context_.get_executor(), options.input);
  }

  void run() {
    spawn(perform());
    context_.run();
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  asio::awaitable<void> perform() {
    scene_.endpoints = co_await resolve(scene_.target);
    stage_.emplace(context_.get_executor(), scene_, talker_);
    stage_->on_settled = [this] { hungry_.cancel(); };
    if (readable_) spawn(read_input());
    co_await stage_->play();
    end_input();
  }

  asio::awaitable<void> read_input() {
    std::array<std::uint8_t, 16384> piece;
    while (!over_) {
      if (!talker_.wants_input()) {
        co_await hungry_.async_wait(as_result);
        continue;
      }
      const bool ready = co_await readable_->wait();
      if (!ready || over_) co_return;
      const auto size = ::read(options_.input, piece.data(), piece.size());
      if (size < 0 && (errno == EAGAIN || errno == EINTR)) continue;
      if (size > 0) talker_.input(OctetView(piece).first(static_cast<std::size_t>(size)));
      if (size <= 0) talker_.input_ended();
      stage_->settle();
      if (size <= 0) co_return;
    }
  }

  void end_input() {
    over_ = true;
    hungry_.cancel();
    if (readable_) readable_->cancel();
  }

  void spawn(asio::awaitable<void> task) {
    auto ended = [this](const std::exception_ptr& exception) {
      if (!exception) return;
      if (!failure_) failure_ = exception;
      if (stage_) stage_->stop();
      end_input();
    };
    asio::co_spawn(context_, std::move(task), std::move(ended));
  }

  const TalkOptions& options_;
  Talker& talker_;
  Scene scene_;
  asio::io_context context_{1};
  std::optional<Stage> stage_;
  std::optional<Readable> readable_;
  asio::steady_timer hungry_{context_, asio::steady_timer::time_point::max()};  // the talker may want input now
  bool over_ = false;
  std::exception_ptr failure_;
};

}  // namespace

void talk(const TalkOptions& options, Talker& talker) { Talk(options, talker).run(); }

}  // namespace upspec
