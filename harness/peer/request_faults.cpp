// The faults of protocol.md section 3, and of section 5 where they are a matter of the request's fields.
#include <array>
#include <string>

#include "base/text.hpp"
#include "peer/block_forms.hpp"
#include "peer/section_edit.hpp"
#include "peer/server_faults.hpp"
#include "upgrade/attributes.hpp"
#include "upgrade/offer.hpp"

namespace upspec {

namespace {

using Case = RequestCase;
using Form = WrittenField::Form;

// REQ-01, REQ-04, REQ-05: only requests with `:upgrade`; dialect `connect` has ids of its own.
template <auto repair>
void for_upgrade(Case& c) {
  if (c.in(Dialect::upgrade)) repair(c.fields());
}

void take_method_as_get(h2::FieldSection& fields) { set_if_missing(fields, ":method", "GET"); }
void guess_scheme(h2::FieldSection& fields) { set_if_missing(fields, ":scheme", "http"); }
void guess_path(h2::FieldSection& fields) { set_if_missing(fields, ":path", "/echo"); }
void fill(h2::FieldSection& fields, std::string_view name, std::string value) {
  const auto* there = h2::find(fields, name);
  if (there && there->empty()) set(fields, name, std::move(value));
}
void fill_method(h2::FieldSection& fields) { fill(fields, ":method", "GET"); }
void fill_scheme(h2::FieldSection& fields) { fill(fields, ":scheme", "http"); }
void fill_path(h2::FieldSection& fields) { fill(fields, ":path", "/echo"); }
void first_method(h2::FieldSection& fields) { drop_later(fields, ":method"); }
void first_scheme(h2::FieldSection& fields) { drop_later(fields, ":scheme"); }
void first_path(h2::FieldSection& fields) { drop_later(fields, ":path"); }
void first_upgrade(h2::FieldSection& fields) { drop_later(fields, ":upgrade"); }
void early_upgrade(h2::FieldSection& fields) { bring_forward(fields, ":upgrade"); }

void drop_unknown_pseudo(h2::FieldSection& fields) {
  constexpr std::array<std::string_view, 6> known = {":method", ":scheme",  ":authority",
                                                     ":path",   ":upgrade", ":protocol"};
  std::erase_if(fields, [&](const h2::Field& field) {
    return field.name.starts_with(':') && std::ranges::find(known, field.name) == known.end();
  });
}

void want_authority(Case& c) {
  if (c.in(Dialect::upgrade) && !h2::find(c.fields(), ":authority")) c.forced = plain_answer(400);
}

// REQ-03

bool other_method(const Case& c) { return c.in(Dialect::upgrade) && c.request.method() != "GET"; }
void refuse_other_methods(Case& c) {
  if (other_method(c)) c.forced = reset_with(h2::ErrorCode::protocol_error);
}
void ignore_offer_of_other_methods(Case& c) {
  if (other_method(c)) drop(c.fields(), ":upgrade");
}
void refuse_methods_out_of_the_book(Case& c) {
  constexpr std::array<std::string_view, 8> book = {"GET",    "HEAD",    "POST",  "PUT",
                                                    "DELETE", "OPTIONS", "TRACE", "CONNECT"};
  if (c.in(Dialect::upgrade) && std::ranges::find(book, c.request.method()) == book.end()) c.forced = plain_answer(501);
}

void ignore_offer_of_head(Case& c) {
  if (c.request.method() == "HEAD") drop(c.fields(), ":upgrade");
}

// REQ-04
void take_connect_as_get(Case& c) {
  if (!c.in(Dialect::upgrade) || c.request.method() != "CONNECT") return;
  set(c.fields(), ":method", "GET");
  set_if_missing(c.fields(), ":scheme", "http");
  set_if_missing(c.fields(), ":path", "/echo");
  drop(c.fields(), ":protocol");
}

void take_connect_as_any_other(Case& c) {
  const auto* value = c.upgrade();
  if (value && equal_folded(*value, "upspec-echo") && c.request.method() == "CONNECT")
    set(c.fields(), ":method", "POST");
}

// REQ-05
template <const char* name>
void drop_field(h2::FieldSection& fields) {
  drop(fields, name);
}
constexpr char connection[] = "connection";
constexpr char upgrade[] = "upgrade";
constexpr char keep_alive[] = "keep-alive";
constexpr char proxy_connection[] = "proxy-connection";
constexpr char transfer_encoding[] = "transfer-encoding";
constexpr char te[] = "te";
void drop_empty_connection_fields(h2::FieldSection& fields) {
  std::erase_if(fields,
                [](const h2::Field& field) { return is_connection_specific(field.name) && field.value.empty(); });
}
void refuse_te(Case& c) {
  if (c.in(Dialect::upgrade) && h2::find(c.fields(), "te")) c.forced = plain_answer(400);
}

// REQ-09 to REQ-12

std::vector<Offer> offers(Case& c) {
  const auto* value = c.upgrade();
  return value ? parse_offers(*value).value_or(std::vector<Offer>{}) : std::vector<Offer>{};
}

bool only_unknown(Case& c) {
  const auto all = offers(c);
  return !all.empty() && std::ranges::none_of(all, [](const Offer& one) { return is_known_protocol(one.protocol); });
}

Decision accept_as(const std::string& protocol) {
  return {.kind = Decision::Kind::accept,
          .protocol = ChannelProtocol::upspec_echo,
          .fields = {{":status", "101"}, {":upgrade", protocol}}};
}

void mind_case(Case& c) {
  auto all = offers(c);
  for (auto& offer : all)
    if (!is_lower(offer.protocol)) offer.protocol = "x-unknown";
  if (!all.empty()) *c.upgrade() = print(all);
}
void refuse_capitals(Case& c) {
  for (const auto& offer : offers(c))
    if (!is_lower(offer.protocol)) c.forced = reset_with(h2::ErrorCode::protocol_error);
}
void refuse_lists(Case& c) {
  if (offers(c).size() > 1) c.forced = reset_with(h2::ErrorCode::protocol_error);
}
void accept_the_first(Case& c) {
  const auto all = offers(c);
  if (all.size() > 1 && !is_known_protocol(all.front().protocol)) c.forced = accept_as(all.front().protocol);
}
void accept_unknown(Case& c) {
  if (only_unknown(c)) c.forced = accept_as(offers(c).front().protocol);
}
void accept_unknown_as_websocket(Case& c) {
  if (only_unknown(c)) *c.upgrade() = "websocket";
}
template <int status>
void answer_unknown(Case& c) {
  if (only_unknown(c)) c.forced = plain_answer(status);
}
void refuse_unknown_ended(Case& c) {
  if (c.request.end_stream) answer_unknown<400>(c);
}
void refuse_unknown_with_content(Case& c) {
  const auto* length = h2::find(c.fields(), "content-length");
  if (length && *length != "0") answer_unknown<400>(c);
}
void overlook_version(Case& c) {
  auto all = offers(c);
  for (auto& offer : all) {
    const auto name = offer.protocol.substr(0, offer.protocol.find('/'));
    if (is_known_protocol(name)) offer.protocol = name;
  }
  if (!all.empty()) *c.upgrade() = print(all);
}
void ask_unknown_for_websocket(Case& c) {
  if (!only_unknown(c)) return;
  c.forced = plain_answer(426);
  set(c.forced->fields, ":upgrade", "websocket");
}
template <Decision::Kind kind, h2::ErrorCode code>
void end_unknown(Case& c) {
  if (only_unknown(c)) c.forced = Decision{.kind = kind, .code = code};
}
template <Decision::Kind kind>
void end_ended(Case& c) {
  if (c.request.end_stream && c.in(Dialect::upgrade)) c.forced = Decision{.kind = kind};
}

// REQ-13: the field that asks, written so, is not seen; or :scheme, which the static table has whole.

void overlook_needless_literal(Case& c) {
  const auto written = scan_block(c.seen.block).fields;
  for (std::size_t i = 0; i < std::min(written.size(), c.seen.fields.size()); ++i)
    if (c.seen.fields[i].name == ":scheme" && written[i].form == Form::incremental) drop(c.fields(), ":scheme");
}
template <bool (*is_so)(const WrittenField&)>
void overlook(Case& c) {
  const auto written = scan_block(c.seen.block).fields;
  for (std::size_t i = 0; i < std::min(written.size(), c.seen.fields.size()); ++i) {
    const auto& name = c.seen.fields[i].name;
    if ((name == ":upgrade" || name == ":protocol") && is_so(written[i])) drop(c.fields(), name);
  }
}
bool is_never_indexed(const WrittenField& field) { return field.form == Form::never_indexed; }
bool is_without_indexing(const WrittenField& field) { return field.form == Form::without_indexing; }
bool is_plain(const WrittenField& field) { return field.plain_value; }
bool is_dynamic(const WrittenField& field) { return field.form == Form::indexed && field.dynamic; }
bool is_dynamic_name(const WrittenField& field) { return field.form != Form::indexed && field.dynamic; }

void overlook_continued(Case& c) {
  if (c.seen.block_frames == 1) return;
  drop(c.fields(), ":upgrade");
  drop(c.fields(), ":protocol");
}
void overlook_padded(Case& c) {
  if (!c.seen.padded) return;
  drop(c.fields(), ":upgrade");
  drop(c.fields(), ":protocol");
}
void refuse_resizing(Case& c) {
  if (scan_block(c.seen.block).resizes_table) {
    c.forced = Decision{.kind = Decision::Kind::terminate, .code = h2::ErrorCode::compression_error};
  }
}

// Section 5

bool has_content(Case& c) {
  const auto* length = h2::find(c.fields(), "content-length");
  return c.in(Dialect::upgrade) && length && *length != "0";
}
template <Decision::Kind kind>
void end_content(Case& c) {
  if (has_content(c)) c.forced = Decision{.kind = kind};
}
void refuse_empty_content(Case& c) {
  const auto* length = h2::find(c.fields(), "content-length");
  if (c.in(Dialect::upgrade) && length && *length == "0") c.forced = reset_with(h2::ErrorCode::protocol_error);
}
void overlook_early_end(Case& c) {
  if (has_content(c) && c.request.end_stream) drop(c.fields(), "content-length");
}

bool is_number(std::string_view text) { return !text.empty() && text.find_first_not_of("0123456789") == text.npos; }
void first_length(Case& c) { drop_later(c.fields(), "content-length"); }
void last_length(Case& c) {
  while (h2::count(c.fields(), "content-length") > 1) {
    c.fields().erase(std::ranges::find(c.fields(), "content-length", &h2::Field::name));
  }
}
void drop_odd_length(Case& c) {
  const auto* length = h2::find(c.fields(), "content-length");
  if (length && !is_number(*length)) drop(c.fields(), "content-length");
}
void read_signed_length(Case& c) {
  const auto* length = h2::find(c.fields(), "content-length");
  if (length && length->starts_with('+')) set(c.fields(), "content-length", length->substr(1));
}
void read_first_of_list(Case& c) {
  const auto* length = h2::find(c.fields(), "content-length");
  if (length && length->find(',') != length->npos)
    set(c.fields(), "content-length", length->substr(0, length->find(',')));
}
void wrap_long_length(Case& c) {
  const auto* length = h2::find(c.fields(), "content-length");
  if (length && is_number(*length) && !to_number(*length)) set(c.fields(), "content-length", "0");
}

void wrap_length(Case& c) {
  const auto* length = h2::find(c.fields(), "content-length");
  if (!length || !is_number(*length) || to_number(*length)) return;
  std::uint64_t wrapped = 0;
  for (const char digit : *length) wrapped = wrapped * 10 + static_cast<std::uint64_t>(digit - '0');
  set(c.fields(), "content-length", cat(wrapped));
}
void skip_space_in_length(Case& c) {
  for (auto& field : c.fields())
    if (field.name == "content-length") std::erase(field.value, ' ');
}

// NEG-05, XC-07: a server that announced nothing (server_hooks in reference_server.cpp) and does not mind.
void overlook_upgrade(Case& c) { drop(c.fields(), ":upgrade"); }
void overlook_protocol(Case& c) {
  if (h2::find(c.fields(), ":protocol")) c.forced = plain_answer(200);
}

using enum Decision::Kind;
using enum h2::ErrorCode;

constexpr std::array rows = {
    RequestFault{"NEG-05", overlook_upgrade},
    RequestFault{"XC-07/unannounced", overlook_protocol},
    RequestFault{"REQ-01/no-method", for_upgrade<take_method_as_get>},
    RequestFault{"REQ-01/no-scheme", for_upgrade<guess_scheme>},
    RequestFault{"REQ-01/no-path", for_upgrade<guess_path>},
    RequestFault{"REQ-01/empty-method", for_upgrade<fill_method>},
    RequestFault{"REQ-01/empty-scheme", for_upgrade<fill_scheme>},
    RequestFault{"REQ-01/empty-path", for_upgrade<fill_path>},
    RequestFault{"REQ-01/two-methods", for_upgrade<first_method>},
    RequestFault{"REQ-01/two-schemes", for_upgrade<first_scheme>},
    RequestFault{"REQ-01/two-paths", for_upgrade<first_path>},
    RequestFault{"REQ-01/two-upgrades", for_upgrade<first_upgrade>},
    RequestFault{"REQ-01/unknown-pseudo", for_upgrade<drop_unknown_pseudo>},
    RequestFault{"REQ-01/authority-wanted", want_authority},
    RequestFault{"REQ-02", for_upgrade<early_upgrade>},
    RequestFault{"REQ-03/malformed", refuse_other_methods},
    RequestFault{"REQ-03/ignored", ignore_offer_of_other_methods},
    RequestFault{"REQ-03/unknown-method", refuse_methods_out_of_the_book},
    RequestFault{"REQ-03/head", ignore_offer_of_head},
    RequestFault{"REQ-04", take_connect_as_get},
    RequestFault{"REQ-04/any-method", take_connect_as_any_other},
    RequestFault{"REQ-05/connection", for_upgrade<drop_field<connection>>},
    RequestFault{"REQ-05/upgrade", for_upgrade<drop_field<upgrade>>},
    RequestFault{"REQ-05/keep-alive", for_upgrade<drop_field<keep_alive>>},
    RequestFault{"REQ-05/proxy-connection", for_upgrade<drop_field<proxy_connection>>},
    RequestFault{"REQ-05/transfer-encoding", for_upgrade<drop_field<transfer_encoding>>},
    RequestFault{"REQ-05/te", for_upgrade<drop_field<te>>},
    RequestFault{"REQ-05/te-trailers-refused", refuse_te},
    RequestFault{"REQ-05/empty", for_upgrade<drop_empty_connection_fields>},
    RequestFault{"REQ-09/unknown", mind_case},
    RequestFault{"REQ-09/malformed", refuse_capitals},
    RequestFault{"REQ-10/malformed", refuse_lists},
    RequestFault{"REQ-10/first-accepted", accept_the_first},
    RequestFault{"REQ-11/accepted", accept_unknown},
    RequestFault{"REQ-11/as-websocket", accept_unknown_as_websocket},
    RequestFault{"REQ-11/reset", end_unknown<reset, refused_stream>},
    RequestFault{"REQ-11/malformed", end_unknown<reset, protocol_error>},
    RequestFault{"REQ-11/goaway", end_unknown<terminate, protocol_error>},
    RequestFault{"REQ-11/silence", end_unknown<silence, no_error>},
    RequestFault{"REQ-11/400", answer_unknown<400>},
    RequestFault{"REQ-11/426", ask_unknown_for_websocket},
    RequestFault{"REQ-11/ended", refuse_unknown_ended},
    RequestFault{"REQ-11/content", refuse_unknown_with_content},
    RequestFault{"REQ-11/version", overlook_version},
    RequestFault{"REQ-12/reset", end_ended<reset>},
    RequestFault{"REQ-12/silence", end_ended<silence>},
    RequestFault{"REQ-13/never-indexed", overlook<is_never_indexed>},
    RequestFault{"REQ-13/needless-literal", overlook_needless_literal},
    RequestFault{"REQ-13/without-indexing", overlook<is_without_indexing>},
    RequestFault{"REQ-13/plain", overlook<is_plain>},
    RequestFault{"REQ-13/dynamic", overlook<is_dynamic>},
    RequestFault{"REQ-13/dynamic-name", overlook<is_dynamic_name>},
    RequestFault{"REQ-13/continuation", overlook_continued},
    RequestFault{"REQ-13/padded", overlook_padded},
    RequestFault{"REQ-13/table-size", refuse_resizing},
    RequestFault{"BODY-01/malformed", end_content<reset>},
    RequestFault{"BODY-01/silence", end_content<silence>},
    RequestFault{"BODY-02/zero", refuse_empty_content},
    RequestFault{"BODY-07/headers", overlook_early_end},
    RequestFault{"BODY-08/not-a-number", drop_odd_length},
    RequestFault{"BODY-08/sign", read_signed_length},
    RequestFault{"BODY-08/list", read_first_of_list},
    RequestFault{"BODY-08/huge", wrap_long_length},
    RequestFault{"BODY-08/wraps", wrap_length},
    RequestFault{"BODY-08/inner-space", skip_space_in_length},
    RequestFault{"BODY-08/first", first_length},
    RequestFault{"BODY-08/last", last_length},
};

}  // namespace

std::span<const RequestFault> request_faults() { return rows; }

}  // namespace upspec
