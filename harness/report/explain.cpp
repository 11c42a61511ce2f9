#include "report/explain.hpp"

#include <algorithm>
#include <array>
#include <span>

#include "base/text.hpp"
#include "report/clean.hpp"
#include "report/numbers.hpp"
#include "report/paint.hpp"
#include "report/totals.hpp"

namespace upspec::report {

namespace {

constexpr std::size_t text_width = 100;
constexpr std::size_t longest_frame_text = 4096;
constexpr std::array<std::string_view, 3> arrows = {"->", "<-", "--"};
constexpr std::array<Colour, 3> arrow_colours = {Colour::green, Colour::cyan, Colour::dim};

std::string indented(std::string_view text, std::size_t by) {
  std::string out;
  while (!text.empty() && text.back() == '\n') text.remove_suffix(1);
  for (const auto line : split(text, '\n')) out += cat(std::string(by, ' '), line, '\n');
  return out;
}

std::string wrapped(std::string_view text, std::size_t by) {
  std::string out, line;
  for (const auto word : words(text)) {
    if (!line.empty() && by + line.size() + 1 + word.size() > text_width) {
      out += cat(std::string(by, ' '), line, '\n');
      line.clear();
    }
    line += cat(line.empty() ? "" : " ", word);
  }
  return line.empty() ? out : cat(out, std::string(by, ' '), line, '\n');
}

bool has_several_links(const std::vector<TranscriptLine>& transcript) {
  return std::ranges::any_of(transcript, [&](const auto& line) { return line.link != transcript.front().link; });
}

// "     0.412  client  -> HEADERS stream 1 ..."; further lines of the frame stand below its name.
std::string frame_text(const TranscriptLine& line, bool with_link, const Detail& detail) {
  const auto way = static_cast<std::size_t>(line.way);
  const std::string time = fixed(static_cast<double>(line.at) / 1000);
  std::string start = cat(std::string(12 - std::min<std::size_t>(12, time.size()), ' '), time, "  ");
  if (with_link) start += cat(ascii_line(line.link, 40), "  ");
  const std::size_t column = start.size() + 3;
  const std::string text = ascii(line.text, longest_frame_text);
  const auto end = text.find('\n');
  std::string out =
      cat(start, paint(arrows.at(way), arrow_colours.at(way), detail.colour), ' ', text.substr(0, end), '\n');
  if (end != text.npos) out += indented(std::string_view(text).substr(end + 1), column);
  if (detail.octets && !line.octets.empty()) out += paint(indented(dump(line), column + 2), Colour::dim, detail.colour);
  return out;
}

std::string section(std::string_view name, const std::string& body, const Detail& detail) {
  return body.empty() ? std::string() : cat("  ", paint(name, Colour::bold, detail.colour), '\n', body);
}

std::string said(std::string_view text) { return text.empty() ? std::string() : indented(ascii(text), 4); }

std::string requirement_text(const CaseResult& result, const Detail& detail) {
  const auto about = requirement_of(result);
  if (about.id.empty()) return {};
  std::string out = cat("  ", paint("requirement", Colour::bold, detail.colour), ' ', title_of(about), '\n',
                        wrapped(clean_line(about.sentence, longest_text), 4));
  std::vector<std::string> others;
  for (const auto& requirement : result.requirements)
    if (requirement.id != about.id) others.push_back(clean_line(requirement.id));
  if (!others.empty()) out += cat("    (the case also checks ", join(others, " "), ")\n");
  return out;
}

}  // namespace

std::string title_of(const RequirementText& requirement) {
  std::string out = clean_line(requirement.id);
  if (!requirement.level.empty()) out += cat(' ', clean_line(requirement.level));
  std::vector<std::string> from;
  if (!requirement.clause.empty()) from.push_back(clean_line(requirement.clause));
  if (!requirement.basis.empty()) from.push_back(clean_line(requirement.basis));
  return from.empty() ? out : cat(out, " (", join(from, "; "), ")");
}

std::string_view arrow_of(TranscriptLine::Way way) { return arrows.at(static_cast<std::size_t>(way)); }

std::string dump(const TranscriptLine& line) {
  constexpr std::size_t row = 16;
  std::string out;
  const OctetView octets(line.octets);
  for (std::size_t at = 0; at < octets.size(); at += row) {
    const auto part = octets.subspan(at, std::min(row, octets.size() - at));
    const std::string digits = hex(part);
    std::string letters;
    for (const auto octet : part) letters += octet >= 0x20 && octet < 0x7f ? static_cast<char>(octet) : '.';
    out += cat(digits, std::string(row * 3 + 1 - digits.size(), ' '), letters, '\n');
  }
  if (line.total_octets > octets.size()) out += cat("... (", line.total_octets, " octets)\n");
  return out;
}

std::string transcript_text(const std::vector<TranscriptLine>& transcript, const Detail& detail) {
  const std::size_t shown = std::min(detail.last_lines, transcript.size());
  const bool with_link = has_several_links(transcript);
  std::string out;
  if (shown < transcript.size()) out += cat("    ... ", transcript.size() - shown, " earlier lines\n");
  for (const auto& line : std::span(transcript).last(shown)) out += frame_text(line, with_link, detail);
  return out;
}

std::string explain(const CaseResult& result, const Detail& detail) {
  std::string out = cat(paint(name_of(result.verdict), colour_of(result.verdict), detail.colour), "  ",
                        paint(ascii_line(result.id), Colour::bold, detail.colour), '\n');
  const bool told_below = !result.expected.empty() || !result.seen.empty();
  if (!result.message.empty() && !told_below) out += cat("  ", ascii_line(result.message), '\n');
  out += requirement_text(result, detail);
  out += section("expected", said(result.expected), detail);
  out += section("seen", said(result.seen), detail);
  out += section("evidence", said(result.evidence), detail);
  out += section("transcript (ms; -> sent by the harness, <- received)", transcript_text(result.transcript, detail),
                 detail);
  if (!result.replay.empty())
    out += section("replay", cat("    ", clean_line(result.replay, longest_text), '\n'), detail);
  return out;
}

}  // namespace upspec::report
