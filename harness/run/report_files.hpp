// The files that a run leaves in `--out`: junit.xml, report.json, report.html, transcripts/. Each appears whole.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "report/baseline.hpp"
#include "scenario/verdict.hpp"

namespace upspec {

// Makes the folder and takes away what an earlier run left in transcripts/.
Result<void> prepare_reports(const std::filesystem::path& out);

// Gives the files for people to look at. `all_transcripts`: also of what passed.
Result<std::vector<std::string>> write_reports(const std::filesystem::path& out, const RunInfo& run,
                                               const std::vector<CaseResult>& results, const report::Baseline& baseline,
                                               bool all_transcripts);

// A server's "connect.channel/half-close" is "server.connect.channel.half-close.txt".
std::string transcript_name(const CaseResult& result);

}  // namespace upspec
