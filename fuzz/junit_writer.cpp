// junit.xml is well-formed for a second parser, and says how many cases there were, whatever octets a peer, a program
// or a command line put into it.
#include <algorithm>
#include <array>
#include <pugixml.hpp>

#include "base/octets.hpp"
#include "report/junit.hpp"
#include "require.hpp"

namespace upspec {
namespace {

// The input cut into texts, and numbers.
class Source {
 public:
  explicit Source(OctetView octets) : octets_(octets) {}
  bool more() const { return !octets_.empty(); }
  std::uint8_t number() {
    const auto first = octets_.empty() ? std::uint8_t{0} : octets_.front();
    octets_ = octets_.subspan(std::min<std::size_t>(1, octets_.size()));
    return first;
  }
  std::string text() {
    const auto size = std::min<std::size_t>(number(), octets_.size());
    const auto taken = to_text(octets_.first(size));
    octets_ = octets_.subspan(size);
    return taken;
  }

 private:
  OctetView octets_;
};

CaseResult next_case(Source& from) {
  CaseResult one;
  one.verdict = static_cast<Verdict>(from.number() % 5);
  for (auto* text : {&one.id, &one.role, &one.dialect, &one.subject, &one.outcome, &one.message, &one.requirement,
                     &one.expected, &one.seen, &one.evidence, &one.replay})
    *text = from.text();
  one.requirements.push_back({from.text(), from.text(), from.text(), from.text(), from.text()});
  one.seconds = from.number() * 1e9 / 7;
  TranscriptLine line;
  line.link = from.text();
  line.text = from.text();
  line.octets = to_octets(std::string_view(from.text()));
  line.total_octets = line.octets.size();
  one.transcript.push_back(line);
  return one;
}

bool is_text(std::string_view xml) {
  return std::ranges::none_of(
      xml, [](char c) { return static_cast<unsigned char>(c) < ' ' && c != '\n' && c != '\t' && c != '\r'; });
}

}  // namespace
}  // namespace upspec

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  using namespace upspec;
  Source source({octets, size});
  RunInfo run;
  for (auto* text :
       {&run.suite_version, &run.implementation_name, &run.implementation_version, &run.target, &run.command_line})
    *text = source.text();
  std::vector<CaseResult> results;
  while (source.more() && results.size() < 50) results.push_back(next_case(source));
  const auto xml = report::junit(run, results);
  pugi::xml_document document;
  require(document.load_buffer(xml.data(), xml.size()), "junit.xml is well-formed");
  require(is_text(xml), "no control octet that XML does not know");
  std::size_t count = 0;
  for (const auto suite : document.child("testsuites").children("testsuite"))
    count +=
        static_cast<std::size_t>(std::distance(suite.children("testcase").begin(), suite.children("testcase").end()));
  require(count == results.size(), "every case is there");
  return 0;
}
