// The URLs that `upspec connect` takes: http, https, ws and wss. Text in, values out.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "net/address.hpp"

namespace upspec {

//   "wss://a.example/chat?room=1"  is  {true, {"a.example", 443}, "a.example", "/chat?room=1"}
struct Url {
  bool tls = false;
  Address address;
  std::string authority;  // as it was written
  std::string path;       // with the query; "/" when there is none
};

Result<Url> parse_url(std::string_view text);

}  // namespace upspec
