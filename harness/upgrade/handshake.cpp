#include "upgrade/handshake.hpp"

#include <string>

#include "base/base64.hpp"
#include "base/text.hpp"
#include "ws/handshake.hpp"

namespace upspec {
namespace {

std::vector<std::string_view> values_of(const h2::FieldSection& request, std::string_view name) {
  std::vector<std::string_view> values;
  for (const auto& field : request)
    if (field.name == name) values.push_back(field.value);
  return values;
}

class Check {
 public:
  explicit Check(const h2::FieldSection& request) : request_(request) {}

  void websocket_of_upgrade() {
    const auto* method = h2::find(request_, ":method");
    const bool is_connect = method && *method == "CONNECT";  // REQ-04's own
    if (method && *method != "GET" && !is_connect) add("WS-07", cat(*method, " asks for websocket"));
    const auto keys = values_of(request_, "sec-websocket-key");
    if (keys.size() != 1)
      add("WS-03", cat(keys.size(), " fields sec-websocket-key"));
    else if (!ws::is_key(keys.front()))
      add("WS-03", cat("sec-websocket-key ", quoted(keys.front(), 60), " is not 16 octets in base64"));
    const auto versions = values_of(request_, "sec-websocket-version");
    if (versions.size() != 1) return add("WS-04", cat(versions.size(), " fields sec-websocket-version"));
    websocket_version(versions.front());
  }
  void websocket_of_connect() {
    const auto versions = values_of(request_, "sec-websocket-version");
    if (versions.size() == 1) websocket_version(versions.front());
  }

  // RFC 7540 3.2.1. An empty value may be taken as no settings.
  void h2c() {
    const auto settings = values_of(request_, "http2-settings");
    if (settings.size() != 1) return add("H2C-02", cat(settings.size(), " fields http2-settings"));
    const auto octets = unbase64url(settings.front());
    constexpr std::size_t one_setting = 6;
    if (!octets || octets->size() % one_setting != 0)
      add("H2C-03", cat("http2-settings ", quoted(settings.front(), 60), " is no base64url of whole settings"));
  }

  std::vector<Breach> take() { return std::move(out_); }

 private:
  void websocket_version(std::string_view version) {
    if (version != "13") add("WS-04", cat("sec-websocket-version is ", quoted(version, 60)));
  }
  void add(std::string_view requirement, std::string text) {
    out_.push_back({std::string(requirement), std::move(text), 0});
  }

  const h2::FieldSection& request_;
  std::vector<Breach> out_;
};

}  // namespace

std::vector<Breach> check_handshake(const h2::FieldSection& request, Dialect dialect, std::string_view protocol) {
  Check check(request);
  const bool upgrade = dialect == Dialect::upgrade;
  if (same_protocol(protocol, "websocket")) upgrade ? check.websocket_of_upgrade() : check.websocket_of_connect();
  if (same_protocol(protocol, "h2c") && upgrade) check.h2c();
  return check.take();
}

}  // namespace upspec
