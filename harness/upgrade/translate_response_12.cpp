#include "base/text.hpp"
#include "upgrade/attributes.hpp"
#include "upgrade/sections.hpp"
#include "upgrade/translate.hpp"
#include "upgrade/translate_fields.hpp"
#include "ws/handshake.hpp"

namespace upspec {

namespace {

using h1::RequestHead;
using h1::ResponseHead;
using h2::FieldSection;

// RFC 9113 8.2, 8.3.2: one `:status`, before the fields; no other pseudo-header but `:upgrade`; fields that HTTP/2 may
// have.
std::optional<Breach> unfit_form(const FieldSection& answer) {
  bool regular_seen = false;
  for (const auto& field : answer) {
    if (is_pseudo(field.name)) {
      if (regular_seen) return Breach{"RES-01", cat(quoted(field.name), " after a regular field")};
      if (field.name != ":status" && field.name != ":upgrade")
        return Breach{"RES-01", cat("pseudo-header ", quoted(field.name))};
      continue;
    }
    regular_seen = true;
    if (!is_lower(field.name)) return Breach{"REQ-14", cat("field name ", quoted(field.name))};
    if (auto why = uncarriable(field.name, field.value)) return Breach{"PXY-13", std::move(*why)};
    if (is_connection_specific(field.name)) return Breach{"RES-03", cat("field ", field.name)};
  }
  if (h2::count(answer, ":status") != 1 || !status_of(answer)) return Breach{"RES-01", "no :status of three digits"};
  return std::nullopt;
}

// RFC 9110 8.6: a number, and one. What is neither would leave open where the content ends in HTTP/1.1.
std::optional<Breach> unfit_length(const FieldSection& answer) {
  const auto* first = h2::find(answer, "content-length");
  for (const auto& field : answer)
    if (field.name == "content-length" && (!to_number(field.value) || field.value != *first))
      return Breach{"BODY-08", cat("content-length is ", quoted(field.value))};
  return std::nullopt;
}

// PXY-07, RES-01, RES-02, RES-04: a 101 that accepts what was asked.
std::optional<Breach> unfit_switch(const Asked& asked, const FieldSection& answer, bool end_stream) {
  if (!asked.dialect) return Breach{"RES-06", "101 in answer to a request that asked for no upgrade"};
  if (*asked.dialect == Dialect::connect) return Breach{"XC-16", "101 in answer to an extended CONNECT"};
  if (end_stream) return Breach{"RES-02", "101 with END_STREAM"};
  const auto values = h2::count(answer, ":upgrade");
  if (values != 1) return Breach{"PXY-07", cat("101 with ", values, " :upgrade")};
  const auto accepted = parse_accepted(*h2::find(answer, ":upgrade"));
  if (!accepted) return Breach{"PXY-07", cat(":upgrade in 101: ", accepted.error().text)};
  for (const auto& attribute : accepted->attributes)
    if (is_framing_name(attribute)) return Breach{"RES-04", cat("attribute ", attribute, " in 101")};
  for (const auto& offer : asked.offers)
    if (same_protocol(offer.protocol, accepted->protocol)) return std::nullopt;
  return Breach{"PXY-07", cat("101 names ", quoted(accepted->protocol), ", which was not offered")};
}

// RFC 9112 6.1: content of unknown length is chunked for those who know it.
bool is_chunked(const RequestHead& asked, int status, const FieldSection& answer, bool end_stream) {
  const bool has_content = status >= 200 && status != 204 && status != 304 && asked.method != "HEAD";
  return has_content && !end_stream && asked.minor == 1 && !h2::find(answer, "content-length");
}

void add_fields_12(const FieldSection& answer, bool switched, h1::Fields& fields) {
  for (const auto& field : answer) {
    const bool frames = field.name == "content-length" && switched;  // PXY-23
    if (!is_pseudo(field.name) && field.name != "te" && !frames) fields.push_back({field.name, field.value});
  }
}

// XC-15: the client gets the digest of its own key.
ResponseHead connect_switch_12(const RequestHead& asked, const std::string& protocol, const FieldSection& answer) {
  ResponseHead head{101, h1::reason_for(101), {{"Upgrade", protocol}, {"Connection", "upgrade"}}};
  add_fields_12(answer, true, head.fields);
  if (!same_protocol(protocol, "websocket")) return head;
  std::erase_if(head.fields, [](const h1::Field& field) { return field.name == "sec-websocket-accept"; });
  if (const auto* key = h1::find(asked.fields, "sec-websocket-key")) {
    head.fields.push_back({"Sec-WebSocket-Accept", ws::accept_for(*key)});
  }
  return head;
}

}  // namespace

std::optional<Breach> unfit_answer(const FieldSection& sent, const FieldSection& answer, bool end_stream) {
  if (auto breach = unfit_form(answer)) return breach;
  const auto asked = asked_by(sent);
  const int status = *status_of(answer);
  if (status == 101) return unfit_switch(asked, answer, end_stream);
  const bool is_success = status >= 200 && status < 300;
  if (asked.dialect == Dialect::connect && is_success && end_stream) {
    return Breach{"XC-14", cat(status, " with END_STREAM, no accept and no decline")};
  }
  if (auto breach = unfit_length(answer)) return breach;
  const auto* upgrade = h2::find(answer, ":upgrade");
  if (!upgrade) return std::nullopt;
  if (status != 426) return Breach{"RES-08", cat(":upgrade in a ", status)};
  if (h2::count(answer, ":upgrade") > 1 || !parse_offers(*upgrade))
    return Breach{"RES-08", cat(":upgrade in 426 is ", quoted(*upgrade))};
  return std::nullopt;
}

Translated<ResponseHead> response_12(const RequestHead& asked, const FieldSection& sent, const FieldSection& answer,
                                     bool end_stream) {
  if (auto unfit = unfit_answer(sent, answer, end_stream)) return tl::unexpected(std::move(*unfit));
  const int status = *status_of(answer);
  if (const auto* protocol = h2::find(sent, ":protocol"); protocol && is_accept(Dialect::connect, answer, end_stream)) {
    return connect_switch_12(asked, *protocol, answer);
  }
  ResponseHead head{status, h1::reason_for(status), {}};
  // PXY-18; in a 426 RFC 9110 7.8 asks for both fields, too.
  if (const auto* value = h2::find(answer, ":upgrade")) {
    const auto offers = parse_offers(*value).value_or(std::vector<Offer>{});
    head.fields = {{"Upgrade", protocols_of(offers)}, {"Connection", connection_for(offers)}};
  }
  add_fields_12(answer, status < 200, head.fields);
  if (is_chunked(asked, status, answer, end_stream)) head.fields.push_back({"Transfer-Encoding", "chunked"});
  return head;
}

}  // namespace upspec
