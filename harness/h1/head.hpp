// HTTP/1.1 heads as values (RFC 9112 2 to 5): read them strictly, print them, ask what their lists hold.
// Octets in, values out. Knows no connection, no time, and nothing of HTTP/2.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/octets.hpp"
#include "base/result.hpp"

namespace upspec::h1 {

struct Field {
  std::string name;   // as it was sent
  std::string value;  // without the white space around it
  bool operator==(const Field&) const = default;
};
using Fields = std::vector<Field>;

// "GET /chat HTTP/1.1"  is  {"GET", "/chat", {}, 1}
struct RequestHead {
  std::string method;
  std::string target;
  Fields fields;
  int minor = 1;  // of HTTP/1.x: 0 or 1
  bool operator==(const RequestHead&) const = default;
};

struct ResponseHead {
  int status = 0;
  std::string reason;
  Fields fields;
  int minor = 1;
  bool operator==(const ResponseHead&) const = default;
};

inline constexpr std::size_t largest_head = 1u << 17;

// What was read, and how many octets it took; what follows is content, another message, or a channel.
template <class Head>
struct Read {
  Head head;
  std::size_t size;
};
template <class Head>
using MaybeRead = Result<std::optional<Read<Head>>>;

// The head at the start of what a peer has sent so far; nothing yet; or why this can never become one, as early as that
// shows. Bare CR or LF, other controls, white space before a colon, and folded lines are errors, and so are
// `content-length` and `transfer-encoding` that contradict each other or themselves.
MaybeRead<RequestHead> read_request_head(OctetView octets);
MaybeRead<ResponseHead> read_response_head(OctetView octets);
// As read_request_head, but only once the request's content is whole, too; its octets count in `size`.
MaybeRead<RequestHead> read_request(OctetView octets);

// Exactly one head, whole, and nothing behind it.
Result<RequestHead> parse_request_head(OctetView octets);
Result<ResponseHead> parse_response_head(OctetView octets);

// The octets of a head, its empty line included. What stands in it is written as it is: a case may want what is wrong.
std::string print(const RequestHead& head);
std::string print(const ResponseHead& head);
// "Switching Protocols" for 101; RFC 9110 15. Empty where it has none.
std::string reason_for(int status);

// No control but the tab, no white space at either end (RFC 9110 5.5).
bool is_field_value(std::string_view value);

// The first value of that name, or nothing. Names compare without regard to case.
const std::string* find(const Fields& fields, std::string_view name);
std::size_t count(const Fields& fields, std::string_view name);
// The members of a comma list over all fields of that name, as they were sent, empty ones left out (RFC 9110 5.6.1).
std::vector<std::string> members(const Fields& fields, std::string_view name);
// The options of `Connection`, in lower case, each once.
std::vector<std::string> connection_options(const Fields& fields);

}  // namespace upspec::h1
