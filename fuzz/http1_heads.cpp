// HTTP/1.1 heads against Beast's own parser: what we read it reads, with the same fields; what we read is printed and
// read again; and whatever the strict reading of a request sees first, the lenient one sees too.
#include <algorithm>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>

#include "base/text.hpp"
#include "h1/head.hpp"
#include "h1/lenient.hpp"
#include "require.hpp"

namespace upspec::h1 {
namespace {

namespace http = boost::beast::http;

template <bool is_request>
std::optional<http::message<is_request, http::empty_body>> beast_reads(OctetView octets) {
  http::parser<is_request, http::empty_body> parser;
  parser.header_limit(static_cast<std::uint32_t>(2 * largest_head));
  parser.body_limit(boost::none);  // content is not read here, whatever its length
  boost::beast::error_code error;
  parser.put({octets.data(), octets.size()}, error);
  if (error || !parser.is_header_done()) return std::nullopt;
  return parser.get();
}

template <class Message>
bool same_fields(const Fields& ours, const Message& theirs) {
  std::vector<std::pair<std::string, std::string>> one, other;
  for (const auto& field : ours) one.emplace_back(lower(field.name), field.value);
  for (const auto& field : theirs)
    other.emplace_back(lower(std::string_view(field.name_string().data(), field.name_string().size())),
                       std::string(field.value().data(), field.value().size()));
  std::ranges::sort(one);
  std::ranges::sort(other);
  return one == other;
}

void check_head(const Fields& fields) {
  for (const auto& field : fields) {
    require(is_field_value(field.value), "a value that was read is one");
    require(field.name.find_first_of(std::string_view("\0\r\n\t :", 6)) == std::string::npos,
            "a name holds no white space");
  }
}

void check_request(OctetView octets) {
  const auto found = read_request_head(octets);
  if (!found || !*found) return;
  const auto& [head, size] = **found;
  const auto whole = octets.first(size);
  check_head(head.fields);
  const auto theirs = beast_reads<true>(whole);
  require(theirs.has_value(), "Beast reads the head that we read");
  require(head.method == std::string_view(theirs->method_string().data(), theirs->method_string().size()),
          "the same method");
  require(head.target == std::string_view(theirs->target().data(), theirs->target().size()), "the same target");
  require(same_fields(head.fields, *theirs), "the same fields");
  require(parse_request_head(as_octets(print(head))) == head, "what was read is printed and read again");
  const auto strict = read_strictly(octets);
  const auto lenient = read_leniently(octets);
  if (!strict.requests.empty())
    require(!lenient.requests.empty() && lenient.requests.front() == strict.requests.front(),
            "both see the same first request");
}

void check_response(OctetView octets) {
  const auto found = read_response_head(octets);
  if (!found || !*found) return;
  const auto& [head, size] = **found;
  check_head(head.fields);
  const auto theirs = beast_reads<false>(octets.first(size));
  require(theirs.has_value(), "Beast reads the answer that we read");
  require(head.status == static_cast<int>(theirs->result_int()), "the same status");
  require(same_fields(head.fields, *theirs), "the same fields of an answer");
  require(parse_response_head(as_octets(print(head))) == head, "an answer is printed and read again");
}

}  // namespace
}  // namespace upspec::h1

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  upspec::h1::check_request({octets, size});
  upspec::h1::check_response({octets, size});
  return 0;
}
