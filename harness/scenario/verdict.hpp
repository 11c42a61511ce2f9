// What came of a case and of a run: values that the engine makes and the reports print.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "peer/transcript.hpp"

namespace upspec {

enum class Verdict {
  pass,
  note,   // a pass with a note: a SHOULD not followed, or an outcome that protocol.md lists with a note
  fail,   // a requirement is broken
  skip,   // not tried; `message` names what is missing, or which control failed
  error,  // the harness failed, or the implementation's process died
};

std::string_view name_of(Verdict verdict);  // "pass", "note", ...

// A requirement as the registry has it (cases/requirements.xml), as far as a report shows it.
struct RequirementText {
  std::string id;      // "REQ-05"
  std::string level;   // "MUST"
  std::string basis;   // "seed rfc"
  std::string clause;  // "RFC 9113 8.2.2"
  std::string sentence;
};

struct CaseResult {
  std::string id;       // "attributes/framing-attribute/te", "connect.channel/half-close", "monitor/TUN-06"
  std::string role;     // "server"
  std::string dialect;  // "upgrade", "connect"
  std::string subject;  // "attributes"
  std::vector<RequirementText> requirements;  // those that the case checks
  Verdict verdict = Verdict::pass;
  std::string outcome;  // which of the allowed outcomes was met: "malformed: RST_STREAM(PROTOCOL_ERROR)"; of a failure,
                        // what came in its place, in few words that are the same in every run
  std::string message;  // one line: why it failed, was skipped, has a note, or is an error
  std::string requirement;  // a failure's requirement id: the first that the case checks, or the Monitor's
  std::string expected;     // a failure's first half ...
  std::string seen;         // ... and its second, both for people, maybe of several lines
  std::vector<TranscriptLine> transcript;
  std::string evidence;  // an error's: signal, last output of the implementation, sanitizer report; any octets
  double seconds = 0;
  std::string replay;  // the command that runs this case alone

  bool failed(bool strict) const { return verdict == Verdict::fail || (strict && verdict == Verdict::note); }
};

// What a whole run was.
struct RunInfo {
  std::string suite_version;
  std::string implementation_name;
  std::string implementation_version;
  std::string target;  // "127.0.0.1:8443 over TLS"
  std::string command_line;
  std::uint64_t seed = 0;
  std::int64_t started = 0;  // seconds since 1970, UTC
  double seconds = 0;
  bool strict = false;
  bool interrupted = false;
};

// For people and for baselines: the one line that says what came ("fail: seen RST_STREAM(CANCEL)"), the same for the
// same behaviour in every run: no times, no ports.
std::string outcome_line(const CaseResult& result);

}  // namespace upspec
