// One instance of an implementation as a fuzzer uses it: scripts go to it one at a time, its process is watched, and
// started anew when asked.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "net/script_driver.hpp"
#include "run/target.hpp"
#include "script/talks.hpp"

namespace upspec {

// What a process holds.
struct Holdings {
  std::size_t descriptors = 0;
  std::size_t threads = 0;
  std::size_t resident = 0;  // octets
};

// A description of what scripts can be played to. The error is one line.
Result<Implementation> load_server(const std::string& file);

class FuzzTarget {
 public:
  // Starts it and asks what it announces. `plan.asked` empty: that.
  static Result<std::unique_ptr<FuzzTarget>> open(const TargetPlan& plan, const std::string& out, const StopFlag& stop);

  // `patience`: for what is owed.
  Driven play(const script::Script& script, std::chrono::milliseconds patience, bool transcript = false);
  // A process that died, or a sanitizer's report, since the last start. Nothing where the process is not ours.
  std::optional<Death> death();
  // A fresh process. False: there is none of ours to start, or it cannot be started.
  bool renew();
  bool is_ours() { return target_->supervisor() != nullptr; }
  std::optional<Holdings> holdings();

  const script::Ground& ground() const { return ground_; }
  const Target& target() const { return *target_; }

 private:
  FuzzTarget(std::unique_ptr<Target> target, const StopFlag& stop) : target_(std::move(target)), stop_(stop) {}
  Result<void> look_around(const TargetPlan& plan);
  void reach();

  std::unique_ptr<Target> target_;
  const StopFlag& stop_;
  std::unique_ptr<Dialer> dialer_;
  script::Ground ground_;
  script::EndOptions ends_;
  std::chrono::microseconds settle_ = std::chrono::milliseconds(2);
};

}  // namespace upspec
