#include "run/report_files.hpp"

#include <algorithm>
#include <system_error>

#include "base/text.hpp"
#include "report/explain.hpp"
#include "report/file.hpp"
#include "report/html.hpp"
#include "report/json.hpp"
#include "report/junit.hpp"

namespace upspec {
namespace {

namespace fs = std::filesystem;

bool has_transcript(const CaseResult& result, bool all) {
  if (result.transcript.empty() && result.evidence.empty()) return false;  // never tried
  return all || result.verdict != Verdict::pass;
}

}  // namespace

Result<void> prepare_reports(const fs::path& out) {
  const fs::path transcripts = out / "transcripts";
  std::error_code error;
  fs::create_directories(transcripts, error);
  if (error) return fail(cat("--out ", out.string(), ": ", error.message(), "; it has to be a folder to write to"));
  for (const auto& entry : fs::directory_iterator(transcripts, error))
    if (entry.path().extension() == ".txt") fs::remove(entry.path(), error);
  return {};
}

Result<std::vector<std::string>> write_reports(const fs::path& out, const RunInfo& run,
                                               const std::vector<CaseResult>& results, const report::Baseline& baseline,
                                               bool all_transcripts) {
  for (const CaseResult& result : results) {
    if (!has_transcript(result, all_transcripts)) continue;
    const auto text = report::explain(result, {.octets = true});
    if (auto ok = report::write_atomically(out / "transcripts" / transcript_name(result), text); !ok)
      return tl::unexpected(ok.error());
  }
  struct File {
    const char* name;
    std::string text;
  };
  std::vector<std::string> written;
  for (const File& file : {File{"junit.xml", report::junit(run, results, baseline)},
                           File{"report.json", report::json(run, results, baseline)},
                           File{"report.html", report::html(run, results, baseline)}}) {
    if (auto ok = report::write_atomically(out / file.name, file.text); !ok) return tl::unexpected(ok.error());
    written.push_back((out / file.name).string());
  }
  return written;
}

std::string transcript_name(const CaseResult& result) {
  constexpr std::string_view plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
  std::string name = cat(result.role, ".", result.id);
  std::ranges::replace(name, '/', '.');
  for (char& c : name)
    if (plain.find(c) == std::string_view::npos) c = '_';
  return name + ".txt";
}

}  // namespace upspec
