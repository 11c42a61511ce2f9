// One case in plain text, so that its reader needs no packet capture: terminal, junit.xml and transcripts/ share it.
// What a peer or a process said comes out as printable ASCII.
#pragma once

#include <cstddef>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "scenario/verdict.hpp"

namespace upspec::report {

struct Detail {
  static constexpr std::size_t all = std::numeric_limits<std::size_t>::max();

  bool colour = false;
  bool octets = false;           // a hexadecimal dump below each frame
  std::size_t last_lines = all;  // of the transcript; how many are left out is said
};

// "ATT-02 MUST (RFC 9110 7.6.1; profile)", as far as it is known.
std::string title_of(const RequirementText& requirement);

// "->", "<-" or "--", seen from the harness.
std::string_view arrow_of(TranscriptLine::Way way);

// Rows of 16 octets, "00 00 06 04 ...  ....", and, where octets were cut, a row that says how many there were.
std::string dump(const TranscriptLine& line);

std::string transcript_text(const std::vector<TranscriptLine>& transcript, const Detail& detail = {});

// In this order: case and verdict, message, requirement and its text, expected, seen, evidence, transcript, replay.
// What a result does not have is left out.
std::string explain(const CaseResult& result, const Detail& detail = {});

}  // namespace upspec::report
