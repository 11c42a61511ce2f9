#include "scenario/ruling.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"

namespace upspec {

namespace {

void add(std::string& to, std::string_view text) { to += cat(to.empty() ? "" : "; ", text); }

}  // namespace

void Ruling::pass() { ended_ = true; }

void Ruling::fail(std::string expected, std::string seen, std::string brief) {
  if (std::exchange(ended_, true)) return;
  // A SHOULD that is not followed is a note, not a failure (architecture.md section 4).
  verdict_ = only_should() ? Verdict::note : Verdict::fail;
  expected_ = std::move(expected);
  seen_ = std::move(seen);
  outcome_ = std::move(brief);
  message_ = cat("expected ", expected_, "; came: ", seen_);
}

void Ruling::skip(std::string why) {
  if (std::exchange(ended_, true)) return;
  verdict_ = Verdict::skip;
  message_ = std::move(why);
}

void Ruling::error(std::string why) {
  if (std::exchange(ended_, true)) return;
  verdict_ = Verdict::error;
  message_ = std::move(why);
}

void Ruling::met(std::string_view outcome) {
  if (!outcome.empty()) add(outcome_, outcome);
}

void Ruling::note(std::string_view text) {
  verdict_ = Verdict::note;
  add(message_, text);
}

void Ruling::judge(const std::vector<Breach>& breaches) {
  for (const auto& breach : breaches) {
    if (std::ranges::find(case_.checks, breach.requirement) == case_.checks.end()) {
      others_.push_back(breach);
      continue;
    }
    if (verdict_ != Verdict::pass && verdict_ != Verdict::note) continue;
    const auto text = breach.stream == 0 ? breach.text : cat("stream ", breach.stream, ": ", breach.text);
    if (level(breach.requirement) == "SHOULD") {
      note(text);
      continue;
    }
    const auto* known = registry_.find(breach.requirement);
    verdict_ = Verdict::fail;
    requirement_ = breach.requirement;
    expected_ = known ? known->text.sentence : breach.requirement;
    seen_ = text;
    outcome_ = text;
    message_ = text;
  }
}

CaseResult Ruling::result() const {
  CaseResult result;
  result.id = case_.id;
  result.role = case_.role;
  result.dialect = std::string(name_of(case_.dialect));
  result.subject = case_.subject;
  for (const auto& id : case_.checks)
    if (const auto* requirement = registry_.find(id)) result.requirements.push_back(requirement->text);
  result.verdict = verdict_;
  result.outcome = outcome_;
  result.message = message_;
  result.expected = expected_;
  result.seen = seen_;
  if (!expected_.empty()) result.requirement = requirement_.empty() ? case_.checks.front() : requirement_;
  return result;
}

std::string_view Ruling::level(std::string_view id) const {
  const auto* one = registry_.find(id);
  return one ? std::string_view(one->text.level) : "MUST";
}

bool Ruling::only_should() const {
  return std::ranges::all_of(case_.checks, [&](const std::string& id) { return level(id) == "SHOULD"; });
}

}  // namespace upspec
