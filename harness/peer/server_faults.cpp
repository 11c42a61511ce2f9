#include "peer/server_faults.hpp"

#include "peer/planted.hpp"
#include "peer/section_edit.hpp"

namespace upspec {

std::string* RequestCase::upgrade() {
  const auto found = std::ranges::find(request.fields, ":upgrade", &h2::Field::name);
  return found == request.fields.end() ? nullptr : &found->value;
}

bool AnswerCase::status(std::string_view code) const {
  const auto* status = h2::find(decision.fields, ":status");
  return status && *status == code;
}

namespace {

template <class Fault>
void choose(std::span<const Fault> all, const Violations& violations, std::vector<const Fault*>& out) {
  for (const auto& fault : all)
    if (violations.breaks(fault.id)) out.push_back(&fault);
}

}  // namespace

ServerFaults::ServerFaults(const Violations& violations) : violations_(violations) {
  if (violations.none()) return;
  for (const auto table : {request_faults(), grammar_faults(), attribute_faults(), handshake_faults()})
    choose(table, violations, requests_);
  choose(answer_faults(), violations, answers_);
  choose(frame_faults(), violations, frames_);
}

std::optional<Decision> ServerFaults::spoil(ServerRequest& request, const SectionSeen& seen) const {
  RequestCase one{request, seen};
  for (const auto* fault : requests_) fault->apply(one);
  return std::move(one.forced);
}

void ServerFaults::spoil(Decision& decision, const ServerRequest& request) const {
  AnswerCase one{decision, request};
  for (const auto* fault : answers_) fault->apply(one);
}

SessionHooks ServerFaults::hooks(const FrameSurroundings& surroundings) const {
  SessionHooks hooks;
  hooks.keep_blocks = !requests_.empty();
  auto bugs = planted(violations_, surroundings);
  if (frames_.empty() && !bugs) return hooks;
  hooks.in = [frames = frames_, surroundings, bugs = std::move(bugs)](h2::Frame frame) mutable {
    if (bugs) bugs(frame);
    std::vector<h2::Frame> kept;
    for (const auto* fault : frames)
      if (fault->in && !fault->in(frame, surroundings)) return kept;
    kept.push_back(std::move(frame));
    return kept;
  };
  hooks.out = [frames = frames_, surroundings](h2::Frame frame) {
    std::vector<h2::Frame> all{std::move(frame)};
    for (const auto* fault : frames) {
      if (!fault->out) continue;
      std::vector<h2::Frame> changed;
      for (auto& one : all)
        for (auto& made : fault->out(std::move(one), surroundings)) changed.push_back(std::move(made));
      all = std::move(changed);
    }
    return all;
  };
  return hooks;
}

}  // namespace upspec
