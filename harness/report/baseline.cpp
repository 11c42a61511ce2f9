#include "report/baseline.hpp"

#include <algorithm>
#include <array>
#include <pugixml.hpp>

#include "base/text.hpp"
#include "report/clean.hpp"
#include "report/file.hpp"
#include "report/xml.hpp"

namespace upspec::report {

namespace {

// Where in a file something stands, and how an error about it looks.
class Source {
 public:
  Source(std::string_view text, std::string_view file) : text_(text), file_(file) {}

  tl::unexpected<Error> wrong(std::ptrdiff_t offset, std::string_view what) const {
    const auto end = std::clamp<std::ptrdiff_t>(offset, 0, static_cast<std::ptrdiff_t>(text_.size()));
    const auto line = 1 + std::count(text_.begin(), text_.begin() + end, '\n');
    return fail(cat(file_, ":", line, ": ", what));
  }

 private:
  std::string_view text_, file_;
};

bool is_failing(std::string_view outcome) {
  constexpr std::array<std::string_view, 3> failing = {"fail", "note", "error"};
  return std::ranges::any_of(failing, [&](std::string_view name) {
    return outcome.starts_with(name) &&
           (outcome.size() == name.size() || outcome.substr(name.size()).starts_with(": ") ||
            outcome.substr(name.size()).starts_with(" ["));
  });
}

// Empty when the element is as it should be.
std::string complaint_about(const pugi::xml_node& known, const Baseline& so_far) {
  const std::string_view name = known.name(), id = known.attribute("case").value();
  if (name != "known") return cat("unknown element ", quoted(name), "; <baseline> holds only <known>");
  for (const auto& attribute : known.attributes()) {
    const std::string_view key = attribute.name();
    if (key != "case" && key != "outcome" && key != "sometimes")
      return cat("unknown attribute ", quoted(key), "; <known> has case, outcome and sometimes");
    if (key == "sometimes" && std::string_view(attribute.value()) != "yes")
      return cat("sometimes=", quoted(attribute.value()), ": it is \"yes\" or not there");
  }
  for (const auto& child : known.children())
    if (child.type() == pugi::node_element)
      return cat("unknown element ", quoted(child.name()), "; <known> holds only its reason as text");
  if (id.empty()) return "<known> names no case; write case=\"...\" with the id of a case";
  const std::string_view outcome = known.attribute("outcome").value();
  if (!is_failing(outcome))
    return cat("outcome ", quoted(outcome), " of ", quoted(id),
               " is no failure; write it as the report has it: \"fail: ...\", \"note: ...\" or \"error: ...\"");
  if (trim_lines(known.text().get()).empty())
    return cat("no reason for ", quoted(id), "; write between the tags why this failure is known");
  if (so_far.contains(id)) return cat("a second entry for ", quoted(id), "; one entry a case");
  return {};
}

std::ptrdiff_t leading_space(std::string_view text) {
  return static_cast<std::ptrdiff_t>(text.find_first_not_of(" \t\r\n"));
}

bool was_tried(const CaseResult& result) { return result.verdict != Verdict::skip; }

bool is_lucky(const KnownFailure& known, const CaseResult& result) {
  return known.sometimes && (result.verdict == Verdict::pass || result.verdict == Verdict::note);
}

}  // namespace

Result<Baseline> parse_baseline(std::string_view xml, std::string_view file) {
  const Source source(xml, file);
  pugi::xml_document document;
  if (const auto parsed = document.load_buffer(xml.data(), xml.size()); !parsed)
    return source.wrong(parsed.offset, cat("not well-formed XML: ", parsed.description(),
                                           "; a baseline is <baseline><known ...>reason</known></baseline>"));
  const auto root = document.document_element();
  if (std::string_view(root.name()) != "baseline")
    return source.wrong(root.offset_debug(),
                        cat("<", root.name(), "> is no baseline; the first element is <baseline>"));
  if (const auto attribute = root.first_attribute())
    return source.wrong(root.offset_debug(),
                        cat("unknown attribute ", quoted(attribute.name()), "; <baseline> has none"));
  Baseline baseline;
  for (const auto& node : root.children()) {
    if (node.type() == pugi::node_pcdata || node.type() == pugi::node_cdata)
      return source.wrong(
          node.offset_debug() + leading_space(node.value()),
          cat("text ", quoted(trim_lines(node.value()), 40), " between the elements; a reason stands inside <known>"));
    if (node.type() != pugi::node_element) continue;
    if (const auto what = complaint_about(node, baseline); !what.empty())
      return source.wrong(node.offset_debug(), what);
    baseline[node.attribute("case").value()] = {node.attribute("outcome").value(),
                                                std::string(trim_lines(node.text().get())),
                                                !node.attribute("sometimes").empty()};
  }
  return baseline;
}

Result<Baseline> read_baseline(const std::filesystem::path& path) {
  return read_file(path).and_then([&](const std::string& text) { return parse_baseline(text, path.string()); });
}

std::string to_xml(const Baseline& baseline) {
  pugi::xml_document document;
  auto root = start_xml(document, "baseline");
  for (const auto& [id, failure] : baseline) {
    auto known = root.append_child("known");
    add_attribute(known, "case", id);
    add_attribute(known, "outcome", failure.outcome);
    if (failure.sometimes) add_attribute(known, "sometimes", "yes");
    add_text(known, failure.reason);
  }
  return xml_text(document);
}

Standing standing(const Baseline& baseline, const CaseResult& result) {
  const auto entry = baseline.find(result.id);
  if (entry == baseline.end() || !was_tried(result) || is_lucky(entry->second, result)) return Standing::unlisted;
  return entry->second.outcome == outcome_line(result) ? Standing::as_recorded : Standing::stale;
}

std::vector<Stale> stale_entries(const Baseline& baseline, const std::vector<CaseResult>& results) {
  std::vector<Stale> stale;
  for (const auto& result : results)
    if (standing(baseline, result) == Standing::stale)
      stale.push_back({result.id, baseline.find(result.id)->second.outcome, outcome_line(result)});
  return stale;
}

Baseline updated(const Baseline& old, const std::vector<CaseResult>& results, bool strict) {
  Baseline baseline = old;
  for (const auto& result : results)
    if (const auto entry = baseline.find(result.id);
        entry != baseline.end() && was_tried(result) && !is_lucky(entry->second, result))
      baseline.erase(entry);
  for (const auto& result : results) {
    if (!result.failed(strict) && result.verdict != Verdict::error) continue;
    const auto before = old.find(result.id);
    const auto known = before == old.end() ? KnownFailure{"", std::string(unexamined)} : before->second;
    baseline.try_emplace(result.id, KnownFailure{outcome_line(result), known.reason, known.sometimes});
  }
  return baseline;
}

}  // namespace upspec::report
