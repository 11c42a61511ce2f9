#include "script/accept.hpp"

#include "ws/handshake.hpp"

namespace upspec::script {

std::string key_of(const std::vector<h2::FieldSection>& sections) {
  for (auto section = sections.rbegin(); section != sections.rend(); ++section)
    if (const auto* key = h2::find(*section, "sec-websocket-key")) return *key;
  return "";
}

std::string fill_accept(std::string text, const std::string& key) {
  auto at = text.find(accept_hole);
  if (at == text.npos) return text;
  const auto accept = key.empty() ? std::string() : ws::accept_for(key);
  for (; at != text.npos; at = text.find(accept_hole, at + accept.size())) text.replace(at, accept_hole.size(), accept);
  return text;
}

}  // namespace upspec::script
