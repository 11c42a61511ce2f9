// A client under test: for each case a door of its own, and somebody who is sent there: a program, a browser's page, or
// the embedded reference.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/door.hpp"
#include "net/driver.hpp"
#include "net/tls.hpp"
#include "run/browser.hpp"
#include "run/implementation.hpp"
#include "run/options.hpp"
#include "run/subject.hpp"

namespace upspec {

struct ClientPlan {
  std::optional<Implementation> implementation;
  std::vector<std::string> command;  // run for each case
  bool tls = false;
  std::optional<Address> listen;  // for clients that come by themselves
  std::string ca_out;             // a file; empty: one of our own, gone with the run
  std::vector<Dialect> asked;
  Situation situation;
  std::chrono::nanoseconds timeout = std::chrono::seconds(5);
  std::size_t jobs = 16;

  bool browser() const { return implementation && command.empty(); }
  bool embedded() const { return command.empty() && !listen && !implementation; }
};
// Fails where the options contradict each other.
Result<ClientPlan> plan_client_role(const RunOptions& options, std::optional<Implementation> implementation = {});

// "{url} {dialect} {protocol} {message} {ca}" filled, in each word.
std::vector<std::string> fill_command(const std::vector<std::string>& command, const Case& one,
                                      const Situation& situation, const std::string& ca_file);

class ClientSubject final : public Subject {
 public:
  // Makes what the clients need, certificate and CA, and starts a browser. Fails with one line; nothing can be judged
  // then. Logs go to the folder `out`.
  static Result<std::unique_ptr<ClientSubject>> open(const ClientPlan& plan, const std::string& out,
                                                     const StopFlag& stop);
  ~ClientSubject() override;

  const std::string& name() const override { return name_; }
  const std::string& version() const override { return version_; }
  std::string where() const override;
  bool all_at_once() const override { return plan_.listen.has_value(); }
  const Situation& situation() const override { return plan_.situation; }
  PlayCases player(const Registry& registry, const StopFlag& stop) override;

 private:
  explicit ClientSubject(const ClientPlan& plan) : plan_(plan) {}
  Result<void> make_certificate();
  void host(const std::vector<const Case*>& cases, const OnEnd& on_end, const Registry& registry, const StopFlag& stop);
  void play(const std::vector<const Case*>& cases, const OnEnd& on_end, const Registry& registry, const StopFlag& stop);
  Job job_for(const Case& one, std::size_t number, const Registry& registry);
  Guest guest_for(const Case& one, const Situation& situation);
  Played ended(const Job& job, const Ended& end);
  bool browser_died(std::size_t number);

  ClientPlan plan_;
  std::string name_, version_;
  std::optional<TlsServer> server_;
  std::optional<TlsClient> client_;  // of the embedded reference
  std::string ca_file_;
  std::optional<Door> door_;  // of attach mode
  std::string folder_;        // of our own; empty: none
  std::string key_hash_;
  std::unique_ptr<Browser> browser_;
  std::optional<Death> death_;  // the browser's last one
  std::size_t begun_ = 0;       // cases
  std::size_t lost_ = 0;        // those before it ended with the browser
};

}  // namespace upspec
