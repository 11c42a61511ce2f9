#include "peer/server_request.hpp"

#include <algorithm>
#include <array>

#include "base/base64.hpp"
#include "base/text.hpp"
#include "h2/frame.hpp"
#include "upgrade/attributes.hpp"
#include "upgrade/offer.hpp"
#include "upgrade/sections.hpp"
#include "ws/handshake.hpp"

namespace upspec {

namespace {

constexpr std::array<std::string_view, 2> known_subprotocols = {"chat", "superchat"};
constexpr std::string_view greeting = "upspec reference server\n";

// What an application needs to say yes or no to one offer. No decision: the offer is ignored.
struct Question {
  const ServerRequest& request;
  const ServerTerms& terms;
  Dialect dialect;
  const Offer& offer;  // in `connect`: the protocol, without attributes
};

Decision accept(const Question& q, ChannelProtocol protocol, std::string_view name) {
  Decision decision{.kind = Decision::Kind::accept, .protocol = protocol};
  if (q.dialect == Dialect::upgrade) {
    decision.fields = {{":status", "101"}, {":upgrade", std::string(name)}};
  } else {
    decision.fields = {{":status", "200"}};
  }
  return decision;
}

// The only value of the only field of that name.
const std::string* only(const h2::FieldSection& fields, std::string_view name) {
  return h2::count(fields, name) == 1 ? h2::find(fields, name) : nullptr;
}

// WS-04; RES-09: 426 and its `:upgrade` belong to dialect `upgrade`.
Decision wrong_version(Dialect dialect) {
  auto answer = plain_answer(dialect == Dialect::upgrade ? 426 : 400);
  if (dialect == Dialect::upgrade) answer.fields.insert(answer.fields.begin() + 1, {":upgrade", "websocket"});
  answer.fields.push_back({"sec-websocket-version", "13"});
  return answer;
}

std::optional<Decision> consider_websocket(const Question& q) {
  const auto& fields = q.request.fields;
  if (q.dialect == Dialect::upgrade && q.request.method() != "GET") return plain_answer(400);  // WS-07
  const auto* version = only(fields, "sec-websocket-version");
  if (!version || *version != "13") return wrong_version(q.dialect);
  const auto* key = only(fields, "sec-websocket-key");
  if (q.dialect == Dialect::upgrade && (!key || !ws::is_key(*key))) return plain_answer(400);  // WS-03
  if (q.request.end_stream) return std::nullopt;  // REQ-12: nothing could be said in it

  auto decision = accept(q, ChannelProtocol::websocket, "websocket");
  if (q.dialect == Dialect::upgrade) decision.fields.push_back({"sec-websocket-accept", ws::accept_for(*key)});
  const auto subprotocols = asked_by(fields).subprotocols;
  const auto chosen = std::ranges::find_if(subprotocols, [](const auto& name) {
    return std::ranges::find(known_subprotocols, name) != known_subprotocols.end();
  });
  if (chosen != subprotocols.end()) decision.fields.push_back({"sec-websocket-protocol", *chosen});
  return decision;
}

std::optional<Decision> consider_echo(const Question& q) {
  return accept(q, ChannelProtocol::upspec_echo, "upspec-echo");
}

// What nghttp2 would end the inner connection over is refused before there is one.
bool may_be_applied(const h2::Setting& setting) {
  struct Range {
    std::uint16_t id;
    std::uint32_t least, most;
  };
  static constexpr std::array ranges = {
      Range{h2::setting::enable_push, 0, 1}, Range{h2::setting::initial_window_size, 0, 0x7fffffff},
      Range{h2::setting::max_frame_size, 0x4000, 0xffffff}, Range{h2::setting::enable_connect_protocol, 0, 1}};
  return std::ranges::none_of(ranges, [&](const Range& range) {
    return range.id == setting.id && (setting.value < range.least || setting.value > range.most);
  });
}

std::optional<Decision> consider_h2c(const Question& q) {
  const auto* value = only(q.request.fields, "http2-settings");
  const auto attributes = effective_attributes(q.offer);
  const bool named = std::ranges::find(attributes, "http2-settings") != attributes.end();
  // H2C-10, H2C-02, H2C-07: ignored.
  if (q.terms.h2c_depth < 1 || !value || !named) return std::nullopt;
  const auto payload = unbase64url(*value);
  if (!payload) return plain_answer(400);  // H2C-03
  const auto settings = h2::read_settings(*payload);
  if (!settings || !std::ranges::all_of(*settings, may_be_applied)) return plain_answer(400);
  auto decision = accept(q, ChannelProtocol::h2c, "h2c");
  decision.h2c_settings = *payload;
  return decision;
}

struct Application {
  std::string_view protocol;
  std::string_view path;  // empty: every path
  bool in_connect;
  std::optional<Decision> (*consider)(const Question&);
};

constexpr std::array applications = {
    Application{"websocket", "/echo", true, consider_websocket},
    Application{"upspec-echo", "/raw", true, consider_echo},
    Application{"h2c", "", false, consider_h2c},
};

const Application* application_for(const Question& q) {
  const auto found = std::ranges::find_if(applications, [&](const Application& one) {
    return same_protocol(one.protocol, q.offer.protocol) && (one.path.empty() || one.path == q.request.path()) &&
           (q.dialect == Dialect::upgrade || one.in_connect);
  });
  return found == applications.end() ? nullptr : &*found;
}

// REQ-10: the first offer that can be accepted; else what stood against the first that is known here; else REQ-11.
Decision decide_upgrade(const ServerRequest& request, const ServerTerms& terms) {
  std::optional<Decision> refusal;
  const auto offers = parse_offers(*h2::find(request.fields, ":upgrade")).value_or(std::vector<Offer>{});
  for (const auto& offer : offers) {
    const Question question{request, terms, Dialect::upgrade, offer};
    const auto* application = application_for(question);
    if (!application) continue;
    auto decision = application->consider(question);
    if (decision && decision->kind == Decision::Kind::accept) return *decision;
    if (decision && !refusal) refusal = std::move(decision);
  }
  return refusal ? *refusal : ordinary_answer(request);
}

Decision decide_connect(const ServerRequest& request, const ServerTerms& terms) {
  if (!h2::find(request.fields, ":authority") && !h2::find(request.fields, "host")) return plain_answer(400);  // XC-17
  const Offer offer{*h2::find(request.fields, ":protocol"), {}};
  const Question question{request, terms, Dialect::connect, offer};
  const auto* application = application_for(question);
  if (!application) return plain_answer(501);  // XC-18
  return application->consider(question).value_or(plain_answer(400));
}

}  // namespace

std::string_view ServerRequest::method() const {
  const auto* method = h2::find(fields, ":method");
  return method ? std::string_view(*method) : std::string_view();
}

std::string_view ServerRequest::path() const {
  const auto* path = h2::find(fields, ":path");
  return path ? std::string_view(*path).substr(0, path->find('?')) : std::string_view();
}

bool ServerRequest::waits_for_100() const {
  const auto* expect = h2::find(fields, "expect");
  return expect && equal_folded(*expect, "100-continue");
}

Decision plain_answer(int status) { return {.fields = {{":status", cat(status)}, {"content-length", "0"}}}; }

Decision reset_with(h2::ErrorCode code) { return {.kind = Decision::Kind::reset, .code = code}; }

bool is_known_protocol(std::string_view name) {
  return std::ranges::any_of(applications, [&](const Application& one) { return same_protocol(one.protocol, name); });
}

Decision ordinary_answer(const ServerRequest& request) {
  if (request.method() == "CONNECT") return plain_answer(501);  // XC-11: no tunnels here
  Decision answer{.fields = {{":status", "200"}, {"content-type", "text/plain"}}};
  if (request.method() == "POST") {
    answer.echoes_content = true;
  } else {
    answer.fields.push_back({"content-length", cat(greeting.size())});
    if (request.method() != "HEAD") answer.content = to_octets(greeting);
  }
  return answer;
}

Decision decide(const ServerRequest& request, const ServerTerms& terms) {
  const auto dialect = asked_dialect(request.fields);
  if (dialect == Dialect::upgrade) return decide_upgrade(request, terms);
  if (dialect == Dialect::connect) return decide_connect(request, terms);
  return ordinary_answer(request);
}

}  // namespace upspec
