#include "run/supervisor.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "net/process.hpp"
#include "net/tls.hpp"
#include "run/readiness.hpp"

namespace upspec {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

// Servers that are built with LeakSanitizer search their memory when they are asked to end.
constexpr auto grace = 3s;
// A sanitizer asks a symbolizer while its report is half written.
constexpr auto patience_for_report = 3s;
constexpr std::size_t longest_log_end = 4096;

std::string end_of(std::string_view text) {
  return std::string(text.substr(text.size() - std::min(text.size(), longest_log_end)));
}

std::string end_of_file(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  in.seekg(0, std::ios::end);
  const auto size = static_cast<std::streamoff>(in.tellg());
  if (size <= 0) return {};
  in.seekg(std::max<std::streamoff>(0, size - static_cast<std::streamoff>(longest_log_end)));
  return {std::istreambuf_iterator<char>(in), {}};
}

bool write_file(const fs::path& file, std::string_view text) {
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  out << text;
  return out.flush().good();
}

std::string install_hint(const Implementation& implementation) {
  return implementation.packages.empty() ? ""
                                         : cat(" (Debian: apt-get install ", join(implementation.packages, " "), ")");
}

// A folder of the run's own, gone with its owner.
class Folder {
 public:
  Folder() {
    path_ = (fs::temp_directory_path() / "upspec-XXXXXX").string();
    if (mkdtemp(path_.data()) == nullptr) path_.clear();
    // A server that drops root's rights must be able to read its files; the key in it protects nothing.
    else
      chmod(path_.c_str(), 0755);
  }
  ~Folder() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace

struct Supervisor::State {
  Implementation what;
  SupervisorOptions options;
  Folder folder;
  std::map<std::string, std::uint16_t> ports;  // by id
  Values values;
  // Those that were started, in order; as many as `what.starts`, or fewer while starting.
  std::vector<Process> processes;
  std::optional<Death> seen;

  // All texts were filled once when the file was loaded, so that nothing is unknown now.
  std::string filled(std::string_view text) const { return fill(text, values).value_or(std::string(text)); }
  std::string log_of(const std::string& id) const {
    return options.logs.empty() ? "" : cat(options.logs, "/", id, ".log");
  }
  std::uint16_t port_under_test() const { return what.starts.empty() ? *what.port : ports.at(what.starts.back().id); }

  Result<void> make_certificate();
  void choose_ports();
  Result<void> set_values();
  Result<void> write_files() const;
  Result<void> start_one(const Implementation::Start& start);
  Result<void> start_all();
  Result<void> start_all_somewhere();
  Death death_of(std::size_t which, const ProcessStatus& status) const;
  std::optional<Death> find_death() const;
  std::optional<Death> stop();
};

Result<void> Supervisor::State::make_certificate() {
  const auto own = make_own_certificate();
  if (!own) return tl::unexpected(own.error());
  const TlsIdentity& leaf = own->identity;
  const fs::path dir = folder.path();
  if (!write_file(dir / "ca.pem", own->ca_pem) || !write_file(dir / "cert.pem", leaf.certificate_pem) ||
      !write_file(dir / "key.pem", leaf.key_pem) ||
      !write_file(dir / "both.pem", leaf.certificate_pem + leaf.key_pem)) {
    return fail(cat(folder.path(), ": cannot be written"));
  }
  return {};
}

void Supervisor::State::choose_ports() {
  ports.clear();
  for (const auto& start : what.starts) ports[start.id] = free_port();
  if (what.port && !what.starts.empty()) ports[what.starts.back().id] = *what.port;
}

Result<void> Supervisor::State::set_values() {
  const auto here = fs::absolute(what.file).parent_path().string();
  const std::string dir = folder.path();
  Values given = {{"dir", dir},
                  {"here", here},
                  {"host", what.host},
                  {"transport", options.tls ? "tls" : "cleartext"},
                  {"port", cat(port_under_test())},
                  {"ca", dir + "/ca.pem"},
                  {"cert", dir + "/cert.pem"},
                  {"key", dir + "/key.pem"},
                  {"pem", dir + "/both.pem"}};
  if (options.origin) given["origin.port"] = cat(*options.origin);
  for (const auto& [id, port] : ports) given[id + ".port"] = cat(port);
  for (const auto& [name, value] : options.given) given[name] = value;
  auto all = with_pieces(std::move(given), what, options.tls);
  if (!all) return tl::unexpected(all.error());
  values = *std::move(all);
  return {};
}

Result<void> Supervisor::State::write_files() const {
  for (const auto& start : what.starts) {
    for (const auto& file : start.files) {
      const auto path = fs::path(folder.path()) / file.name;
      if (!write_file(path, filled(file.text))) return fail(cat(path.string(), ": cannot be written"));
    }
  }
  return {};
}

Result<void> Supervisor::State::start_one(const Implementation::Start& start) {
  const auto line = cat(what.file, ":", start.line, ": ");
  ProcessOptions process;
  for (const std::string& word : start.command) process.command.push_back(filled(word));
  for (const auto& [name, value] : start.environment) process.environment.emplace_back(name, filled(value));
  process.directory = folder.path();
  process.log_file = log_of(start.id);
  auto started = Process::start(process);
  if (!started) return fail(cat(line, started.error().text, install_hint(what)));
  processes.push_back(*std::move(started));
  const bool last = &start == &what.starts.back();
  if (last && what.role == "client") return {};
  const auto ready = wait_until_ready(processes.back(),
                                      {.line = filled(start.ready_line),
                                       .host = last ? what.host : "127.0.0.1",
                                       .port = ports.at(start.id),
                                       .within = start.within},
                                      options.stop);
  if (ready) return {};
  return fail(cat(line, "<start> of \"", start.id, "\": ", ready.error().text,
                  process.log_file.empty() ? "" : cat("; all of it: ", process.log_file)));
}

Result<void> Supervisor::State::start_all() {
  if (auto ok = set_values(); !ok) return ok;
  if (auto ok = write_files(); !ok) return ok;
  for (const auto& start : what.starts) {
    if (auto ok = start_one(start); !ok) return ok;
  }
  return {};
}

// A free port may be taken by somebody else before the program takes it: once more, with others.
Result<void> Supervisor::State::start_all_somewhere() {
  Result<void> result = start_all();
  const bool ended = !result && !processes.empty() && !processes.back().status().running();
  if (!result) stop();
  if (ended && !options.stop.stop_requested()) {
    choose_ports();
    result = start_all();
    if (!result) stop();
  }
  seen.reset();
  return result;
}

Death Supervisor::State::death_of(std::size_t which, const ProcessStatus& status) const {
  const Process& process = processes[which];
  const auto& start = what.starts[which];
  Death death{.process = start.id, .how = status.text(), .evidence = {}, .alive = status.running()};
  const std::string output = process.output();
  std::string logs;
  std::optional<SanitizerReport> report = process.report();
  for (const std::string& log : start.logs) {
    const std::string end = end_of_file(filled(log));
    if (!report) report = sanitizer_report(end);
    if (!end.empty()) logs += cat("\nthe end of ", log, ":\n", end);
  }
  if (report) death.how = report->headline;
  death.evidence = cat(start.id, ": ", status.text(), "\n");
  if (report) death.evidence += cat("\n", report->text);
  death.evidence += cat("\nthe end of its output:\n", end_of(output), logs);
  return death;
}

std::optional<Death> Supervisor::State::find_death() const {
  if (seen) return seen;
  for (std::size_t i = 0; i < processes.size(); ++i) {
    const auto report = processes[i].report();
    if (report && !report->complete) processes[i].wait(patience_for_report);
    const ProcessStatus status = processes[i].settled_status();
    if (!report && status.running()) continue;
    processes[i].wait(status.running() ? 0s : 1s);  // for its last words
    return death_of(i, status);
  }
  return std::nullopt;
}

std::optional<Death> Supervisor::State::stop() {
  seen = find_death();
  std::optional<Death> last_word;
  while (!processes.empty()) {
    Process& process = processes.back();
    const bool reported = process.report().has_value();
    process.stop(grace);
    if (!reported && process.report() && !last_word) last_word = death_of(processes.size() - 1, process.status());
    processes.pop_back();
  }
  return last_word;
}

Supervisor::Supervisor(std::unique_ptr<State> state) : state_(std::move(state)) {}
Supervisor::Supervisor(Supervisor&&) noexcept = default;
Supervisor& Supervisor::operator=(Supervisor&& other) noexcept {
  std::swap(state_, other.state_);
  return *this;
}
Supervisor::~Supervisor() {
  if (state_) state_->stop();
}

Result<Supervisor> Supervisor::start(const Implementation& implementation, const SupervisorOptions& options) {
  auto state = std::make_unique<State>();
  state->what = implementation;
  state->options = options;
  if (state->folder.path().empty()) return fail(cat("no folder can be made in ", fs::temp_directory_path().string()));
  if (!options.logs.empty()) {
    std::error_code error;
    fs::create_directories(options.logs, error);
    if (error) return fail(cat(options.logs, ": cannot be made: ", error.message()));
    for (const auto& start : implementation.starts) fs::remove(state->log_of(start.id), error);  // they are appended to
  }
  if (auto made = state->make_certificate(); !made) return tl::unexpected(made.error());
  state->choose_ports();
  if (auto started = state->start_all_somewhere(); !started) return tl::unexpected(started.error());
  return Supervisor(std::move(state));
}

Reachable Supervisor::target() const {
  const State& state = *state_;
  Reachable at{.host = state.what.host, .port = state.port_under_test(), .tls = state.options.tls, .ca_file = {}};
  if (!at.tls || state.what.insecure) return at;
  at.ca_file = state.filled(state.what.ca);
  // What runs already has a certificate that others made.
  if (at.ca_file.empty() && !state.what.starts.empty()) at.ca_file = state.filled("${ca}");
  return at;
}

std::optional<int> Supervisor::pid() const {
  if (state_->processes.empty()) return std::nullopt;
  return state_->processes.back().pid();
}

std::optional<Death> Supervisor::death() const { return state_->find_death(); }

Result<void> Supervisor::restart() {
  if (state_->what.starts.empty()) return fail(cat(state_->what.file, ": has no <start>: cannot be started again"));
  state_->stop();
  return state_->start_all_somewhere();
}

std::optional<Death> Supervisor::stop() { return state_->stop(); }

std::string Supervisor::filled(std::string_view text) const { return state_->filled(text); }

std::string Supervisor::version(const Implementation& implementation) {
  if (implementation.version_command.empty()) return {};
  const Values here{{"here", fs::absolute(implementation.file).parent_path().string()}};
  ProcessOptions options;
  for (const std::string& word : implementation.version_command) {
    options.command.push_back(fill(word, here).value_or(word));
  }
  const auto process = Process::start(options);
  if (!process || !process->wait(5s)) return {};
  const std::string output = process->output();
  return std::string(trim_lines(std::string_view(output).substr(0, output.find('\n'))));
}

}  // namespace upspec
