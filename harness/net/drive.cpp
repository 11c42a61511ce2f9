#include "net/drive.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <set>
#include <utility>

#include "net/company.hpp"
#include "net/stage.hpp"
#include "net/stop_watch.hpp"

namespace upspec {
namespace {

// In the set for as long as it lives, whatever is thrown.
class Listed {
 public:
  Listed(std::set<Stage*>& stages, Stage& stage) : stages_(stages), stage_(stage) { stages_.insert(&stage_); }
  ~Listed() { stages_.erase(&stage_); }
  Listed(const Listed&) = delete;
  Listed& operator=(const Listed&) = delete;

 private:
  std::set<Stage*>& stages_;
  Stage& stage_;
};

class Drive {
 public:
  Drive(const DriveOptions& options, const Performers& performers, const StopFlag& stop)
      : performers_(performers),
        most_(options.jobs > 0 ? options.jobs : 1),
        scene_{options.target, options.tls, options.timeout, Endpoints()},
        stop_(stop),
        watch_(context_.get_executor(), stop, [this] { stop_all(); }) {}

  void run() {
    spawn(begin());
    context_.run();
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  asio::awaitable<void> begin() {
    if (scene_.target.port != 0) scene_.endpoints = co_await resolve(scene_.target);
    fill();
  }

  // Starts what there is a place for.
  void fill() {
    while (running_ < most_ && !stopping()) {
      auto performer = performers_.next();
      if (!performer) break;
      ++running_;
      spawn(act(std::move(performer)));
    }
    if (running_ == 0) watch_.cancel();
  }

  asio::awaitable<void> act(std::unique_ptr<Performer> performer) {
    Ended ended;
    {
      Scene scene = scene_;
      if (const auto timeout = performer->timeout()) scene.timeout = *timeout;
      if (const auto target = performer->target()) {
        scene.target = *target;
        scene.endpoints = co_await resolve(*target);
      }
      Stage stage(context_.get_executor(), scene, *performer);
      const Listed listed(stages_, stage);
      Company company(context_.get_executor(), scene, stage, *performer);
      if (stopping()) stage.stop();
      if (!stopping()) company.begin();
      co_await stage.play();
      co_await company.end();
      ended.seconds = stage.seconds();
      ended.finished = performer->done();
    }
    --running_;
    if (!failure_) performers_.done(std::move(performer), ended);
    fill();
  }

  // A task that throws ends the drive; run() throws it on when all is quiet.
  void spawn(asio::awaitable<void> task) {
    auto ended = [this](const std::exception_ptr& exception) {
      if (!exception) return;
      if (!failure_) failure_ = exception;
      stop_all();
      watch_.cancel();
    };
    asio::co_spawn(context_, std::move(task), std::move(ended));
  }

  bool stopping() const { return failure_ || stop_.raised(); }
  void stop_all() {
    for (Stage* stage : stages_) stage->stop();
  }

  const Performers& performers_;
  const std::size_t most_;
  Scene scene_;
  const StopFlag& stop_;
  asio::io_context context_{1};
  StopWatch watch_;
  std::set<Stage*> stages_;
  std::size_t running_ = 0;
  std::exception_ptr failure_;
};

}  // namespace

void drive_all(const DriveOptions& options, const Performers& performers, const StopFlag& stop) {
  Drive(options, performers, stop).run();
}

}  // namespace upspec
