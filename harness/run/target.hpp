// What a run tests and how it is reached: settled from the options and a description, then opened.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/listener.hpp"
#include "run/deaths.hpp"
#include "run/implementation.hpp"
#include "run/options.hpp"
#include "run/socket_player.hpp"
#include "run/stop_token.hpp"
#include "run/subject.hpp"
#include "run/supervisor.hpp"

namespace upspec {

// The command line wins over the description, the description over the defaults.
struct TargetPlan {
  std::optional<Implementation> implementation;
  std::optional<Address> address;  // none: the implementation's, or the embedded reference
  bool tls = false;
  TlsClientOptions client;
  std::vector<Dialect> asked;
  Situation situation;  // its authority is empty where the address says it
  std::chrono::nanoseconds timeout = std::chrono::seconds(5);
  std::size_t jobs = 16;

  bool embedded() const { return !implementation && !address; }
};
// Fails where the options contradict each other, the description, or a file.
Result<TargetPlan> plan_target(const RunOptions& options, std::optional<Implementation> implementation);

class Target final : public Subject {
 public:
  // Starts what has to be started. Fails with one line; nothing can be judged then.
  static Result<std::unique_ptr<Target>> open(const TargetPlan& plan, const std::string& out, const StopFlag& stop);
  ~Target() override;

  const std::string& name() const override { return name_; }
  const std::string& version() const override { return version_; }
  std::string where() const override;
  const Situation& situation() const override { return reach_.situation; }
  PlayCases player(const Registry& registry, const StopFlag& stop) override;
  // How it is reached now, and who keeps its processes; null: nobody of ours.
  const Reach& reach() const { return reach_; }
  Supervisor* supervisor() { return supervisor_ ? &*supervisor_ : nullptr; }
  // Starts its processes anew.
  Result<void> restart();

 private:
  explicit Target(const TargetPlan& plan);
  Result<void> open_embedded(const std::string& key_log);
  Result<void> open_supervised(const std::string& out, const StopFlag& stop);
  Result<void> reach(const Address& address, const TlsClientOptions& client);
  Result<void> reach_supervised();

  TargetPlan plan_;
  std::string name_, version_;
  Reach reach_;
  std::unique_ptr<BackgroundListener> embedded_;
  std::unique_ptr<StopTokenOf> stop_token_;
  std::optional<Supervisor> supervisor_;
};

}  // namespace upspec
