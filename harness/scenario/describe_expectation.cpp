#include "base/text.hpp"
#include "scenario/match.hpp"
#include "scenario/match_section.hpp"
#include "ws/frame.hpp"

namespace upspec {

namespace {

std::string describe(const Pattern& pattern, const Scope& scope) {
  switch (pattern.kind) {
    case Pattern::Kind::exact:
      return quoted(filled(pattern.text, scope));
    case Pattern::Kind::any:
      return "any value";
    case Pattern::Kind::regex:
      return cat("matching ", filled(pattern.text, scope));
    case Pattern::Kind::list: {
      std::string all;
      for (const auto& member : pattern.members) all += cat(all.empty() ? "" : ", ", filled(member, scope));
      for (const auto& member : pattern.forbidden) all += cat(all.empty() ? "" : ", ", "not ", filled(member, scope));
      return cat("the members ", all, pattern.others ? " and perhaps others" : "");
    }
  }
  return {};
}

struct Describer {
  const Scope& scope;

  std::string operator()(const ExpectHeaders& part) const {
    std::string all = cat("HEADERS on stream ", part.stream);
    for (const auto& field : part.fields) {
      all += field.absent ? cat(", no ", field.name) : cat(", ", field.name, " ", describe(field.pattern, scope));
    }
    if (part.end) all += *part.end ? ", with END_STREAM" : ", without END_STREAM";
    return all;
  }
  std::string operator()(const ExpectHead& part) const {
    std::string all = "a head";
    for (std::size_t i = 0; i < part.start.size(); ++i) all += cat(i == 0 ? " " : ", ", describe(part.start[i], scope));
    for (const auto& field : part.fields)
      all += field.absent ? cat(", no ", field.name) : cat(", ", field.name, " ", describe(field.pattern, scope));
    return all;
  }
  std::string operator()(const ExpectContent& part) const {
    return cat("the content ", quoted(filled(part.octets, scope), 200));
  }
  std::string operator()(const ExpectAborted&) const { return "the channel broken off"; }
  std::string operator()(const ExpectOctets& part) const {
    return cat("the octets ", quoted(filled(part.octets, scope), 200));
  }
  std::string operator()(const ExpectAmount& part) const { return cat(part.least, " octets on stream ", part.stream); }
  std::string operator()(const ExpectWs& part) const {
    const auto payload =
        part.code ? ws::close_payload(*part.code) : to_octets(std::string_view(filled(part.payload, scope)));
    const auto opcode = part.opcode == any_message ? static_cast<std::uint8_t>(ws::Opcode::text) : part.opcode;
    return cat("the WebSocket message ", ws::describe({true, 0, opcode, std::nullopt, payload}));
  }
  std::string operator()(const ExpectInner& part) const {
    return cat("a frame ", h2::frame_type_name(part.type), " of the inner connection");
  }
  std::string operator()(const ExpectEnd& part) const { return cat("END_STREAM on stream ", part.stream); }
  std::string operator()(const ExpectReset& part) const {
    return cat("RST_STREAM", part.code ? cat("(", h2::error_name(*part.code), ")") : "", " on stream ", part.stream);
  }
  std::string operator()(const ExpectGoaway& part) const {
    return cat("GOAWAY", part.code ? cat("(", h2::error_name(*part.code), ")") : "");
  }
  std::string operator()(const ExpectRequest& part) const {
    const auto& protocol = scope.at("protocol");
    return cat(protocol == "none" ? "an ordinary request"
                                  : cat("a request for ", protocol, " in dialect ", scope.at("dialect")),
               " on stream ", part.stream);
  }
  std::string operator()(const ExpectClosed&) const { return "the end of the connection"; }
  std::string operator()(const ExpectSettingsAck&) const { return "an acknowledgement of the SETTINGS sent"; }
};
}  // namespace

std::string describe(const std::vector<ExpectPart>& parts, const Scope& scope) {
  std::string all;
  for (const auto& part : parts) all += cat(all.empty() ? "" : "; then ", std::visit(Describer{scope}, part));
  return all;
}
}  // namespace upspec
