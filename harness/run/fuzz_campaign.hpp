// A campaign against programs as they are: scripts go out, oracles look at what came, scripts that showed a new shape
// are kept and changed. No coverage, no libFuzzer. One worker a job, each with an instance of its own; corpus and
// findings are shared.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "net/signals.hpp"
#include "run/fuzz_corpus.hpp"
#include "run/fuzz_finding.hpp"
#include "run/fuzz_target.hpp"

namespace upspec {

struct CampaignOptions {
  std::chrono::nanoseconds time = std::chrono::seconds(60);
  std::chrono::milliseconds patience = std::chrono::seconds(2);
  std::uint64_t seed = 1;
  std::vector<script::Script> seeds;  // played first
  bool only_seeds = false;            // and nothing after
  std::set<std::string> known;        // keys of findings that need no confirmation
};

struct CampaignNumbers {
  std::size_t executions = 0;
  double seconds = 0;
  double waited = 0;  // of the workers' time, in vain
  std::size_t corpus = 0, shapes = 0, findings = 0, restarts = 0, undelivered = 0;
};

class Campaign {
 public:
  Campaign(const CampaignOptions& options, FuzzCorpus& corpus, const StopFlag& stop);

  // Until the time is over, the seeds are played, or `stop`; the worker's number makes its random numbers its own.
  // False: the target cannot be reached any more.
  bool work(FuzzTarget& target, std::size_t worker);

  CampaignNumbers numbers() const;
  std::vector<Finding> findings() const;  // in the order in which they were seen
  // Told of each new one, from the workers' threads, one at a time.
  std::function<void(const Finding&)> on_finding = [](const Finding&) {};

 private:
  class Worker;
  bool over() const;
  std::optional<script::Script> next_seed();
  // True: nobody has seen it before, and it is the caller's to confirm.
  bool claim(const std::string& key);
  void add(Finding finding);

  const CampaignOptions& options_;
  FuzzCorpus& corpus_;
  const StopFlag& stop_;
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  mutable std::mutex mutex_;
  std::size_t next_seed_ = 0;
  std::set<std::string> seen_;
  std::vector<Finding> findings_;
  CampaignNumbers numbers_;
  std::size_t workers_ = 0;
};

}  // namespace upspec
