#include "upgrade/dialect.hpp"

#include "base/text.hpp"

namespace upspec {

std::string_view name_of(Dialect dialect) { return dialect == Dialect::upgrade ? "upgrade" : "connect"; }

std::optional<Dialect> dialect_from(std::string_view name) {
  if (name == "upgrade") return Dialect::upgrade;
  if (name == "connect") return Dialect::connect;
  return std::nullopt;
}

std::uint16_t announcing_setting(Dialect dialect, std::uint16_t upgrade_id) {
  return dialect == Dialect::upgrade ? upgrade_id : h2::setting::enable_connect_protocol;
}

h2::FieldSection request_for(Dialect dialect, const Ask& ask) {
  h2::FieldSection section;
  section.push_back({":method", dialect == Dialect::upgrade ? "GET" : "CONNECT"});
  if (dialect == Dialect::connect) section.push_back({":protocol", ask.protocol});
  section.push_back({":scheme", ask.scheme});
  if (!ask.authority.empty()) section.push_back({":authority", ask.authority});
  section.push_back({":path", ask.path});
  if (dialect == Dialect::upgrade) section.push_back({":upgrade", print(Offer{ask.protocol, ask.attributes})});
  section.insert(section.end(), ask.fields.begin(), ask.fields.end());
  return section;
}

std::optional<Dialect> asked_dialect(const h2::FieldSection& request) {
  if (h2::find(request, ":upgrade")) return Dialect::upgrade;
  if (h2::find(request, ":protocol")) return Dialect::connect;
  return std::nullopt;
}

std::optional<int> status_of(const h2::FieldSection& response) {
  const auto* status = h2::find(response, ":status");
  if (!status || status->size() != 3) return std::nullopt;
  const auto number = to_number(*status);
  if (!number || *number < 100) return std::nullopt;
  return static_cast<int>(*number);
}

bool is_accept(Dialect dialect, const h2::FieldSection& response, bool end_stream) {
  const auto status = status_of(response);
  if (dialect == Dialect::upgrade) return status == 101;
  return status && *status >= 200 && *status < 300 && !end_stream;
}

bool is_interim(const h2::FieldSection& response) {
  const auto status = status_of(response);
  return status && *status < 200 && *status != 101;
}

}  // namespace upspec
