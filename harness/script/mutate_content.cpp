// Content and its length: the part of mutate.hpp that knows which octets of a script a `content-length` counts.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "script/mutate_parts.hpp"
#include "script/words.hpp"
#include "upgrade/sections.hpp"

namespace upspec::script {
namespace {

std::uint32_t stream_of(const Step& step) {
  if (const auto* octets = std::get_if<OctetsStep>(&step.what)) return octets->stream;
  if (const auto* frame = std::get_if<FrameStep>(&step.what)) return frame->frame.stream;
  const auto* section = std::get_if<SectionStep>(&step.what);
  return section ? section->stream : 0;
}

// How many octets of the stream have gone after each step that sends some, from the section at that place on.
std::vector<std::size_t> ends_of_pieces(const Script& script, std::size_t section) {
  const auto& first = script.steps[section];
  std::vector<std::size_t> ends;
  for (auto at = section + 1; at < script.steps.size(); ++at) {
    const auto& step = script.steps[at];
    const auto octets = step.link == first.link && stream_of(step) == stream_of(first) ? data_of(step) : 0;
    if (octets != 0) ends.push_back(octets + (ends.empty() ? 0 : ends.back()));
  }
  return ends;
}

void declare(h2::FieldSection& fields, std::string length) {
  const auto there = std::ranges::find(fields, "content-length", &h2::Field::name);
  if (there != fields.end()) {
    there->value = std::move(length);
  } else if (fields.size() < most_fields) {
    fields.push_back({"content-length", std::move(length)});
  }
}

void insert_content(Script& script, std::size_t section, std::size_t octets, Random& random) {
  if (script.steps.size() >= most_steps) return;
  auto& head = std::get<SectionStep>(script.steps[section].what);
  head.end = false;
  Step content{
      .link = script.steps[section].link, .split = 0, .what = OctetsStep{head.stream, random.octets(octets), false}};
  script.steps.insert(script.steps.begin() + static_cast<std::ptrdiff_t>(section) + 1, std::move(content));
}

}  // namespace

std::size_t data_of(const Step& step) {
  if (const auto* octets = std::get_if<OctetsStep>(&step.what)) return octets->octets.size();
  const auto* frame = std::get_if<FrameStep>(&step.what);
  if (!frame || !frame->frame.is(h2::FrameType::data)) return 0;
  const auto part = h2::read_data(frame->frame);
  return part ? part->octets.size() : 0;
}

void change_content(Script& script, Random& random) {
  std::vector<std::size_t> sections;
  for (std::size_t at = 0; at < script.steps.size(); ++at)
    if (std::holds_alternative<SectionStep>(script.steps[at].what)) sections.push_back(at);
  if (sections.empty()) return;
  const auto at = any_of(sections, random);
  const auto ends = ends_of_pieces(script, at);
  std::uint64_t length = 1 + random.below(24);
  if (ends.empty() || one_in(2, random)) {
    insert_content(script, at, length, random);
  } else {
    length = any_of(ends, random);
    if (one_in(3, random)) length = 1 + random.below(length);  // and the rest of its frame is not content
  }
  if (one_in(4, random)) length = one_in(2, random) ? length + 1 : length - 1;
  auto text = cat(length);
  if (one_in(4, random)) change_number(text, random);
  declare(std::get<SectionStep>(script.steps[at].what).fields, std::move(text));
}

void keep_count(Script& script, std::size_t at, std::size_t octets_before) {
  const auto& changed = script.steps[at];
  std::size_t from = 0;  // of the stream's octets, this step's first
  for (auto section = at; section-- > 0;) {
    auto& step = script.steps[section];
    if (step.link != changed.link || stream_of(step) != stream_of(changed)) continue;
    from += data_of(step);
    auto* head = std::get_if<SectionStep>(&step.what);
    if (!head) continue;
    const auto length = content_length(head->fields);
    if (length && *length >= from + octets_before)
      declare(head->fields, cat(*length - octets_before + data_of(changed)));
    return;
  }
}

}  // namespace upspec::script
