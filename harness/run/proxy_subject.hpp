// Role proxy: the proxy under test between us and us. A lane is an address in front, a door behind it, and one case at
// a time, for whatever comes to that door belongs to the case. A program that we start is started once for each lane.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/door.hpp"
#include "net/tls.hpp"
#include "run/implementation.hpp"
#include "run/options.hpp"
#include "run/stop_token.hpp"
#include "run/subject.hpp"
#include "run/supervisor.hpp"

namespace upspec {

struct ProxyPlan {
  std::optional<Implementation> implementation;  // started by us, with its origin where we listen
  std::optional<Address> target;                 // in front; none: the embedded reference
  Address origin{"127.0.0.1", 0};
  bool tls = false;
  TlsClientOptions client;
  std::vector<Dialect> asked;
  Situation situation;
  std::chrono::nanoseconds timeout = std::chrono::seconds(5);
  std::size_t lanes = 1;

  bool embedded() const { return !target && !implementation; }
};
// The error is one line: what the options lack or contradict.
Result<ProxyPlan> plan_proxy_role(const RunOptions& options, std::optional<Implementation> implementation);

class ProxySubject final : public Subject {
 public:
  // Starts what has to be started. Fails with one line; nothing can be judged then.
  static Result<std::unique_ptr<ProxySubject>> open(const ProxyPlan& plan, const std::string& out,
                                                    const StopFlag& stop);
  ~ProxySubject() override;

  const std::string& name() const override { return name_; }
  const std::string& version() const override { return version_; }
  std::string where() const override;
  const Situation& situation() const override { return plan_.situation; }
  PlayCases player(const Registry& registry, const StopFlag& stop) override;

 private:
  struct Lane;
  using Lanes = std::vector<std::shared_ptr<Lane>>;
  ProxySubject(const ProxyPlan& plan, std::string out);
  Result<void> open_target();
  Result<std::shared_ptr<Lane>> open_started(std::size_t number) const;
  std::shared_ptr<Lane> open_embedded(const std::string& way) const;
  // As many as so many cases need; those of the embedded reference, and the second of a program that we start, are made
  // when they are first asked for.
  Lanes& lanes_of(const std::string& way, std::size_t cases);
  Result<void> trust(const Lane& lane);
  Result<void> restart();
  PlayCases in_lanes(const Registry& registry, const StopFlag& stop);

  ProxyPlan plan_;
  std::string out_;
  std::string name_ = "unnamed proxy", version_;
  std::optional<TlsClient> tls_;
  bool resets_behind_ = false;  // learned: it keeps connections that we have ended
  std::unique_ptr<StopTokenOf> stop_token_;
  std::map<std::string, Lanes> lanes_;  // by way; others than the embedded reference have them for all ways
};

}  // namespace upspec
