// Everything of a run that has to be right before anything is started: the suite, what is selected of it for each role,
// how each role's subject is reached, what is known to fail.
#pragma once

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "net/signals.hpp"
#include "report/baseline.hpp"
#include "run/client_subject.hpp"
#include "run/options.hpp"
#include "run/proxy_subject.hpp"
#include "run/subject.hpp"
#include "run/target.hpp"
#include "scenario/suite.hpp"

namespace upspec {

// What is tested in one role.
struct Part {
  std::string role;
  std::vector<const Case*> selected;
  std::variant<TargetPlan, ClientPlan, ProxyPlan> plan;

  const std::vector<Dialect>& asked() const;
  const std::optional<Implementation>& implementation() const;
  // What is asked and played together: a proxy's ways one after the other, for each has its own announcements.
  std::vector<std::vector<const Case*>> groups() const;
  Result<std::unique_ptr<Subject>> open(const std::string& out, const StopFlag& stop) const;
};

struct Prepared {
  Suite suite;
  std::vector<Part>
      parts;  // at least one; more where no option says whom to test: the embedded reference in every role
  report::Baseline baseline;
};
// Fails with one line where an option or a file is wrong, or nothing is selected.
Result<std::unique_ptr<Prepared>> prepare(const RunOptions& options);

}  // namespace upspec
