// A client under test: for each case a door of its own, and somebody who is sent there: a program, or the embedded
// reference.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/door.hpp"
#include "net/tls.hpp"
#include "run/options.hpp"
#include "run/subject.hpp"

namespace upspec {

struct ClientPlan {
  std::vector<std::string> command;  // empty: the embedded reference
  bool tls = false;
  std::optional<Address> listen;  // for clients that come by themselves
  std::string ca_out;             // a file; empty: one of our own, gone with the run
  std::vector<Dialect> asked;
  Situation situation;
  std::chrono::nanoseconds timeout = std::chrono::seconds(5);
  std::size_t jobs = 16;
};
// Fails where the options contradict each other.
Result<ClientPlan> plan_client_role(const RunOptions& options);

// "{url} {dialect} {protocol} {message} {ca}" filled, in each word.
std::vector<std::string> fill_command(const std::vector<std::string>& command, const Case& one,
                                      const Situation& situation, const std::string& ca_file);

class ClientSubject final : public Subject {
 public:
  // Makes what the clients need: certificate and CA. Fails with one line; nothing can be judged then.
  static Result<std::unique_ptr<ClientSubject>> open(const ClientPlan& plan);
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

  ClientPlan plan_;
  std::string name_, version_;
  std::optional<TlsServer> server_;
  std::optional<TlsClient> client_;  // of the embedded reference
  std::string ca_file_;
  std::optional<Door> door_;  // of attach mode
  std::string folder_;        // of our own; empty: none
};

}  // namespace upspec
