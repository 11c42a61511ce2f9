// Who comes to a play's door: a program that is started with the play and ended with it, a performer of ours beside it,
// or somebody elsewhere. Of this room alone: driver.hpp offers it for plays.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <optional>
#include <thread>

#include "net/asio.hpp"
#include "net/performer.hpp"
#include "net/process.hpp"
#include "net/stage.hpp"

namespace upspec {

class Company {
 public:
  // The host's guest, if it has one. Everything happens on the executor's one thread but for the waiting for a program.
  Company(const asio::any_io_executor& executor, const Scene& scene, Stage& stage, Performer& host);
  ~Company();
  Company(const Company&) = delete;
  Company& operator=(const Company&) = delete;

  void begin();
  // Ends what has not ended by itself; nothing of it runs then.
  asio::awaitable<void> end();

 private:
  struct Watch;

  void begin_program(const ProcessOptions& options);
  void program_ended();
  void begin_performer();
  void performer_ended();
  void begin_visit();
  void visitor_left(const ProcessStatus& how, const std::string& words);

  asio::any_io_executor executor_;
  Stage& stage_;
  Performer& host_;
  Guest* guest_;

  std::optional<Process> program_;
  std::shared_ptr<Watch> watch_;
  std::thread waiter_;

  Scene scene_;
  std::optional<Stage> guest_stage_;
  asio::steady_timer guest_over_;
  bool guest_runs_ = false;
  bool visitor_out_ = false;  // invited, and nothing heard yet
  bool over_ = false;
};

}  // namespace upspec
