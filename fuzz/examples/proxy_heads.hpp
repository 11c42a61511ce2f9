// What the example of an intermediary (nghttp2_proxy.cpp) makes of heads: a request of HTTP/2 for an origin that speaks
// HTTP/1.1, and its answer for the front. Heads in, heads out; it knows no connection.
#pragma once

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace example {

struct Field {
  std::string name, value;
};
using Fields = std::vector<Field>;
const std::string* find(const Fields& fields, std::string_view name);

struct Request {
  Fields fields;
  std::string protocol;  // of an extended CONNECT
  std::string key;       // of Sec-WebSocket-Key behind
};
// RFC 6455 4.1: sixteen octets that nobody can foretell, in base64.
std::string fresh_key();

// What goes behind for it, or the status that says why nothing does.
struct Head {
  std::string text;
  int refusal = 0;
  bool chunked = false;
};
Head head_for(const Request& request, bool has_content);

using Answer = boost::beast::http::message<false, boost::beast::http::string_body>;
// RFC 9110 7.6.1: what belongs to the hop behind stays there. Nothing: it is no right field section of HTTP/2.
std::optional<Fields> fields_of(const Answer& answer, int status);
// Is this 101 the accept of what the request asked for?
bool accepts(const Answer& answer, const Request& request);

}  // namespace example
