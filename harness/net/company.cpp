#include "net/company.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <exception>
#include <utility>

#include "base/text.hpp"

namespace upspec {

namespace {

constexpr auto never = std::chrono::steady_clock::time_point::max();
// The waiter asks again and again: no program outlives its play, which ends it.
constexpr std::chrono::milliseconds one_hour{3'600'000};
// When a play is over its connections are closed, and who was at their other end soon says so.
constexpr std::chrono::seconds patience_for_words{3};

}  // namespace

// What the waiter's word refers to: gone once the company is.
struct Company::Watch {
  Company* company;
};

Company::Company(const asio::any_io_executor& executor, const Scene& scene, Stage& stage, Performer& host)
    : executor_(executor),
      stage_(stage),
      host_(host),
      guest_(host.guest()),
      scene_{{}, {}, scene.timeout * 4 / 5, Endpoints()},  // a guest gives up before its host does
      guest_over_(executor, never) {}

Company::~Company() {
  if (watch_) watch_->company = nullptr;
  if (program_) program_->stop(std::chrono::milliseconds(0));
  if (waiter_.joinable()) waiter_.join();
}

void Company::begin() {
  if (!guest_) return;
  if (guest_->program) begin_program(*guest_->program);
  if (guest_->performer) begin_performer();
  if (guest_->invite) begin_visit();
}

void Company::begin_program(const ProcessOptions& options) {
  auto started = Process::start(options);
  if (!started) {
    host_.not_connected(0, started.error().text, stage_.now());
    return stage_.settle();
  }
  program_.emplace(*std::move(started));
  watch_ = std::make_shared<Watch>(this);
  waiter_ = std::thread([this, watch = watch_, executor = executor_] {
    while (!program_->wait(one_hour)) {
    }
    asio::post(executor, [watch] {
      if (watch->company) watch->company->program_ended();
    });
  });
}

// Its connections have said all that they had to say, so nothing is worth waiting for long: what it has left behind is
// no client any more.
void Company::program_ended() {
  if (over_) return;
  host_.guest_ended(program_->status(), program_->output(), stage_.now());
  stage_.hurry();
  stage_.settle();
}

void Company::begin_performer() {
  scene_.target = host_.door()->address();
  scene_.tls = guest_->tls;
  SystemError error;
  const auto address = asio::ip::make_address(scene_.target.host, error);
  if (error) scene_.endpoints = fail(cat("the door's address is no IP address: ", scene_.target.host));
  if (!error) scene_.endpoints = Endpoints(1, tcp::endpoint(address, scene_.target.port));
  guest_stage_.emplace(executor_, scene_, *guest_->performer);
  guest_runs_ = true;
  auto ended = [this](const std::exception_ptr& exception) {
    guest_runs_ = false;
    guest_over_.cancel();
    if (exception) std::rethrow_exception(exception);
    performer_ended();
  };
  asio::co_spawn(executor_, guest_stage_->play(), std::move(ended));
}

void Company::performer_ended() {
  if (over_) return;
  host_.guest_ended({}, {}, stage_.now());
  stage_.hurry();
  stage_.settle();
}

void Company::begin_visit() {
  visitor_out_ = true;
  watch_ = std::make_shared<Watch>(this);
  guest_->invite([watch = watch_, executor = executor_](ProcessStatus how, std::string words) {
    asio::post(executor, [watch, how, words = std::move(words)] {
      if (watch->company) watch->company->visitor_left(how, words);
    });
  });
}

void Company::visitor_left(const ProcessStatus& how, const std::string& words) {
  visitor_out_ = false;
  guest_over_.cancel();
  host_.guest_ended(how, words, stage_.now());
  if (!over_) stage_.settle();
}

asio::awaitable<void> Company::end() {
  over_ = true;
  if (visitor_out_ && host_.done()) {
    host_.close_door();
    guest_over_.expires_after(patience_for_words);
    co_await guest_over_.async_wait(as_result);
  }
  if (program_) program_->stop(std::chrono::milliseconds(0));
  if (guest_stage_) guest_stage_->stop();
  while (guest_runs_) co_await guest_over_.async_wait(as_result);
}

}  // namespace upspec
