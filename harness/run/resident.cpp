#include "run/resident.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.hpp"

namespace upspec {
namespace {

namespace fs = std::filesystem;

std::optional<std::uint64_t> number_from(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end != text.data() ? std::optional(number) : std::nullopt;
}

// "4711 (a name) S 1 4711 ...": what stands behind the state and the parent is the group.
bool is_of(int group, const std::string& stat) {
  const auto name_ends = stat.rfind(')');
  if (name_ends == stat.npos) return false;
  const auto fields = split(std::string_view(stat).substr(name_ends + 1), ' ');
  return fields.size() > 4 && number_from(fields[3]) == static_cast<std::uint64_t>(group);
}

std::vector<int> processes_of(int group) {
  std::vector<int> all;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator("/proc", ignored)) {
    const auto pid = number_from(entry.path().filename().string());
    std::string stat;
    if (pid && std::getline(std::ifstream(entry.path() / "stat"), stat) && is_of(group, stat))
      all.push_back(static_cast<int>(*pid));
  }
  return all;
}

// A line of proc(5)'s status, in octets.
std::optional<std::uint64_t> status_of(int pid, std::string_view key) {
  std::ifstream in(cat("/proc/", pid, "/status"));
  for (std::string line; std::getline(in, line);) {
    const auto digits = line.find_first_of("0123456789");
    if (!line.starts_with(key) || digits == line.npos) continue;
    const auto kibibytes = number_from(std::string_view(line).substr(digits));
    if (kibibytes) return *kibibytes * 1024;
  }
  return std::nullopt;
}

// AddressSanitizer and its kin map terabytes, and keep what was freed: what is resident says nothing there.
bool is_sanitized(int pid) { return status_of(pid, "VmSize:").value_or(0) > std::uint64_t{1} << 40; }

// The highest so far, or since it was reset.
std::optional<std::uint64_t> highest(int pid) { return status_of(pid, "VmHWM:"); }

// proc(5), clear_refs: "5" makes the highest what it is now. Where that is not allowed the growth shows smaller.
void forget_highest(int pid) { std::ofstream(cat("/proc/", pid, "/clear_refs")) << "5"; }

}  // namespace

ResidentWatch::ResidentWatch(int group) : group_(group) {
  for (const int pid : processes_of(group)) {
    forget_highest(pid);
    if (const auto now = highest(pid)) before_[pid] = *now;
  }
}

std::optional<std::uint64_t> ResidentWatch::grown() const {
  std::optional<std::uint64_t> sum;
  for (const int pid : processes_of(group_)) {
    const auto now = highest(pid);
    if (is_sanitized(pid)) return std::nullopt;
    if (!now) continue;
    const auto before = before_.find(pid);
    const auto then = before == before_.end() ? 0 : before->second;
    sum = sum.value_or(0) + (*now > then ? *now - then : 0);
  }
  return sum;
}

bool presses(const Case& one) {
  return std::ranges::any_of(one.steps, [](const Step& step) {
    const auto* flow = std::get_if<Flow>(&step.what);
    return flow && flow->press;
  });
}

void judge_growth(CaseResult& result, const Case& one, std::uint64_t grown) {
  const auto text = cat("its resident memory grew by ", grown >> 20, " MiB while nobody read");
  const Moment at = result.transcript.empty() ? 0 : result.transcript.back().at;
  result.transcript.push_back({at, "proxy", TranscriptLine::Way::remark, text, {}, 0});
  const bool is_over = result.verdict == Verdict::skip || result.verdict == Verdict::error;
  if (grown <= most_growth || is_over) return;
  if (result.verdict == Verdict::fail) {
    result.seen += cat("; ", text);
    result.message += cat("; ", text);
    return;
  }
  result.verdict = Verdict::fail;
  result.expected = cat("resident memory that grows by at most ", most_growth >> 20, " MiB");
  result.seen = text;
  result.message = cat("expected ", result.expected, "; came: ", text);
  result.outcome = cat("resident memory grew by more than ", most_growth >> 20, " MiB");
  const bool bounds = std::ranges::find(one.checks, "SEC-03") != one.checks.end();
  result.requirement = bounds ? "SEC-03" : one.checks.front();
}

}  // namespace upspec
