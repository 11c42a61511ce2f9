#include "endpoint/url.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace upspec {
namespace {

struct Scheme {
  std::string_view name;
  bool tls;
};
constexpr std::array<Scheme, 4> schemes{{{"http", false}, {"https", true}, {"ws", false}, {"wss", true}}};

bool may_stand_in_path(char c) { return c > ' ' && c < 0x7f; }

}  // namespace

Result<Url> parse_url(std::string_view text) {
  const auto wrong = [text](std::string_view what) {
    return fail(cat(quoted(text), ": ", what, "; a URL is meant, as https://127.0.0.1:8443/echo"));
  };
  const auto colon = text.find("://");
  if (colon == text.npos) return wrong("no scheme");
  const auto* const scheme =
      std::ranges::find_if(schemes, [&](const Scheme& one) { return equal_folded(one.name, text.substr(0, colon)); });
  if (scheme == schemes.end()) return wrong("the scheme is none of http, https, ws, wss");

  std::string_view rest = text.substr(colon + 3);
  rest = rest.substr(0, rest.find('#'));  // a fragment stays with the client (RFC 9110 4.2.5)
  const auto slash = std::min(rest.find_first_of("/?"), rest.size());
  Url url;
  url.tls = scheme->tls;
  url.authority = rest.substr(0, slash);
  url.path = rest.substr(slash);
  if (!url.path.starts_with('/')) url.path.insert(0, "/");
  if (!std::ranges::all_of(url.path, may_stand_in_path)) return wrong("the path holds what no path may");

  const bool has_port = url.authority.rfind(':') != std::string::npos && !url.authority.ends_with(']');
  auto address = parse_address(has_port ? url.authority : cat(url.authority, url.tls ? ":443" : ":80"));
  if (!address || address->port == 0) return wrong("the host or the port is wrong");
  url.address = std::move(*address);
  return url;
}

}  // namespace upspec
