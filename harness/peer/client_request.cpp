#include "peer/client_request.hpp"

#include "base/base64.hpp"
#include "base/text.hpp"
#include "peer/client_channel.hpp"
#include "peer/section_edit.hpp"

namespace upspec {

h2::FieldSection client_request(const ClientOptions& options, std::optional<Dialect> dialect, Random& random) {
  h2::FieldSection fields = options.fields;
  for (auto& field : fields) field.name = lower(field.name);  // REQ-14
  Ask ask{options.protocol, options.scheme, options.authority, options.path, {}, {}};
  if (!dialect) {
    auto section = request_for(Dialect::upgrade, ask);
    drop(section, ":upgrade");
    section.insert(section.end(), fields.begin(), fields.end());
    return section;
  }
  if (ask.protocol == "websocket") {
    ask.fields.push_back({"sec-websocket-version", "13"});
    // RFC 8441 5: no key in dialect `connect`.
    if (dialect == Dialect::upgrade) ask.fields.push_back({"sec-websocket-key", base64(random.octets(16))});
  } else if (ask.protocol == "h2c") {
    ask.attributes = {"http2-settings"};
    ask.fields.push_back({"http2-settings", base64url(H2cClient::settings())});
  }
  ask.fields.insert(ask.fields.end(), fields.begin(), fields.end());
  return request_for(*dialect, ask);
}

h2::FieldSection inner_post(const ClientOptions& options) {
  auto section = request_for(Dialect::upgrade, {"", options.scheme, options.authority, options.path, {}, {}});
  drop(section, ":upgrade");
  set(section, ":method", "POST");
  return section;
}

}  // namespace upspec
