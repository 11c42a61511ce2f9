#include "h1/head.hpp"

#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/status.hpp>
#include <functional>
#include <type_traits>

#include "base/text.hpp"

namespace upspec::h1 {

namespace {

namespace http = boost::beast::http;

constexpr std::size_t usual_fields = 8;  // of a head, so that they are not moved while they come

template <bool is_request>
using Head = std::conditional_t<is_request, RequestHead, ResponseHead>;

// Beast reads; this keeps what it saw.
template <bool is_request>
class Parser final : public http::basic_parser<is_request> {
 public:
  explicit Parser(OctetView octets) : end_(as_text(octets).data() + octets.size()) {
    this->header_limit(largest_head);
    this->body_limit(boost::none);
    head.fields.reserve(usual_fields);
  }

  Head<is_request> head;

 private:
  using View = boost::beast::string_view;
  using Code = boost::beast::error_code;

  static std::string text(View view) { return {view.data(), view.size()}; }

  // Beast joins folded lines, as RFC 9112 5.2 lets it; we refuse them. A value that it joined is a copy, or stands on
  // another line than its name.
  bool is_folded(View name, View value) const {
    const std::less<> before;
    if (before(value.data(), name.data()) || before(end_, value.data())) return true;
    return View(name.begin(), static_cast<std::size_t>(value.end() - name.begin())).find('\r') != View::npos;
  }

  void on_request_impl(http::verb, View method, View target, int version, Code&) override {
    if constexpr (is_request) head.method = text(method), head.target = text(target), head.minor = version % 10;
  }
  void on_response_impl(int status, View reason, int version, Code& error) override {
    if constexpr (!is_request) head.status = status, head.reason = text(reason), head.minor = version % 10;
    if (status < 100) error = http::error::bad_status;
  }
  void on_field_impl(http::field, View name, View value, Code& error) override {
    if (is_folded(name, value)) error = http::error::bad_obs_fold;
    if (!in_trailers_) head.fields.push_back({text(name), text(value)});
  }
  void on_header_impl(Code&) override { in_trailers_ = true; }
  void on_body_init_impl(const boost::optional<std::uint64_t>&, Code&) override {}
  std::size_t on_body_impl(View octets, Code&) override { return octets.size(); }
  void on_chunk_header_impl(std::uint64_t, View, Code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, View octets, Code&) override { return octets.size(); }
  void on_finish_impl(Code&) override {}

  const char* end_;
  bool in_trailers_ = false;
};

// How many octets it takes as far as it reads; an error where they can never become a message.
template <bool is_request>
Result<std::size_t> put(Parser<is_request>& parser, OctetView octets) {
  boost::beast::error_code error;
  const auto size = parser.put({octets.data(), octets.size()}, error);
  if (!error || error == http::error::need_more) return size;
  return fail(cat("no HTTP/1.1 ", is_request ? "request" : "response", ": ", error.message()));
}

template <bool is_request>
MaybeRead<Head<is_request>> read(OctetView octets) {
  Parser<is_request> parser(octets);
  const auto size = put(parser, octets);
  if (!size) return tl::unexpected(size.error());
  if (!parser.is_header_done()) return std::nullopt;
  return Read<Head<is_request>>{std::move(parser.head), *size};
}

template <bool is_request>
Result<Head<is_request>> parse(OctetView octets) {
  auto found = read<is_request>(octets);
  if (!found) return tl::unexpected(found.error());
  if (!*found) return fail("the head ends before its empty line");
  if ((*found)->size != octets.size()) return fail(cat(octets.size() - (*found)->size, " octets behind the head"));
  return std::move((*found)->head);
}

std::string print(std::string all, const Fields& fields) {
  auto size = all.size() + 4;
  for (const auto& [name, value] : fields) size += name.size() + value.size() + 4;
  all.reserve(size);
  all += "\r\n";
  for (const auto& [name, value] : fields) {
    for (const std::string_view piece : {std::string_view(name), std::string_view(": "), std::string_view(value)})
      all += piece;
    all += "\r\n";
  }
  return all += "\r\n";
}

}  // namespace

MaybeRead<RequestHead> read_request_head(OctetView octets) { return read<true>(octets); }

MaybeRead<ResponseHead> read_response_head(OctetView octets) { return read<false>(octets); }

MaybeRead<RequestHead> read_request(OctetView octets) {
  Parser<true> parser(octets);
  const auto head_size = put(parser, octets);
  if (!head_size) return tl::unexpected(head_size.error());
  if (!parser.is_header_done()) return std::nullopt;
  // RFC 9112 6.3: where `chunked` is not the last coding nobody can tell how long the content is; 6.1: HTTP/1.0 has
  // none.
  const auto& head = parser.head;
  const auto codings = members(head.fields, "transfer-encoding");
  if (!codings.empty() && (head.minor == 0 || !equal_folded(codings.back(), "chunked"))) {
    return fail(
        cat("no HTTP/1.1 request: transfer-encoding ends in ", quoted(codings.back()), " in HTTP/1.", head.minor));
  }
  auto size = *head_size;
  if (!parser.is_done() && size < octets.size()) {
    parser.eager(true);
    const auto content = put(parser, octets.subspan(size));
    if (!content) return tl::unexpected(content.error());
    size += *content;
  }
  if (!parser.is_done()) return std::nullopt;
  return Read<RequestHead>{std::move(parser.head), size};
}

Result<RequestHead> parse_request_head(OctetView octets) { return parse<true>(octets); }

Result<ResponseHead> parse_response_head(OctetView octets) { return parse<false>(octets); }

std::string print(const RequestHead& head) {
  return print(cat(head.method, " ", head.target, " HTTP/1.", head.minor), head.fields);
}

std::string print(const ResponseHead& head) {
  return print(cat("HTTP/1.", head.minor, " ", head.status, " ", head.reason), head.fields);
}

std::string reason_for(int status) {
  const auto known = http::int_to_status(static_cast<unsigned>(status));
  if (known == http::status::unknown) return {};
  const auto reason = http::obsolete_reason(known);
  return {reason.data(), reason.size()};
}

bool is_field_value(std::string_view value) {
  const auto is_control = [](char c) { return (static_cast<std::uint8_t>(c) < 0x20 && c != '\t') || c == 0x7f; };
  return std::ranges::none_of(value, is_control) && trim(value).size() == value.size();
}

const std::string* find(const Fields& fields, std::string_view name) {
  const auto at = std::ranges::find_if(fields, [&](const Field& field) { return equal_folded(field.name, name); });
  return at == fields.end() ? nullptr : &at->value;
}

std::size_t count(const Fields& fields, std::string_view name) {
  const auto is_it = [&](const Field& field) { return equal_folded(field.name, name); };
  return static_cast<std::size_t>(std::ranges::count_if(fields, is_it));
}

namespace {

template <class Use>
void for_each_member(const Fields& fields, std::string_view name, Use use) {
  for (const auto& field : fields) {
    if (!equal_folded(field.name, name)) continue;
    for (std::string_view rest = field.value; !rest.empty();) {
      const auto end = std::min(rest.find(','), rest.size());
      if (const auto member = trim(rest.substr(0, end)); !member.empty()) use(member);
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
}

}  // namespace

std::vector<std::string> members(const Fields& fields, std::string_view name) {
  std::vector<std::string> found;
  for_each_member(fields, name, [&](std::string_view member) { found.emplace_back(member); });
  return found;
}

std::vector<std::string> connection_options(const Fields& fields) {
  std::vector<std::string> options;
  for_each_member(fields, "connection", [&](std::string_view member) {
    if (auto option = lower(member); std::ranges::find(options, option) == options.end())
      options.push_back(std::move(option));
  });
  return options;
}

}  // namespace upspec::h1
