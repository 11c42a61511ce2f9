#include "run/page_host.hpp"

#include "base/text.hpp"
#include "report/json_writer.hpp"
#include "run/page.hpp"

namespace upspec {

namespace {

// Of a browser that connects anew for each request, in a run of some minutes.
constexpr std::size_t most_connections = 5000;

// "a%2C%20b" is "a, b" (RFC 3986 2.1); what is no escape stays as it is.
std::string without_escapes(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto octet = text[i] == '%' ? unhex(text.substr(i + 1, 2)) : std::nullopt;
    const bool escaped = octet && octet->size() == 1;
    plain += escaped ? static_cast<char>(octet->front()) : text[i];
    if (escaped) i += 2;
  }
  return plain;
}

std::string as_json(const std::optional<Visits::Next>& next) {
  report::JsonWriter json;
  json.begin_object();
  if (next) {
    json.key("number").number(next->number);
    json.key("url").text(next->call.url);
    json.key("protocol").text(next->call.protocol);
    json.key("message").text(next->call.message);
  }
  json.end_object();
  return json.take();
}

}  // namespace

std::optional<std::size_t> PageHost::accepted(Moment) {
  if (desks_.size() >= most_connections) return std::nullopt;
  desks_.emplace_back(true, [this](std::string_view path) { return answer(path); });
  return desks_.size() - 1;
}

Desk::Answer PageHost::answer(std::string_view path) {
  if (path == "/") return {200, std::string(page()), "text/html"};
  if (path == "/next") return {200, as_json(visits_.next()), "application/json"};
  const auto parts = split(path, '/');  // "", "said", number, result, what
  const bool is_word = parts.size() == 5 && parts[1] == "said" && (parts[3] == "success" || parts[3] == "failure");
  const auto number = is_word ? to_number(parts[2]) : std::nullopt;
  if (!number) return {404, "there are /, /next and /said/NUMBER/RESULT/WHAT\n"};
  visits_.said(*number, parts[3] == "success", without_escapes(parts[4]));
  return {200, "heard\n"};
}

}  // namespace upspec
