// Translation never smuggles: what goes in as one request comes out as one, for a strict and for a lenient reader, with
// no CR, LF or NUL in it and no field that belongs to the other hop; and there and back is the identity on what is
// allowed. Sections of the script are requests and answers of HTTP/2, raw steps are heads of HTTP/1.1.
#include <algorithm>

#include "base/text.hpp"
#include "h1/lenient.hpp"
#include "require.hpp"
#include "script/script.hpp"
#include "upgrade/attributes.hpp"
#include "upgrade/sections.hpp"
#include "upgrade/translate.hpp"

namespace upspec {
namespace {

constexpr std::string_view fresh_key = "dGhlIHNhbXBsZSBub25jZQ==";

std::vector<std::string> names_of(const h2::FieldSection& request) {
  std::vector<std::string> names;
  if (const auto* value = h2::find(request, ":upgrade"))
    for (const auto& offer : parse_offers(*value).value_or(std::vector<Offer>{}))
      for (const auto& name : offer.attributes) names.push_back(lower(name));
  return names;
}

void check_head(const h2::FieldSection& request, const h1::RequestHead& head) {
  const auto octets = print(head);
  const auto again = h1::parse_request_head(as_octets(octets));
  require(again && *again == head, "the head is read as it was made");
  require(
      h1::read_leniently(as_octets(octets)).requests == std::vector<std::string>{cat(head.method, " ", head.target)},
      "a lenient reader sees one request");
  require(!h1::disagreement(as_octets(octets)), "strict and lenient agree");
  require(octets.find('\0') == std::string::npos, "no NUL");
  require(h1::count(head.fields, "host") == 1 && h1::count(head.fields, "content-length") <= 1, "one host, one length");
  require(!h1::find(head.fields, "content-length") || !h1::find(head.fields, "transfer-encoding"),
          "lengths do not contradict");
  const auto allowed = names_of(request);
  for (const auto& option : h1::connection_options(head.fields))
    require(option == "upgrade" || option == "te" || std::ranges::find(allowed, option) != allowed.end(),
            "Connection names upgrade, te and attributes");
  for (const auto& field : head.fields) require(!field.name.starts_with(':'), "no pseudo-header is a field");
}

// Without what a hop may change by right.
std::vector<std::pair<std::string, std::string>> kept(const h2::FieldSection& section) {
  std::vector<std::pair<std::string, std::string>> all;
  for (const auto& [name, value] : section) {
    if (name == "cookie" || name == "te" || name == "host" || name == ":authority" || name == ":scheme" ||
        name == ":upgrade" || name == "content-length" || name == "expect" || name == "sec-websocket-key" ||
        is_for_every_recipient(name))
      continue;
    all.emplace_back(name, value);
  }
  std::ranges::sort(all);
  return all;
}

void check_back(const h2::FieldSection& request, const h1::RequestHead& head) {
  const auto dialect = asked_dialect(request);
  const auto* scheme = h2::find(request, ":scheme");
  const auto back = request_12(head, *scheme, dialect);
  if (!back) return;
  require(check_request(*back, {true, true}).empty(), "what comes back is well-formed");
  if (asked_dialect(*back) != dialect) return;  // carried on without the upgrade, by right
  require(*h2::find(*back, ":path") == *h2::find(request, ":path"), "the path is kept");
  require(*h2::find(*back, ":method") == *h2::find(request, ":method"), "the method is kept");
  require(kept(*back) == kept(request), "there and back is the identity");
  if (dialect != Dialect::upgrade) return;
  const auto before = parse_offers(*h2::find(request, ":upgrade")), after = parse_offers(*h2::find(*back, ":upgrade"));
  require(before && after && before->size() == after->size(), "as many offers");
  for (std::size_t i = 0; i < before->size(); ++i)
    require((*before)[i].protocol == (*after)[i].protocol, "the offers in their order");
}

void check_answer(const h2::FieldSection& request, const h1::RequestHead& sent, const h1::ResponseHead& answer) {
  const auto made = response_21(asked_dialect(request), sent, answer);
  if (!made) return;
  auto breaches = check_response(*made, false, asked_by(request));
  // RES-09 is a SHOULD of the origin; the handshake of WebSocket is its ends' affair.
  std::erase_if(breaches, [](const Breach& breach) {
    return breach.requirement == "RES-09" || breach.requirement.starts_with("WS-");
  });
  require(breaches.empty(), "an answer that is passed on breaks no rule in front");
  for (const auto& field : *made)
    require(!is_connection_specific(field.name), "no connection-specific field of the origin in HTTP/2");
}

void check_request_12(const h1::RequestHead& head) {
  for (const auto hop : {std::optional<Dialect>(), std::optional(Dialect::upgrade), std::optional(Dialect::connect)}) {
    const auto made = request_12(head, "http", hop);
    if (!made) continue;
    require(check_request(*made, {hop == Dialect::upgrade, hop == Dialect::connect}).empty(),
            "a request of HTTP/1.1 becomes a well-formed one");
    const bool close = h2::find(*made, "connection") || h2::find(*made, "keep-alive") || h2::find(*made, "upgrade");
    require(!close, "the other hop's fields stay there");
  }
}

}  // namespace
}  // namespace upspec

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  using namespace upspec;
  h2::FieldSection request;
  h1::RequestHead sent;
  h1::RequestHead asked_in_front;
  for (const auto& step : script::decode({octets, size}).steps) {
    if (const auto* section = std::get_if<script::SectionStep>(&step.what)) {
      if (h2::find(section->fields, ":status")) {
        const auto answer = response_12(asked_in_front, request, section->fields, section->end);
        if (answer)
          require(h1::parse_response_head(as_octets(print(*answer))) == *answer, "an answer is read as it was made");
        continue;
      }
      const auto head = request_21(section->fields, section->end, fresh_key);
      if (!head) continue;
      check_head(section->fields, *head);
      check_back(section->fields, *head);
      request = section->fields;
      sent = *head;
    } else if (const auto* raw = std::get_if<script::RawStep>(&step.what)) {
      if (const auto head = h1::parse_request_head(raw->octets)) {
        check_request_12(*head);
        asked_in_front = *head;
      }
      const auto answer = h1::parse_response_head(raw->octets);
      if (answer && !request.empty()) check_answer(request, sent, *answer);
    }
  }
  return 0;
}
