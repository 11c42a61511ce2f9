#include "report/samples_test.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>

#include "base/text.hpp"
#include "report/file.hpp"

namespace upspec::report::samples {

namespace {

CaseResult named(const std::string& subject, const std::string& id, Verdict verdict) {
  CaseResult result;
  result.id = cat(subject, "/", id);
  result.role = "server";
  result.dialect = "upgrade";
  result.subject = subject;
  result.verdict = verdict;
  result.seconds = 0.00234;
  result.requirements = {
      {"ATT-02", "MUST", "profile", "RFC 9110 7.6.1", "Naming a framing or routing field, in any offer, is malformed."},
      {"REQ-05", "MUST", "rfc", "RFC 9113 8.2.2", "No `connection`, `upgrade`, `keep-alive`; otherwise malformed."}};
  result.replay = cat("upspec run --target 127.0.0.1:8080 --case '", result.id, "' -v");
  using Way = TranscriptLine::Way;
  const Octets head = to_octets("\x01\x05 HEADERS and more of its octets");
  result.transcript = {
      {12, "client", Way::remark, "connected, cleartext", {}, 0},
      {412, "client", Way::sent, "HEADERS stream 1 END_HEADERS\n:method: GET\n:upgrade: websocket; te\nte: trailers",
       head, head.size()},
      {1903, "client", Way::received, "HEADERS stream 1 END_HEADERS\n:status: 101", Octets(256, 0x61), 9000}};
  return result;
}

}  // namespace

std::string hostile() {
  std::string all;
  for (int octet = 0; octet < 256; ++octet) all += static_cast<char>(octet);
  return all +
         "]]> &#0; &lt; <!-- <script>alert(1)</script> --> \" ' \xef\xbf\xbe \xef\xbf\xbf \xed\xa0\x80 \xc0\x80 " +
         "\xf4\x90\x80\x80 \xc3\xa4 \xf0\x9f\x98\x80 \xc2\x9b" + "31m \x1b[31m \xe2\x82 {{cases}} {{ \\x00 \r\n\t\xff";
}

RunInfo run() {
  return {.suite_version = "0.1.0",
          .implementation_name = "reference",
          .implementation_version = "1.2",
          .target = "127.0.0.1:8080 over TLS",
          .command_line = "upspec run --target 127.0.0.1:8080 --header 'a: \"b\" & <c>'",
          .seed = 18446744073709551615u,
          .started = 1740830400,
          .seconds = 1.4242};
}

CaseResult passed() {
  auto result = named("offers", "case-of-the-name", Verdict::pass);
  result.outcome = "accept";
  return result;
}

CaseResult failed() {
  auto result = named("attributes", "framing-attribute/te", Verdict::fail);
  result.requirement = "ATT-02";
  result.message = "the upgrade was accepted, where the request is malformed";
  result.expected = "malformed: RST_STREAM(PROTOCOL_ERROR), or 400";
  result.seen = "HEADERS stream 1\n:status: 101";
  return result;
}

CaseResult skipped() {
  auto result = named("attributes", "h2c/settings", Verdict::skip);
  result.message = "not testable: no path offers h2c (--h2c PATH)";
  result.transcript.clear();
  return result;
}

CaseResult died() {
  auto result = named("content", "end-stream-before-length", Verdict::error);
  result.message = "the implementation died: signal 11";
  result.evidence = "==7==ERROR: AddressSanitizer: heap-use-after-free on address 0x602000000010\nlast output\n";
  return result;
}

CaseResult noted() {
  auto result = named("attributes", "upper-case", Verdict::note);
  result.requirement = "ATT-09";
  result.message = "declined, where malformed or the same meaning is asked for";
  result.outcome = "decline: 400";
  return result;
}

CaseResult hostile_case() {
  auto result = named("attributes", "hostile", Verdict::fail);
  const std::string bad = hostile();
  for (auto* text : {&result.id, &result.role, &result.dialect, &result.subject, &result.outcome, &result.message,
                     &result.requirement, &result.expected, &result.seen, &result.evidence, &result.replay})
    *text += bad;
  for (auto& line : result.transcript) {
    line.link = bad;
    line.text = bad;
    line.octets = to_octets(bad);
  }
  result.requirements.push_back({bad, bad, bad, bad, bad});
  return result;
}

std::vector<CaseResult> one_of_each() { return {passed(), failed(), skipped(), died(), noted()}; }

Outcome shell(const std::string& command) {
  Outcome outcome;
  auto* pipe = ::popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return outcome;
  for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) outcome.output += static_cast<char>(c);
  const int status = ::pclose(pipe);
  outcome.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return outcome;
}

std::string in_file(const std::string& name, const std::string& text) {
  const std::string path = cat(testing::TempDir(), "upspec-report-", ::getpid(), "/", name);
  EXPECT_TRUE(write_atomically(path, text));
  return path;
}

std::string schema(const std::string& name) { return cat(UPSPEC_SOURCE_DIR, "/reports/", name); }

}  // namespace upspec::report::samples
