// What a run tests, whatever its role: who it is, and how its cases are played.
#pragma once

#include <string>

#include "net/signals.hpp"
#include "run/session.hpp"

namespace upspec {

class Subject {
 public:
  Subject() = default;
  Subject(const Subject&) = delete;
  Subject& operator=(const Subject&) = delete;
  virtual ~Subject() = default;

  virtual const std::string& name() const = 0;
  virtual const std::string& version() const = 0;
  virtual std::string where() const = 0;  // "127.0.0.1:8443 over TLS"
  virtual const Situation& situation() const = 0;
  // Its cases are played in an order that somebody else chooses.
  virtual bool all_at_once() const { return false; }
  // Lives no longer than the subject.
  virtual PlayCases player(const Registry& registry, const StopFlag& stop) = 0;
};

}  // namespace upspec
