// What becomes of a case, as it becomes: notes, the failure, the Monitor's breaches, and the verdict that they make.
// Findings in, one CaseResult out.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "scenario/case.hpp"
#include "scenario/registry.hpp"
#include "scenario/verdict.hpp"
#include "upgrade/breach.hpp"

namespace upspec {

class Ruling {
 public:
  Ruling(const Case& what, const Registry& registry) : case_(what), registry_(registry) {}

  // Each ends the case; what comes after the first changes nothing.
  void pass();
  // `brief`: what came, in few words that are the same in every run of the same behaviour (baselines compare them).
  void fail(std::string expected, std::string seen, std::string brief);
  void skip(std::string why);
  void error(std::string why);
  bool ended() const { return ended_; }

  // An expectation was met, and which of its outcomes it was.
  void met(std::string_view outcome);
  void note(std::string_view text);

  // The Monitor's, once the case has ended. A breach of an id that the case checks counts here, another is kept apart.
  void judge(const std::vector<Breach>& breaches);
  const std::vector<Breach>& other_breaches() const { return others_; }

  // After the end, with everything but transcript, time, replay and evidence.
  CaseResult result() const;

 private:
  std::string_view level(std::string_view id) const;
  bool only_should() const;

  const Case& case_;
  const Registry& registry_;
  bool ended_ = false;
  Verdict verdict_ = Verdict::pass;
  std::string outcome_, message_, expected_, seen_;
  std::string requirement_;  // of a breach that failed the case; empty: the first that the case checks
  std::vector<Breach> others_;
};

}  // namespace upspec
