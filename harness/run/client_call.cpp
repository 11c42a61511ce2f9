#include "run/client_call.hpp"

#include <optional>

#include "base/text.hpp"

namespace upspec {

namespace {

std::string path_for(const Case& one, const Situation& situation) {
  const auto protocol = protocol_of(one);
  const auto at = situation.paths.find(protocol == "upspec-echo" ? "raw" : std::string(protocol));
  return at == situation.paths.end() ? "/" : at->second;
}

}  // namespace

std::string url_for(const Case& one, const Situation& situation) {
  return cat(situation.scheme, "://", situation.authority, path_for(one, situation));
}

std::string message_for(const Case& one) { return protocol_of(one) == "none" ? "" : one.message; }

TalkingClient talking_client(const Case& one, ClientOptions options, const Situation& situation) {
  options.dialect = one.dialect;
  options.protocol = protocol_of(one);
  options.scheme = situation.scheme;
  options.authority = situation.authority;
  options.path = path_for(one, situation);
  options.upgrade_setting = situation.upgrade_setting;
  options.upgrade_needs_setting = situation.upgrade_needs_setting;
  const auto message = options.protocol == "none" ? std::nullopt : std::optional(one.message);
  return {std::move(options), message, [](OctetView) {}};
}

ClientReport report_of(const TalkingClient& client) {
  if (client.came() == TalkingClient::Came::success) return {ClientReport::How::success, "ended with success"};
  return {ClientReport::How::failure, cat("ended with a failure: ", client.trouble())};
}

}  // namespace upspec
