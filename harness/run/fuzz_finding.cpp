#include "run/fuzz_finding.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include "base/text.hpp"

namespace upspec {
namespace {

// Of a symbol "upspec::Stream::read(int, char*)" what a name in a file may hold: "upspec::Stream::read".
std::string plain_name(std::string_view symbol) {
  symbol = symbol.substr(0, symbol.find('('));
  std::string name;
  for (const char c : symbol.substr(0, 80))
    if (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == ':' || c == '-') name += c;
  return name;
}

// "    #3 0x55d0 in read /src/a.cc:12:3" is "read"; a line without a name is "".
std::string function_in(std::string_view line) {
  line = trim(line);
  const auto in = line.find(" in ");
  if (!line.starts_with('#') || in == line.npos) return {};
  const auto rest = line.substr(in + 4);
  const auto file = rest.find(" /");
  return plain_name(rest.substr(0, file));
}

// The machinery that stands above the program's own functions.
bool is_machinery(std::string_view function) {
  constexpr std::array<std::string_view, 8> known = {"__interceptor", "__asan", "__sanitizer", "operator",
                                                     "std::",         "malloc", "free",        "__GI"};
  return std::ranges::any_of(known, [&](std::string_view one) { return function.starts_with(one); });
}

}  // namespace

std::string_view name_of(Finding::Oracle oracle) {
  constexpr std::array<std::string_view, 4> names = {"breach", "hang", "death", "leak"};
  return names[static_cast<std::size_t>(oracle)];
}

std::string Finding::key() const { return cat(name_of(oracle), "/", requirement.empty() ? place : requirement); }

std::string place_of(std::string_view how, std::string_view evidence) {
  // "AddressSanitizer: heap-use-after-free on address ...", "killed by SIGSEGV (Segmentation fault)"
  const auto pieces = words(how);
  std::string place;
  for (const auto piece : pieces)
    if (piece.starts_with("SIG") || (place.empty() && piece.find('-') != piece.npos)) place = plain_name(piece);
  if (place.empty() && pieces.size() > 1) place = plain_name(pieces[1]);
  std::size_t functions = 0;
  for (const auto line : split(evidence, '\n')) {
    const auto name = function_in(line);
    if (functions > 0 && name.empty() && trim(line).empty()) break;  // the end of the first stack
    if (name.empty() || is_machinery(name)) continue;
    place += cat(".", name);
    if (++functions == 3) break;
  }
  return place.empty() ? "unknown" : place;
}

Finding finding_of(const Breach& breach, Finding::Oracle oracle) {
  Finding finding;
  finding.oracle = oracle;
  finding.requirement = breach.requirement;
  finding.text = oracle == Finding::Oracle::hang ? cat(breach.text, " has not come") : breach.text;
  return finding;
}

Finding finding_of(const Death& death) {
  Finding finding;
  finding.oracle = Finding::Oracle::death;
  finding.place = place_of(death.how, death.evidence);
  finding.text = cat(death.process, ": ", death.how);
  finding.evidence = death.evidence;
  return finding;
}

std::vector<Finding> findings_of(const Driven& driven, const script::EchoPaths& paths) {
  std::vector<Finding> all;
  const auto add = [&](Finding finding) {
    const auto key = finding.key();
    if (std::ranges::none_of(all, [&](const Finding& one) { return one.key() == key; }))
      all.push_back(std::move(finding));
  };
  for (const auto& link : driven.played.links) {
    for (const auto& breach : link.breaches) add(finding_of(breach, Finding::Oracle::breach));
    if (!link.unreadable.empty()) add(finding_of({"alive", link.unreadable, 0}, Finding::Oracle::breach));
    for (const auto& [id, trace] : driven.traces) {
      if (id != link.link) continue;
      for (const auto& breach : script::broken_duties(link, trace, paths))
        add(finding_of(breach, Finding::Oracle::breach));
    }
  }
  if (!driven.owed.requirement.empty()) add(finding_of(driven.owed, Finding::Oracle::hang));
  return all;
}

CaseResult to_result(const Finding& finding, const Registry& registry) {
  CaseResult result;
  result.id = cat("fuzz/", finding.key());
  result.role = "server";
  result.subject = "fuzz";
  if (const auto* known = registry.find(finding.requirement)) result.requirements.push_back(known->text);
  const bool died = finding.oracle == Finding::Oracle::death;
  result.verdict = died ? Verdict::error : Verdict::fail;
  result.outcome = std::string(name_of(finding.oracle));
  result.message = cat(finding.text, finding.confirmed ? "" : " (not seen again on a fresh process)");
  result.requirement = finding.requirement;
  result.expected = "what protocol.md asks for, whatever a client says";
  result.seen = cat(finding.text, "\nby this script:\n", script::print(finding.script));
  result.transcript = finding.transcript;
  result.evidence = finding.evidence;
  return result;
}

}  // namespace upspec
