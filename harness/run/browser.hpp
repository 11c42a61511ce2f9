// A browser under test: started once, it opens our page, which plays each case as a visit (run/visits.hpp).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "net/door.hpp"
#include "net/signals.hpp"
#include "run/implementation.hpp"
#include "run/stop_token.hpp"
#include "run/supervisor.hpp"
#include "run/visits.hpp"

namespace upspec {

struct BrowserOptions {
  TlsServer server;
  std::string ca_file;
  std::string key_hash;  // of the server's certificate (net/tls.hpp)
  std::string logs;      // folder
};

class Browser {
 public:
  // Returns when its page has asked for work. The error is one line.
  static Result<std::unique_ptr<Browser>> start(const Implementation& what, const BrowserOptions& options,
                                                const StopFlag& stop);
  ~Browser();  // ends it and all that it has started
  Browser(const Browser&) = delete;
  Browser& operator=(const Browser&) = delete;

  Visits& visits() { return visits_; }
  std::optional<Death> death() const { return supervisor_->death(); }
  Result<void> restart();

 private:
  Browser(Door door, const StopFlag& stop);
  void serve();
  Result<void> await_page();

  Door door_;
  const StopFlag& stop_;
  StopTokenOf stop_token_;
  Visits visits_;
  std::optional<Supervisor> supervisor_;
  StopFlag served_enough_;
  std::jthread serving_;
};

}  // namespace upspec
