// A finding: what an oracle said of one script's run. Values in, values out.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/script_driver.hpp"
#include "run/supervisor.hpp"
#include "scenario/registry.hpp"
#include "scenario/verdict.hpp"
#include "script/script.hpp"

namespace upspec {

struct Finding {
  enum class Oracle : std::uint8_t {
    breach,  // a rule broken, by the Monitor or by the duties
    hang,    // something owed that does not come
    death,   // the process ended, or a sanitizer reported
    leak,    // memory or descriptors do not come back
  };
  Oracle oracle = Oracle::breach;
  std::string requirement;  // "XC-05"; of a death empty
  std::string place;        // of a death: where, as far as its last words say
  std::string text;         // one line for people

  script::Script script;
  std::vector<script::Script> before;  // scripts that must go before it, on the same process; most often none
  std::string evidence;                // a death's
  std::vector<TranscriptLine> transcript;
  bool confirmed = false;  // it came again on a fresh process
  std::uint64_t execution = 0;
  double seconds = 0;  // since the campaign's start

  // The same for the same trouble: "breach/XC-05", "death/heap-use-after-free.echo".
  std::string key() const;
};

std::string_view name_of(Finding::Oracle oracle);

// What the run of a script itself shows.
std::vector<Finding> findings_of(const Driven& driven, const script::EchoPaths& paths);
Finding finding_of(const Death& death);
Finding finding_of(const Breach& breach, Finding::Oracle oracle);

// "fuzz/breach/XC-05" as a case that failed, for the reports.
CaseResult to_result(const Finding& finding, const Registry& registry);

// What stands in a sanitizer's report about the place: kind of error and the first functions that are the program's
// own. "heap-use-after-free.Connection::on_data.main"; of other last words "SIGSEGV".
std::string place_of(std::string_view how, std::string_view evidence);

}  // namespace upspec
